// Who we are to AWS: the role's session or the job's own credentials, and what a client needs to act as it.

import type { ECSClientConfig } from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type Caller, GarbledAnswer } from "./aws-errors.ts";
import { type Call, createCall } from "./call.ts";
import { createRoleSession, type RoleSession } from "./credentials.ts";
import { fetchIdToken, type HttpGet } from "./id-token.ts";
import { audiencesOf } from "./partitions.ts";

export interface AwsSurroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly mask: (secret: string) => void;
  /** For GitHub's token endpoint. */
  readonly get: HttpGet;
  /** The SDK's `requestHandler` option: agents with the runner's proxy, or the simulator in memory. */
  readonly requestHandler: NonNullable<ECSClientConfig["requestHandler"]>;
}

export interface Identity {
  readonly accountId: string;
  readonly arn: string;
  /** The role came from role-to-assume; otherwise the job's own credentials are used. */
  readonly assumed: boolean;
}

export type SignInInputs = Pick<
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

export interface Authenticated {
  readonly identity: Identity;
  /** For the constructor of any client. */
  readonly configuration: ECSClientConfig;
  readonly call: Call;
  /** For a `createCall` of one's own. */
  readonly caller: Caller;
  /** undefined: the job's own credentials are used. */
  readonly session: RoleSession | undefined;
}

/**
 * Assumes the role (or takes the job's own credentials) and asks STS who that is.
 * @throws DeployError `IdTokenNotGranted`, `RoleRefused`, `CredentialsMissing`, `CredentialsRefused`, `AccountNotAllowed`
 */
export async function authenticate(
  inputs: SignInInputs,
  surroundings: AwsSurroundings,
): Promise<Authenticated> {
  const session =
    inputs.roleToAssume === undefined
      ? undefined
      : openRoleSession(inputs.roleToAssume, inputs, surroundings);
  const configuration = {
    ...{ region: inputs.awsRegion, maxAttempts: 1, requestHandler: surroundings.requestHandler },
    ...(session && { credentials: ownMemory(session.credentials) }),
  };
  const caller = { region: inputs.awsRegion, assumesRole: session !== undefined };
  const call = createCall({
    ...surroundings,
    caller,
    ...(session && { renewCredentials: session.forget }),
  });
  // Before the first signed call: what is wrong with the token or the role must not be met inside that call's time-out.
  await session?.credentials();
  const identity = await whoAmI(new STSClient(configuration), call, session !== undefined);
  const allowed = inputs.allowedAccountIds;
  if (allowed.length > 0 && !allowed.includes(identity.accountId))
    throw new DeployError({
      code: "AccountNotAllowed",
      message: `These credentials belong to account ${identity.accountId}; allowed-account-ids names only ${allowed.join(", ")}.`,
      hint: "Nothing was built or changed. Check role-to-assume (or the secret that holds it) against the account you mean.",
    });
  return { identity, configuration, call, caller, session };
}

function openRoleSession(roleArn: string, inputs: SignInInputs, surroundings: AwsSurroundings) {
  const { environment, mask, get, clock } = surroundings;
  const call = createCall({
    ...surroundings,
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
  // No credentials are given to this client, and none are looked for: the operation is not signed.
  const sts = new STSClient({
    region: inputs.awsRegion,
    maxAttempts: 1,
    requestHandler: surroundings.requestHandler,
  });
  const idToken = (audience: string) => fetchIdToken({ environment, get, call, mask }, audience);
  return createRoleSession(role, { sts, call, clock, idToken, mask });
}

/** Tells the SDK not to keep our credentials in a memory of its own, which would follow another clock than ours. */
function ownMemory<Provider extends () => Promise<unknown>>(provider: Provider): Provider {
  return Object.assign(provider, { memoized: true });
}

/** Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
async function whoAmI(sts: STSClient, call: Call, assumed: boolean): Promise<Identity> {
  return call("sts:GetCallerIdentity", async (abortSignal) => {
    const { Account, Arn, $metadata } = await sts.send(new GetCallerIdentityCommand({}), {
      abortSignal,
    });
    if (!Account || !Arn)
      throw new GarbledAnswer("the answer names no account", { status: $metadata.httpStatusCode });
    return { accountId: Account, arn: Arn, assumed };
  });
}
