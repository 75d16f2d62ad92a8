// Who we are to AWS, and the clients that act as it.

import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient, type ECSClientConfig } from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type Call, createCall } from "./call.ts";
import { type Credentials, createRoleSession } from "./credentials.ts";
import { createEcr, type Ecr } from "./ecr.ts";
import { createEcs, type Ecs } from "./ecs.ts";
import { fetchIdToken, type HttpGet } from "./id-token.ts";
import { createLogs, type Logs } from "./logs.ts";

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

export interface AwsSession {
  readonly identity: Identity;
  readonly ecs: Ecs;
  /** ECS for the seconds after a cancel: it does not heed the signal, and gives up soon. */
  readonly lastCallsToEcs: Ecs;
  readonly ecr: Ecr;
  readonly logs: Logs;
  /**
   * For a child process that calls AWS by itself; {} where the job's own credentials serve it, too. A child cannot renew its session:
   * `renewed` gives it one with all of its time ahead.
   */
  readonly environmentOfChild: (session?: "renewed") => Promise<Readonly<Record<string, string>>>;
}

export interface Identity {
  readonly accountId: string;
  readonly arn: string;
  /** The role came from role-to-assume; otherwise the job's own credentials are used. */
  readonly assumed: boolean;
}

type SignInInputs = Pick<
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

/**
 * Assumes the role (or takes the job's own credentials) and asks STS who that is.
 * @throws DeployError `IdTokenNotGranted`, `RoleRefused`, `CredentialsMissing`, `CredentialsRefused`, `AccountNotAllowed`
 */
export async function signIn(inputs: SignInInputs, surroundings: AwsSurroundings): Promise<AwsSession> {
  const configuration = { region: inputs.awsRegion, maxAttempts: 1, requestHandler: surroundings.requestHandler };
  const session =
    inputs.roleToAssume === undefined ? undefined : openRoleSession(inputs.roleToAssume, inputs, surroundings);
  const signed = { ...configuration, ...(session && { credentials: ownMemory(session.credentials) }) };
  const call = createCall({ ...surroundings, ...(session && { renewCredentials: session.forget }) });
  // Before the first signed call: what is wrong with the token or the role must not be met inside that call's time-out.
  await session?.credentials();
  const identity = await whoAmI(new STSClient(signed), call, session !== undefined);
  const allowed = inputs.allowedAccountIds;
  if (allowed.length > 0 && !allowed.includes(identity.accountId))
    throw new DeployError({
      code: "AccountNotAllowed",
      message: `These credentials belong to account ${identity.accountId}; allowed-account-ids names only ${allowed.join(", ")}.`,
      hint: "Nothing was built or changed. Check role-to-assume (or the secret that holds it) against the account you mean.",
    });
  return {
    identity,
    ecs: createEcs(new ECSClient(signed), call),
    lastCallsToEcs: createEcs(new ECSClient(signed), createCall({ ...surroundings, ...lastCalls })),
    ecr: createEcr(new ECRClient(signed), call),
    logs: createLogs(new CloudWatchLogsClient(signed), call),
    environmentOfChild: async (which) => {
      if (which === "renewed") session?.forget();
      return session ? credentialVariables(await session.credentials()) : {};
    },
  };
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html */
function credentialVariables({ accessKeyId, secretAccessKey, sessionToken }: Credentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

function openRoleSession(roleArn: string, inputs: SignInInputs, surroundings: AwsSurroundings) {
  const { environment, mask, get, clock } = surroundings;
  const call = createCall(surroundings);
  const role = {
    arn: roleArn,
    sessionName: inputs.roleSessionName ?? `deploy-ecs-${environment.GITHUB_RUN_ID ?? "run"}`,
    durationSeconds: inputs.roleDurationSeconds,
    inlinePolicy: inputs.inlineSessionPolicy,
    managedPolicies: inputs.managedSessionPolicies,
  };
  // No credentials are given to this client, and none are looked for: the operation is not signed.
  const sts = new STSClient({ region: inputs.awsRegion, maxAttempts: 1, requestHandler: surroundings.requestHandler });
  const idToken = () => fetchIdToken({ environment, get, call, mask }, inputs.audience);
  return createRoleSession(role, { sts, call, clock, idToken, mask });
}

/** The runner leaves 7.5 s between its first and its second signal: one quick try, and one more. */
const lastCalls = { signal: new AbortController().signal, requestTimeoutMilliseconds: 3_000 };

/** Tells the SDK not to keep our credentials in a memory of its own, which would follow another clock than ours. */
function ownMemory<Provider extends () => Promise<unknown>>(provider: Provider): Provider {
  return Object.assign(provider, { memoized: true });
}

/** Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
async function whoAmI(sts: STSClient, call: Call, assumed: boolean): Promise<Identity> {
  const { Account = "", Arn = "" } = await call("sts:GetCallerIdentity", (abortSignal) =>
    sts.send(new GetCallerIdentityCommand({}), { abortSignal }),
  );
  return { accountId: Account, arn: Arn, assumed };
}
