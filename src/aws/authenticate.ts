// The identity of this run in AWS: the role's session or the job's own credentials, and what a
// client needs to use it.

import type { ECSClientConfig } from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type CallerContext, MalformedResponse } from "./aws-errors.ts";
import { type Call, createCall } from "./call.ts";
import { createRoleSession, type RoleSession } from "./credentials.ts";
import { fetchIdToken, type HttpGet } from "./id-token.ts";
import { createPace, type Pace } from "./pace.ts";
import { audiencesOf } from "./partitions.ts";
import { notingResponses } from "./response-facts.ts";

export interface AwsPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly mask: (secret: string) => void;
  readonly debug: (line: string) => void;
  /** For GitHub's token endpoint. */
  readonly get: HttpGet;
  /**
   * The SDK's `requestHandler` option: agents with the runner's proxy, or the simulator in memory.
   */
  readonly requestHandler: NonNullable<ECSClientConfig["requestHandler"]>;
}

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
  /** The role came from role-to-assume; otherwise the job's own credentials are used. */
  readonly isAssumedRole: boolean;
}

export type AuthenticationInputs = Pick<
  Inputs,
  | "roleToAssume"
  | "awsRegion"
  | "audience"
  | "roleSessionName"
  | "roleDurationSeconds"
  | "inlineSessionPolicy"
  | "managedSessionPolicies"
  | "allowedAccountIds"
>;

interface Authenticated {
  readonly identity: CallerIdentity;
  /** For the constructor of any client. */
  readonly configuration: ECSClientConfig;
  readonly call: Call;
  /** For calls to another region. */
  readonly callIn: (region: string) => Call;
  /** For creating a further `Call`. */
  readonly caller: CallerContext;
  readonly pace: Pace;
  /** undefined: the job's own credentials are used. */
  readonly session: RoleSession | undefined;
}

/**
 * Assumes the role (or uses the job's own credentials) and gets the identity from STS.
 * @throws DeployError `IdTokenNotGranted`, `RoleRefused`, `CredentialsMissing`,
 * `CredentialsRefused`, `AccountNotAllowed`
 */
export async function authenticate(
  inputs: AuthenticationInputs,
  ports: AwsPorts,
): Promise<Authenticated> {
  const session =
    inputs.roleToAssume === undefined
      ? undefined
      : openRoleSession(inputs.roleToAssume, inputs, ports);
  const configuration = {
    region: inputs.awsRegion,
    maxAttempts: 1,
    requestHandler: ports.requestHandler,
    ...(session && { credentials: withoutSdkCache(session.credentials) }),
  };
  const caller = { region: inputs.awsRegion, assumesRole: session !== undefined };
  const pace = createPace(ports.clock);
  const renewCredentials = session?.discard;
  const callIn = (region: string) =>
    createCall({ ...ports, pace, caller: { ...caller, region }, renewCredentials });
  const call = callIn(inputs.awsRegion);
  // Before the first signed call: a problem with the token or the role must not appear as that
  // call's time-out.
  await session?.credentials();
  const identity = await getCallerIdentity(
    notingResponses(new STSClient(configuration)),
    call,
    session !== undefined,
  );
  const allowedAccountIds = inputs.allowedAccountIds;
  if (allowedAccountIds.length > 0 && !allowedAccountIds.includes(identity.accountId))
    throw new DeployError({
      code: "AccountNotAllowed",
      message:
        `These credentials belong to account ${identity.accountId}; allowed-account-ids names ` +
        `only ${allowedAccountIds.join(", ")}.`,
      hint:
        "Nothing was built or changed. Check role-to-assume (or the secret that holds it) " +
        "against the account you mean.",
    });
  return { identity, configuration, call, callIn, caller, pace, session };
}

function openRoleSession(roleArn: string, inputs: AuthenticationInputs, ports: AwsPorts) {
  const { environment, mask, get, clock } = ports;
  const call = createCall({
    ...ports,
    caller: { region: inputs.awsRegion, assumesRole: true },
  });
  const role = {
    arn: roleArn,
    sessionName: inputs.roleSessionName ?? `deploy-ecs-${environment.GITHUB_RUN_ID ?? "run"}`,
    durationSeconds: inputs.roleDurationSeconds,
    inlinePolicy: inputs.inlineSessionPolicy,
    managedPolicies: inputs.managedSessionPolicies,
    audiences: inputs.audience === undefined ? audiencesOf(inputs.awsRegion) : [inputs.audience],
  };
  // This client gets no credentials and searches for none: the operation is not signed.
  const sts = notingResponses(
    new STSClient({
      region: inputs.awsRegion,
      maxAttempts: 1,
      requestHandler: ports.requestHandler,
    }),
  );
  const idToken = (audience: string) => fetchIdToken({ environment, get, call, mask }, audience);
  return createRoleSession(role, { sts, call, clock, idToken, mask });
}

/** Stops the SDK from caching our credentials: its cache does not use our clock. */
function withoutSdkCache<Provider extends () => Promise<unknown>>(provider: Provider): Provider {
  return Object.assign(provider, { memoized: true });
}

/**
 * Needs no permission:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
async function getCallerIdentity(
  sts: STSClient,
  call: Call,
  isAssumedRole: boolean,
): Promise<CallerIdentity> {
  return call("sts:GetCallerIdentity", async (abortSignal) => {
    const { Account, Arn, $metadata } = await sts.send(new GetCallerIdentityCommand({}), {
      abortSignal,
    });
    if (!Account || !Arn)
      throw new MalformedResponse("the answer names no account", {
        status: $metadata.httpStatusCode,
      });
    return { accountId: Account, arn: Arn, isAssumedRole };
  });
}
