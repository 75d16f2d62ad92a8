// Responses of the registry protocol, and its errors.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes

import type { WireResponse } from "../contract.ts";

/**
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#legacy-docker-support-http-headers
 */
const apiVersionHeader = { "docker-distribution-api-version": "registry/2.0" };

export class RegistryError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: unknown;
  constructor(status: number, code: string, message: string, detail?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

export function respond(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: WireResponse["body"] = "",
): WireResponse {
  // A 204 has no length (RFC 9110, 8.6).
  const length =
    typeof body === "string" && status !== 204
      ? { "content-length": String(Buffer.byteLength(body)) }
      : {};
  return { status, headers: { ...apiVersionHeader, ...length, ...headers }, body };
}

export function errorResponse({ status, code, message, detail }: RegistryError): WireResponse {
  const error = { code, message, ...(detail !== undefined && { detail }) };
  return respond(
    status,
    { "content-type": "application/json; charset=utf-8" },
    JSON.stringify({ errors: [error] }),
  );
}
