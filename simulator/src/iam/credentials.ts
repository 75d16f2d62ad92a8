// All access keys, with their owners and expiry.

import { randomBytes } from "node:crypto";
import { AwsError, type Principal, type SimulatorClock, type WireRequest } from "../contract.ts";
import type { RoleSession } from "./iam.ts";
import { iamArn } from "./partitions.ts";
import { parseSignature, requireCurrent, verifySignature } from "./sigv4.ts";

interface AccessKey {
  readonly principal: Principal;
  /** As in GetCallerIdentity: the account for root keys, `AROA…:session` for a role session. */
  readonly userId: string;
  readonly secretAccessKey: string;
  /** Role sessions only. */
  readonly sessionToken?: string;
  /** Simulated time, milliseconds; absent: never. */
  readonly expiresAt?: number;
  /** Role sessions only: what IAM checks. */
  readonly role?: RoleSession & { readonly roleArn: string };
}

export interface Credentials {
  /** Adds a long-lived key that may do everything. The pair `test` / `test` always exists. */
  put(accessKeyId: string, secretAccessKey: string): void;
  /** Creates keys for a role session. */
  issue(session: {
    readonly arn: string;
    readonly userId: string;
    readonly expiresAt: number;
    readonly role?: RoleSession & { readonly roleArn: string };
  }): AccessKey & { readonly sessionToken: string };
  find(accessKeyId: string): AccessKey | undefined;
  /** Who signed this request; throws AWS's error for an unknown signer. */
  /** `region`: the one that the call was made to. Default: that of the simulator. */
  authenticate(request: WireRequest, body: Uint8Array, service: string, region?: string): Principal;
  /** Every secret issued so far: no log, file or argument list of the action may contain one. */
  secrets(): readonly string[];
}

export function createCredentials(options: {
  readonly clock: SimulatorClock;
  readonly accountId: string;
  readonly region: string;
  /** The clock for checking signatures. Default: their time is not checked. */
  readonly wallClock?: (() => number) | undefined;
}): Credentials {
  const { clock, accountId, region, wallClock } = options;
  const keys = new Map<string, AccessKey>();
  const add = (key: AccessKey) => keys.set(key.principal.accessKeyId, key);

  const put = (accessKeyId: string, secretAccessKey: string) => {
    const principal = { accountId, arn: iamArn(options, "root"), accessKeyId };
    add({ principal, userId: accountId, secretAccessKey });
  };
  put("test", "test");

  return {
    put,
    find: (accessKeyId) => keys.get(accessKeyId),
    issue({ arn, userId, expiresAt, role }) {
      const accessKeyId = uniqueId("ASIA");
      const key = {
        principal: { accountId, arn, accessKeyId },
        userId,
        secretAccessKey: randomBytes(30).toString("base64"),
        sessionToken: randomBytes(240).toString("base64"),
        expiresAt,
        ...(role && { role }),
      };
      add(key);
      return key;
    },
    authenticate(request, body, service, calledRegion = region) {
      const signature = parseSignature(request.headers);
      if (wallClock) requireCurrent(signature, wallClock());
      const key = keys.get(signature.accessKeyId);
      if (!key || key.sessionToken !== request.headers["x-amz-security-token"]) {
        throw new AwsError(
          "UnrecognizedClientException",
          "The security token included in the request is invalid.",
        );
      }
      if (key.expiresAt !== undefined && key.expiresAt <= clock.now()) {
        throw new AwsError(
          "ExpiredTokenException",
          "The security token included in the request is expired",
        );
      }
      const secret = key.secretAccessKey;
      verifySignature(request, body, signature, { secret, region: calledRegion, service });
      return key.principal;
    },
    secrets() {
      const issued = [...keys.values()].filter((key) => key.sessionToken !== undefined);
      return issued.flatMap((key) => [key.secretAccessKey, key.sessionToken ?? ""]);
    },
  };
}

/**
 * `ASIA` for temporary access keys:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
function uniqueId(prefix: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return prefix + [...randomBytes(16)].map((byte) => alphabet[byte % 32]).join("");
}
