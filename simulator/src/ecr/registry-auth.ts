// Authentication at the registry: Basic `AWS:<password>` from GetAuthorizationToken.

import type { Principal, WireRequest, WireResponse } from "../contract.ts";
import { errorResponse, RegistryError, respond } from "./registry-responses.ts";
import type { RegistryState } from "./store.ts";

/**
 * The caller, or the response that denies access: 401 without a known password, as in ECR's
 * challenge; 403 for an expired password.
 */
export function authenticate(
  room: RegistryState,
  request: WireRequest,
  host: string,
): Principal | WireResponse {
  const credential = room.tokens.check(request.headers.authorization);
  switch (credential.kind) {
    case "good":
      return credential.principal;
    case "expired":
      return errorResponse(
        new RegistryError(
          403,
          "DENIED",
          "Your authorization token has expired. Reauthenticate and try again.",
        ),
      );
    case "bad":
      return respond(
        401,
        {
          "www-authenticate": `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
          "content-type": "text/plain; charset=utf-8",
        },
        "Not Authorized\n",
      );
  }
}

/**
 * The registry needs the same IAM actions as the API:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export function requirePermission(
  room: RegistryState,
  principal: Principal,
  action: string,
  resourceArn: string,
): void {
  const refusal = room.authorize?.(principal, action, resourceArn);
  if (refusal !== undefined) throw new RegistryError(403, "DENIED", refusal);
}
