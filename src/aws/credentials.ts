// OIDC token → role session. Credentials stay in this process only, and are renewed with a new
// token before they expire.

import { AssumeRoleWithWebIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../clock.ts";
import { parseArn } from "../ecs/arn.ts";
import { DeployError } from "../errors.ts";
import { definedOnly, type JsonObject, stringOf } from "../json.ts";
import { codeBlock } from "../text/code-block.ts";
import { isAccessDenied, isAwsError, MalformedResponse, quoteAws } from "./aws-errors.ts";
import type { Call } from "./call.ts";
import { decodeClaims } from "./id-token.ts";

export interface Role {
  readonly arn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly inlinePolicy?: string | undefined;
  readonly managedPolicies: readonly string[];
  /** Audiences to request tokens for, in this order, until STS accepts one. Never empty. */
  readonly audiences: readonly string[];
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface RoleSession {
  /**
   * The current credentials, or new ones when those are about to expire. Concurrent callers share
   * one renewal.
   */
  readonly credentials: () => Promise<Credentials>;
  /** Discards the current credentials: AWS said that they have expired. */
  readonly discard: () => void;
}

interface RoleSessionPorts {
  /** Unsigned: a web identity needs no credentials to request some. */
  readonly sts: STSClient;
  readonly call: Call;
  readonly clock: Clock;
  /** A new OIDC token. */
  readonly idToken: (audience: string) => Promise<string>;
  readonly mask: (secret: string) => void;
}

/**
 * Renewed this long before they expire, so that no request is sent with credentials that expire on
 * the way.
 */
const renewBeforeMilliseconds = 5 * 60_000;

export function createRoleSession(role: Role, ports: RoleSessionPorts): RoleSession {
  let current:
    | { readonly credentials: Promise<Credentials & { readonly expiresAt: number }> }
    | undefined;
  let renewAt = Number.POSITIVE_INFINITY;
  return {
    async credentials() {
      if (current === undefined || ports.clock.now() >= renewAt) {
        renewAt = Number.POSITIVE_INFINITY;
        current = { credentials: assumeRole(role, ports) };
      }
      const requested = current;
      try {
        const { expiresAt, ...credentials } = await requested.credentials;
        if (current === requested) renewAt = expiresAt - renewBeforeMilliseconds;
        return credentials;
      } catch (error) {
        if (current === requested) current = undefined;
        throw error;
      }
    },
    discard() {
      current = undefined;
    },
  };
}

async function assumeRole(
  role: Role,
  ports: RoleSessionPorts,
): Promise<Credentials & { readonly expiresAt: number }> {
  const [first = "", ...others] = role.audiences;
  let audience = first;
  let hasRenewed = false;
  for (;;) {
    const token = await ports.idToken(audience);
    try {
      return await openSession(role, token, ports);
    } catch (error) {
      const next = isWrongAudience(error) ? others.shift() : undefined;
      // The token is valid for five minutes; a long series of retries may take longer. A new token,
      // once.
      const isTokenExpired: boolean = isAwsError(error, "ExpiredTokenException") && !hasRenewed;
      if (next === undefined && !isTokenExpired)
        throw roleRefusedError(error, role, decodeClaims(token));
      hasRenewed ||= isTokenExpired;
      audience = next ?? audience;
    }
  }
}

async function openSession(
  role: Role,
  token: string,
  { sts, call, clock, mask }: RoleSessionPorts,
) {
  const issued = await call("sts:AssumeRoleWithWebIdentity", async (abortSignal) => {
    const answer = await sts.send(
      new AssumeRoleWithWebIdentityCommand(assumeRoleInput(role, token)),
      {
        abortSignal,
      },
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken)
      throw new MalformedResponse("the answer has no credentials", {
        status: answer.$metadata.httpStatusCode,
      });
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
  });
  for (const secret of Object.values(issued)) mask(secret);
  // Measured with our own clock, which may differ from that of AWS: a session lasts for the
  // requested duration.
  return { ...issued, expiresAt: clock.now() + role.durationSeconds * 1_000 };
}

function isWrongAudience(error: unknown): boolean {
  return isRefusedToken(error) && /audience/i.test(quoteAws(error));
}

function isRefusedToken(error: unknown): boolean {
  return isAwsError(error, "InvalidIdentityToken", "InvalidIdentityTokenException");
}

/** STS refuses an empty list. */
function policyArnsOf({ managedPolicies }: Role) {
  if (managedPolicies.length === 0) return undefined;
  return managedPolicies.map((arn) => ({ arn }));
}

function assumeRoleInput(role: Role, token: string) {
  return {
    RoleArn: role.arn,
    RoleSessionName: role.sessionName,
    WebIdentityToken: token,
    DurationSeconds: role.durationSeconds,
    ...definedOnly({ Policy: role.inlinePolicy, PolicyArns: policyArnsOf(role) }),
  };
}

/**
 * STS does not say which claim it refused; the token is here, so the error can show its claims and
 * what the policy must allow.
 */
function roleRefusedError(error: unknown, role: Role, claims: JsonObject): unknown {
  const subject = stringOf(claims.sub) ?? "?";
  const audience = stringOf(claims.aud) ?? "?";
  if (isAccessDenied(error))
    return new DeployError(
      {
        code: "RoleRefused",
        message: [
          `${role.arn} does not trust this job (or does not exist). The job's token claims:`,
          codeBlock(
            `sub: ${subject}\naud: ${audience}\nrepository: ${stringOf(claims.repository) ?? "?"}`,
          ),
        ].join("\n"),
        hint: [
          "Let the role's trust policy accept it. This is a whole policy; where the role has " +
            "one already, add the statement to it:",
          codeBlock(JSON.stringify(trustPolicy(role.arn, claims), null, 2), "json"),
        ].join("\n"),
      },
      { cause: error },
    );
  if (isRefusedToken(error))
    return new DeployError(
      {
        code: "RoleRefused",
        message: `STS does not accept this job's OIDC token (aud: ${audience}): ${quoteAws(error)}`,
        hint:
          `The account of ${role.arn} needs an IAM identity provider for ` +
          "https://token.actions.githubusercontent.com with the audience " +
          `${role.audiences.join(" or ")}. If it lists another one, give that as \`audience\` ` +
          "(in China it is usually sts.amazonaws.com.cn, elsewhere sts.amazonaws.com).",
      },
      { cause: error },
    );
  if (error instanceof DeployError && error.code === "AwsRefused")
    return new DeployError(
      {
        code: "RoleRefused",
        message: `STS refused to open a session of ${role.arn}: ${quoteAws(error)}`,
        hint:
          "Check role-duration-seconds against the role's maximum session duration, " +
          "role-session-name and the session policies.",
      },
      { cause: error },
    );
  return error;
}

/**
 * Both forms of the subject: in repositories created after 2026-07-15 it contains the ids of owner
 * and repository.
 */
export function trustPolicy(roleArn: string, claims: JsonObject): JsonObject {
  const subject = stringOf(claims.sub) ?? "";
  const subjects = [...new Set([plainSubject(subject), immutableSubject(subject, claims)])];
  const provider = "token.actions.githubusercontent.com";
  const { partition, accountId } = parseArn(roleArn) ?? { partition: "aws", accountId: "ACCOUNT" };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${provider}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${provider}:aud`]: stringOf(claims.aud) ?? "sts.amazonaws.com",
            [`${provider}:sub`]: subjects,
          },
        },
      },
    ],
  };
}

function plainSubject(subject: string): string {
  return subject.replace(/^repo:([^@/]+)(?:@\d+)?\/([^@:]+)(?:@\d+)?:/, "repo:$1/$2:");
}

function immutableSubject(subject: string, claims: JsonObject): string {
  const ownerId = stringOf(claims.repository_owner_id);
  const repositoryId = stringOf(claims.repository_id);
  if (ownerId === undefined || repositoryId === undefined) return subject;
  return plainSubject(subject).replace(
    /^repo:([^/]+)\/([^:]+):/,
    `repo:$1@${ownerId}/$2@${repositoryId}:`,
  );
}
