// S3's own protocol: method and path determine the operation (path style only), responses and
// errors are XML, an object is the body itself.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTErrorResponses.html

import { AwsError, type WireRequest, type WireResponse } from "../contract.ts";
import type { ObjectList, StoredObject } from "../s3/s3.ts";
import { type Protocol, xmlElement } from "./protocols.ts";

interface S3Request {
  readonly operation: string;
  readonly protocol: Protocol;
  read(): unknown;
}

/**
 * Whether the caller signed for S3: nothing else distinguishes S3's paths from those of other
 * services.
 */
export function isForS3({ headers }: WireRequest): boolean {
  return /\bCredential=[^/]+\/\d{8}\/[^/]+\/s3\//.test(headers["authorization"] ?? "");
}

export function s3Request(request: WireRequest, body: Uint8Array): S3Request {
  const { method, headers } = request;
  const { pathname, searchParams } = new URL(request.path, "http://s3");
  const [, bucket = "", path = ""] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
  const operation = operationOf(method, path === "", searchParams);
  const input = {
    Bucket: bucket,
    ...(path !== "" && { Key: decodeURIComponent(path) }),
    ...given({
      Prefix: searchParams.get("prefix"),
      MaxKeys: searchParams.get("max-keys"),
      ContinuationToken: searchParams.get("continuation-token"),
      Range: headers["range"],
      IfNoneMatch: headers["if-none-match"],
      ContentType: headers["content-type"],
      ChecksumSHA256: headers["x-amz-checksum-sha256"],
    }),
    ...(method === "PUT" && { Body: Buffer.from(body) }),
  };
  return {
    operation,
    protocol: s3Protocol(method, headers["range"]),
    read() {
      if (headers["content-encoding"]?.includes("aws-chunked"))
        throw notSimulated("a body in signed chunks");
      return input;
    },
  };
}

function given(
  members: Readonly<Record<string, string | null | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value == null ? [] : [[name, value]])),
  );
}

/** A query parameter (`?location`) means another operation, and none of those is simulated. */
function operationOf(method: string, isBucket: boolean, query: URLSearchParams): string {
  const plain = [...query.keys()].every((name) => name === "x-id");
  if (isBucket) {
    const known = ["list-type", "prefix", "max-keys", "continuation-token", "x-id"];
    const lists =
      query.get("list-type") === "2" && [...query.keys()].every((name) => known.includes(name));
    return method === "GET" && lists
      ? "ListObjectsV2"
      : `${method} bucket?${[...query.keys()].join("&")}`;
  }
  const operations = {
    GET: "GetObject",
    HEAD: "HeadObject",
    PUT: "PutObject",
    DELETE: "DeleteObject",
  };
  const operation = operations[method as keyof typeof operations];
  return plain && operation ? operation : `${method} object?${[...query.keys()].join("&")}`;
}

/** S3 has its own names for errors before an operation runs. */
const names: Readonly<Record<string, readonly [name: string, status: number]>> = {
  UnknownOperationException: ["NotImplemented", 501],
  UnrecognizedClientException: ["InvalidAccessKeyId", 403],
  ExpiredTokenException: ["ExpiredToken", 400],
  InvalidSignatureException: ["SignatureDoesNotMatch", 403],
  IncompleteSignatureException: ["AuthorizationHeaderMalformed", 400],
  AccessDeniedException: ["AccessDenied", 403],
  InternalFailure: ["InternalError", 500],
};

function s3Protocol(method: string, range: string | undefined): Protocol {
  return {
    named(error) {
      const [name, status] = names[error.name] ?? [error.name, error.status];
      return new AwsError(
        name,
        name === "AccessDenied" ? withQuotedResource(error.message) : error.message,
        status,
      );
    },
    answer(operation, output, requestId) {
      const ids = { "x-amz-request-id": requestId };
      switch (operation) {
        case "ListObjectsV2":
          return xml(200, listing(output as ObjectList), ids);
        case "GetObject":
        case "HeadObject":
          return objectAnswer(output as StoredObject, operation, range, ids);
        case "PutObject":
          return {
            status: 200,
            headers: { ...ids, etag: (output as StoredObject).etag },
            body: "",
          };
        default:
          return { status: 204, headers: ids, body: "" };
      }
    },
    refuse({ name, message, status }, requestId) {
      const ids = { "x-amz-request-id": requestId };
      // A response to HEAD has no body, so not even the error's name arrives.
      if (method === "HEAD") return { status, headers: ids, body: "" };
      return xml(
        status,
        xmlElement("Error", { Code: name, Message: message, RequestId: requestId }),
        ids,
      );
    },
  };
}

/** Only S3 puts the ARN in quotes. */
function withQuotedResource(message: string): string {
  return message.replace(/(on resource: )(\S+)/, '$1"$2"');
}

function objectAnswer(
  { body, contentType, etag, lastModified }: StoredObject,
  operation: string,
  range: string | undefined,
  ids: Readonly<Record<string, string>>,
): WireResponse {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  const [from, to] = [
    Number(first ?? 0),
    Math.min(Number(last || Number.POSITIVE_INFINITY), body.length - 1),
  ];
  if (first !== undefined && from >= body.length)
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  const part = first === undefined ? body : body.subarray(from, to + 1);
  return {
    status: first === undefined ? 200 : 206,
    headers: {
      ...ids,
      "content-type": contentType,
      "content-length": String(part.length),
      "accept-ranges": "bytes",
      etag,
      "last-modified": lastModified.toUTCString(),
      ...(first !== undefined && { "content-range": `bytes ${from}-${to}/${body.length}` }),
      // every object has it:
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
      "x-amz-server-side-encryption": "AES256",
    },
    body: operation === "HeadObject" ? "" : part,
  };
}

function listing({ Name, Prefix, MaxKeys, Contents, NextContinuationToken }: ObjectList): string {
  const members = Contents.map(({ key, size, etag, lastModified }) =>
    xmlElement("Contents", {
      Key: key,
      LastModified: lastModified,
      ETag: etag,
      Size: size,
      StorageClass: "STANDARD",
    }),
  );
  const head = {
    Name,
    Prefix,
    KeyCount: Contents.length,
    MaxKeys,
    IsTruncated: NextContinuationToken !== undefined,
  };
  const whole = Object.entries({ ...head, NextContinuationToken }).map(([name, value]) =>
    xmlElement(name, value),
  );
  return (
    "<ListBucketResult " +
    `xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${[...whole, ...members].join("")}</ListBucketResult>`
  );
}

function xml(
  status: number,
  element: string,
  headers: Readonly<Record<string, string>>,
): WireResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${element}`;
  return { status, headers: { "content-type": "application/xml", ...headers }, body };
}

function notSimulated(what: string): AwsError {
  return new AwsError("NotImplemented", `The simulator's S3 does not play ${what}.`, 501);
}
