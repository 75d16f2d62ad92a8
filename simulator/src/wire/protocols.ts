// The format of inputs and responses on the wire. Pure.
// awsJson1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
// awsQuery:   https://smithy.io/2.0/aws/protocols/aws-query-protocol.html

import { AwsError, type WireResponse } from "../contract.ts";

/** One format for an operation's response, or its error. */
export interface Protocol {
  /** The error under this protocol's name for it. */
  named(error: AwsError): AwsError;
  answer(operation: string, output: unknown, requestId: string): WireResponse;
  refuse(error: AwsError, requestId: string): WireResponse;
}

export const awsJson: Protocol = {
  named: (error) => error,
  answer: (_operation, output, requestId) => json(200, toJson(output ?? {}), requestId),
  refuse: ({ name, message, status }, requestId) =>
    json(status, toJson({ __type: name, message }), requestId, { "x-amzn-errortype": name }),
};

export function parseJsonInput(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new AwsError("SerializationException", "The request body is not JSON."), {
      cause,
    });
  }
}

/** A Date becomes epoch seconds with a fraction; undefined members are not sent. */
function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, seen) {
    const raw = this[key];
    return raw instanceof Date ? raw.getTime() / 1000 : seen;
  });
}

function json(
  status: number,
  body: string,
  requestId: string,
  more: Record<string, string> = {},
): WireResponse {
  return {
    status,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": requestId,
      ...more,
    },
    body,
  };
}

/**
 * The Query services' own names for errors before an operation runs, with STS's status for each.
 */
const queryErrors: Readonly<Record<string, readonly [name: string, status: number]>> = {
  UnknownOperationException: ["InvalidAction", 400],
  MissingAuthenticationTokenException: ["MissingAuthenticationToken", 403],
  UnrecognizedClientException: ["InvalidClientTokenId", 403],
  InvalidSignatureException: ["SignatureDoesNotMatch", 403],
  AccessDeniedException: ["AccessDenied", 403],
  IncompleteSignatureException: ["IncompleteSignature", 400],
};

/**
 * `namespace` is the service's XML namespace, for STS `https://sts.amazonaws.com/doc/2011-06-15/`.
 */
export function awsQuery(namespace: string): Protocol {
  return {
    named(error) {
      const [name, status] = queryErrors[error.name] ?? [error.name, error.status];
      return new AwsError(name, error.message, status);
    },
    answer(operation, output, requestId) {
      const result = xmlElement(`${operation}Result`, output ?? {});
      const metadata = xmlElement("ResponseMetadata", { RequestId: requestId });
      return xml(
        200,
        `<${operation}Response xmlns="${namespace}">${result}${metadata}</${operation}Response>`,
        requestId,
      );
    },
    refuse({ name, message, status }, requestId) {
      const Type = status >= 500 ? "Receiver" : "Sender";
      const body =
        xmlElement("Error", { Type, Code: name, Message: message }) +
        xmlElement("RequestId", requestId);
      return xml(status, `<ErrorResponse xmlns="${namespace}">${body}</ErrorResponse>`, requestId);
    },
  };
}

interface Tree {
  [name: string]: string | Tree;
}

/** `PolicyArns.member.1.arn=x` → `{ PolicyArns: [{ arn: "x" }] }`. Every value stays text. */
export function parseQueryInput(body: Uint8Array): Readonly<Record<string, unknown>> {
  const root: Tree = Object.create(null);
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString())) {
    const path = name.split(".");
    path.slice(0, -1).reduce(branch, root)[path.at(-1) ?? name] = value;
  }
  return lists(root) as Readonly<Record<string, unknown>>;
}

function branch(node: Tree, name: string): Tree {
  const there = node[name];
  if (typeof there === "object") return there;
  const made: Tree = Object.create(null);
  node[name] = made;
  return made;
}

function lists(node: string | Tree): unknown {
  if (typeof node === "string") return node;
  const members = Object.entries(node);
  const [only] = members;
  if (members.length === 1 && only?.[0] === "member") return Object.values(only[1]).map(lists);
  return Object.fromEntries(members.map(([name, value]) => [name, lists(value)]));
}

export function xmlElement(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (Array.isArray(value)) return value.map((member) => xmlElement("member", member)).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, member]) => xmlElement(name, member))
      .join("");
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function xml(status: number, body: string, requestId: string): WireResponse {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}
