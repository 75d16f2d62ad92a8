// Checks signatures of Signature Version 4.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac } from "node:crypto";
import { AwsError, type WireRequest } from "../contract.ts";

/** The contents of the Authorization header. */
interface Signature {
  readonly accessKeyId: string;
  /** `20261123`, the day in the credential scope. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /**
   * `20261123T090000Z`. The caller signs with the system clock, the simulator has its own:
   * `requireCurrent` compares the two.
   */
  readonly time: string;
}

const authorizationPattern =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

export function parseSignature(headers: WireRequest["headers"]): Signature {
  const authorization = headers["authorization"];
  if (!authorization)
    throw new AwsError(
      "MissingAuthenticationTokenException",
      "Request is missing Authentication Token",
    );
  const match = authorizationPattern.exec(authorization.trim());
  if (!match)
    throw incomplete("Authorization header is not a complete AWS4-HMAC-SHA256 signature.");
  const [
    ,
    accessKeyId = "",
    day = "",
    region = "",
    service = "",
    signedHeaders = "",
    signature = "",
  ] = match;
  const time = headers["x-amz-date"] ?? "";
  if (!/^\d{8}T\d{6}Z$/.test(time))
    throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${time}'.`);
  if (!time.startsWith(day)) {
    throw mismatch(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from " +
        `HTTP: '${day}' != '${time.slice(0, 8)}'.`,
    );
  }
  return {
    accessKeyId,
    day,
    region,
    service,
    signedHeaders: signedHeaders.split(";"),
    signature,
    time,
  };
}

/**
 * The service that a request is signed for, by its signing name; undefined without a complete
 * signature.
 */
export function signedService(headers: WireRequest["headers"]): string | undefined {
  return authorizationPattern.exec(headers["authorization"]?.trim() ?? "")?.[4];
}

/** The region that a request is signed for; undefined without a complete signature. */
export function signedRegion(headers: WireRequest["headers"]): string | undefined {
  return authorizationPattern.exec(headers["authorization"]?.trim() ?? "")?.[3];
}

/**
 * Five minutes in both directions.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function requireCurrent({ time }: Pick<Signature, "time">, now: number): void {
  const signedAt = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  const [earliest, latest] = [now - 300_000, now + 300_000];
  if (signedAt < earliest)
    throw mismatch(
      `Signature expired: ${time} is now earlier than ${basic(earliest)} (${basic(now)} - 5 min.)`,
    );
  if (signedAt > latest)
    throw mismatch(
      `Signature not yet current: ${time} is still later than ${basic(latest)} (${basic(now)} ` +
        "+ 5 min.)",
    );
}

/** `20261123T090000Z` */
function basic(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
}

/**
 * Refuses a request that was not signed with `secret` over exactly what arrived, for this region
 * and service.
 */
export function verifySignature(
  request: Pick<WireRequest, "method" | "path" | "headers">,
  body: Uint8Array,
  claimed: Signature,
  expected: { readonly secret: string; readonly region: string; readonly service: string },
): void {
  if (claimed.region !== expected.region)
    throw mismatch(`Credential should be scoped to a valid region, not '${claimed.region}'.`);
  if (claimed.service !== expected.service)
    throw mismatch(`Credential should be scoped to correct service: '${expected.service}'.`);
  if (!claimed.signedHeaders.includes("host"))
    throw mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  const scope = `${claimed.day}/${claimed.region}/${claimed.service}/aws4_request`;
  const canonical = canonicalRequest(request, body, claimed);
  const stringToSign = ["AWS4-HMAC-SHA256", claimed.time, scope, sha256(canonical)].join("\n");
  const key = ["aws4_request", claimed.service, claimed.region, claimed.day].reduceRight<
    string | Uint8Array
  >(
    (signingKey, part) => createHmac("sha256", signingKey).update(part).digest(),
    `AWS4${expected.secret}`,
  );
  if (createHmac("sha256", key).update(stringToSign).digest("hex") !== claimed.signature) {
    throw mismatch(
      "The request signature we calculated does not match the signature you provided. " +
        "Check your AWS Secret Access Key and signing method. Consult the service " +
        "documentation for details.",
    );
  }
}

function canonicalRequest(
  request: Pick<WireRequest, "method" | "path" | "headers">,
  body: Uint8Array,
  { service, signedHeaders }: Signature,
): string {
  const question = request.path.indexOf("?");
  const path = question < 0 ? request.path : request.path.slice(0, question);
  const query = question < 0 ? "" : request.path.slice(question + 1);
  const headers = signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`,
  );
  return [
    request.method,
    // All services except S3 encode the already encoded path once more.
    service === "s3" ? path : path.split("/").map(encode).join("/"),
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    request.headers["x-amz-content-sha256"] === "UNSIGNED-PAYLOAD"
      ? "UNSIGNED-PAYLOAD"
      : sha256(body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query.replaceAll("+", "%2B"))].map(
    ([name, value]) => `${encode(name)}=${encode(value)}`,
  );
  return pairs.sort().join("&");
}

/** RFC 3986: only A–Z a–z 0–9 - . _ ~ are not encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function incomplete(message: string): AwsError {
  return new AwsError("IncompleteSignatureException", message);
}

function mismatch(message: string): AwsError {
  return new AwsError("InvalidSignatureException", message, 403);
}
