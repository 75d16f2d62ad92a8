// Problems between this runner and AWS when no response of AWS arrives: a TLS certificate that is
// not trusted, a wrong clock, a proxy's page.

import type { DeployErrorDetails } from "../errors.ts";

/** An error of the SDK, of Node or of our own, as far as it matters here. */
export interface TransportFailure {
  readonly name: string;
  readonly message: string;
  /** Node's: `ECONNRESET`. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  /** Of the response that could not be read. */
  readonly contentType?: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes,
 * https://nodejs.org/api/errors.html#openssl-error-codes
 */
const tlsCauses: readonly (readonly [code: RegExp, cause: string, cure: string])[] = [
  [
    /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    "the certificate is not valid at this time",
    "The certificate has run out, or the clock of this runner is wrong (compare `date -u`).",
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    "the certificate is that of another host",
    "The DNS, HTTPS_PROXY or AWS_ENDPOINT_URL leads to another server than the one that was " +
      "asked for.",
  ],
  [
    /^(EPROTO|ERR_SSL_\w+)$/,
    "what answers does not speak TLS as this runner does",
    "Perhaps it is a port for plain HTTP, or a proxy that breaks TLS off: check HTTPS_PROXY " +
      "and AWS_ENDPOINT_URL.",
  ],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_\w+|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/,
    "the certificate is not of an authority that this runner trusts",
    "A proxy or firewall of this network answers with a certificate of its own. Save its CA " +
      "certificate in a file on the runner and set NODE_EXTRA_CA_CERTS to that file's path, in " +
      "the job's `env:` or the runner's; or let the connection past the proxy (NO_PROXY).",
  ],
];

/**
 * undefined: it is not a TLS error.
 * @param call the request: `ecs:UpdateService`, `the registry ghcr.io`
 */
export function tlsErrorDetails(
  call: string,
  { code = "", message }: TransportFailure,
): DeployErrorDetails | undefined {
  const known = tlsCauses.find(([codes]) => codes.test(code));
  if (!known) return undefined;
  const [, cause, cure] = known;
  // OpenSSL's own sentence begins with a number and file names of its source.
  const opensslReason = message.match(/SSL routines:[^:]*:([^:]+)/)?.[1] ?? message;
  return {
    code: "TlsFailed",
    message: `${call}: no secure connection, because ${cause} (${code}: ${opensslReason.trim()}).`,
    hint: cure,
  };
}

/**
 * Names under which AWS denies a request because of its time. The last two also stand for wrong
 * keys.
 */
const clockNames = new Set(["RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"]);
const clockSentence = /Signature (expired|not yet current)|time too skewed/i;

export function isClockError({ name, message }: TransportFailure): boolean {
  return clockNames.has(name) || clockSentence.test(message);
}

/** undefined: the clock is not the reason. */
export function clockErrorDetails(
  call: string,
  failure: TransportFailure,
): DeployErrorDetails | undefined {
  if (!isClockError(failure)) return undefined;
  const offset = describeClockOffset(clockOffsetMinutes(failure.message));
  return {
    code: "ClockSkewed",
    message:
      `The clock of this runner is ${offset}: AWS refuses what is signed at a wrong time (${call}: ` +
      `${failure.name}).`,
    hint:
      "Set the clock of this machine, and let it follow a time server (chrony, " +
      "systemd-timesyncd, w32tm).",
  };
}

function describeClockOffset(minutes: number | undefined): string {
  if (minutes === undefined) return "not that of AWS";
  return `${Math.abs(minutes)} min ${minutes > 0 ? "fast" : "slow"}`;
}

/**
 * `Signature expired: 20261127T220000Z is now earlier than 20261127T221500Z (20261127T222000Z - 5
 * min.)`: our time, and AWS's.
 */
function clockOffsetMinutes(message: string): number | undefined {
  const [localTime, awsTime] = [
    message.match(/\d{8}T\d{6}Z/)?.[0],
    message.match(/\((\d{8}T\d{6}Z)/)?.[1],
  ];
  if (localTime === undefined || awsTime === undefined) return undefined;
  return Math.round((parseBasicTime(localTime) - parseBasicTime(awsTime)) / 60_000);
}

function parseBasicTime(basic: string): number {
  return Date.parse(basic.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
}

/**
 * The response is not from AWS: a page where XML or JSON was expected, or only a part of it.
 * `Unknown` is the SDK's name for an error without one; AWS's errors always have one.
 */
export function isMalformedResponse({ name, message }: TransportFailure): boolean {
  return (
    ["MalformedResponse", "SyntaxError", "Unknown", "UnknownError"].includes(name) ||
    message.includes("Deserialization error: to see the raw response")
  );
}

export function malformedResponseDetails(
  call: string,
  failure: TransportFailure,
): DeployErrorDetails {
  const { name, message, status, contentType } = failure;
  const isPage =
    /html|text\/plain/.test(contentType ?? "") || (status !== undefined && status >= 300);
  const facts = [status !== undefined && `HTTP ${status}`, contentType].filter(Boolean).join(", ");
  const quotedFacts = facts === "" ? "" : ` (${facts})`;
  const defaultReason =
    name === "MalformedResponse" ? message : "the answer is incomplete, or not that of an API";
  const reason = isPage ? "the answer is a page, not that of an API" : defaultReason;
  return {
    code: "AwsUnavailable",
    message: `${call} still failed after several attempts: ${reason}${quotedFacts}.`,
    hint:
      "A proxy, a firewall or a login page (captive portal) of this network may answer in its " +
      "place: check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL, and whether this machine must " +
      "sign in to its network. Or the service itself does not work at the moment: run the job " +
      "again later. An image that was pushed is used again.",
  };
}
