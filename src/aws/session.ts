// The clients of a deployment, all with the same identity.

import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient, type ECSClientConfig } from "@aws-sdk/client-ecs";
import {
  type AuthenticationInputs,
  type AwsPorts,
  authenticate,
  type CallerIdentity,
} from "./authenticate.ts";
import { type Call, createCall } from "./call.ts";
import type { Credentials } from "./credentials.ts";
import { createEcr, type Ecr } from "./ecr.ts";
import { createEcs, type Ecs } from "./ecs.ts";
import { createLogs, type Logs } from "./logs.ts";
import { partitionOf } from "./partitions.ts";
import { notingResponses } from "./response-facts.ts";

export interface AwsSession {
  readonly identity: CallerIdentity;
  readonly ecs: Ecs;
  /** ECS for the seconds after a cancel: it ignores the cancel signal, and gives up soon. */
  readonly ecsAfterCancel: Ecs;
  /** More calls of ECS, which only few runs need. */
  readonly ecsWith: <Calls>(create: (client: ECSClient, call: Call) => Calls) => Calls;
  readonly ecr: Ecr;
  /** ECR of a region; undefined: the region is in another partition, where no role of ours works. */
  readonly ecrIn: (region: string) => Ecr | undefined;
  readonly logs: Logs;
  /** Calls of another service, which only few runs need. */
  readonly serviceWith: <Calls>(
    create: (configuration: ECSClientConfig, call: Call) => Calls,
  ) => Calls;
  /**
   * For a child process that calls AWS itself; {} where it can use the job's own credentials. A
   * child cannot renew its session: `renewed` gives it one with its full duration left.
   */
  readonly childEnvironment: (session?: "renewed") => Promise<Readonly<Record<string, string>>>;
}

/** @throws DeployError what `authenticate` throws */
export async function openAwsSession(
  inputs: AuthenticationInputs,
  ports: AwsPorts,
): Promise<AwsSession> {
  const { identity, configuration, call, callIn, caller, pace, session } = await authenticate(
    inputs,
    ports,
  );
  const client = notingResponses(new ECSClient(configuration));
  const ecr = createEcr(notingResponses(new ECRClient(configuration)), call);
  return {
    identity,
    ecs: createEcs(client, call, pace),
    ecsWith: (create) => create(client, call),
    ecsAfterCancel: createEcs(
      notingResponses(new ECSClient(configuration)),
      createCall({ ...ports, ...afterCancelOptions, caller, pace }),
    ),
    ecr,
    ecrIn(region) {
      if (region === inputs.awsRegion) return ecr;
      if (partitionOf(region).name !== partitionOf(inputs.awsRegion).name) return undefined;
      return createEcr(
        notingResponses(new ECRClient({ ...configuration, region })),
        callIn(region),
      );
    },
    logs: createLogs(notingResponses(new CloudWatchLogsClient(configuration)), call),
    serviceWith: (create) => create(configuration, call),
    childEnvironment: async (renewal) => {
      if (renewal === "renewed") session?.discard();
      if (session) return credentialVariables(await session.credentials());
      return {};
    },
  };
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html */
function credentialVariables({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Credentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

/**
 * The runner leaves 7.5 s between its first and its second signal: one quick try, and one retry.
 */
const afterCancelOptions = {
  signal: new AbortController().signal,
  requestTimeoutMilliseconds: 3_000,
};
