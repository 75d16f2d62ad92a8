// Why a request got no HTTP answer, in a few words, PURE.
// https://nodejs.org/api/errors.html#common-system-errors
// https://nodejs.org/api/tls.html#x509-certificate-error-codes

import { messageOf } from "../errors.ts";
import { sanitizeLine } from "../text/sanitize.ts";

const reasons: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^ECONNREFUSED$/, "connection refused"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED)$/, "connection closed without an answer"],
  [/^ENOTFOUND$/, "the DNS does not know the host"],
  [/^EAI_AGAIN$/, "the DNS gives no answer"],
  [/^ETIMEDOUT$/, "the host does not accept the connection"],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, "no route to the host"],
  [/^CERT_HAS_EXPIRED$/, "the TLS certificate has expired"],
  [/^CERT_NOT_YET_VALID$/, "the TLS certificate is not valid yet"],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, "the TLS certificate is self-signed"],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    "the TLS certificate is that of another host",
  ],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|INVALID_CA)$/,
    "the TLS certificate is not of an authority that this runner trusts",
  ],
  [/^(EPROTO|ERR_SSL_\w+)$/, "no TLS connection: the port does not speak TLS as this runner does"],
  [/^HPE_/, "what answers is not HTTP"],
];

/** @param error what the probe rejected with */
export function describeMissingAnswer(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return error.message;
  const { code = "" } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const known = reasons.find(([codes]) => codes.test(code));
  if (known) return known[1];
  return sanitizeLine(messageOf(error)) || code;
}
