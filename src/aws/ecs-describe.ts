// Describes clusters, services and task definitions, one function per call. Nothing here changes
// anything: the post step imports this file.

import {
  type Cluster,
  DescribeClustersCommand,
  type DescribeClustersCommandOutput,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
} from "@aws-sdk/client-ecs";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { objectsOf, stringOf } from "../json.ts";
import type { Call, CallOptions } from "./call.ts";
import { toObservedService, toObservedTaskDefinition } from "./ecs-responses.ts";
import { sendRawJson } from "./raw-json.ts";
import {
  requireAllReturned,
  requireList,
  requireSameResource,
  requireSameRevision,
} from "./validate-response.ts";

export function describeCalls(client: ECSClient, call: Call) {
  return {
    /** Status by the requested name or ARN; one that ECS does not know is left out. */
    async describeClusters(
      clusters: readonly string[],
      options?: CallOptions,
    ): Promise<ReadonlyMap<string, string>> {
      const command = new DescribeClustersCommand({ clusters: [...clusters] });
      const found = await call(
        "ecs:DescribeClusters",
        async (abortSignal) =>
          answeredClusters(clusters, await client.send(command, { abortSignal })),
        options,
      );
      return statusByRequest(clusters, found);
    },

    /** Up to ten services of one cluster. Names that ECS does not know are left out. */
    async describeServices(
      cluster: string,
      services: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ObservedService[]> {
      const input = { cluster, services: [...services] };
      return await call(
        "ecs:DescribeServices",
        async (signal) => {
          const command = new DescribeServicesCommand(input);
          const answer = await sendRawJson(client, command, input, signal);
          const found = objectsOf(answer.services).map(toObservedService);
          const failed = objectsOf(answer.failures).map(({ arn }) => stringOf(arn));
          requireAllReturned(services, [
            ...found.flatMap(({ name, arn }) => [name, arn]),
            ...failed,
          ]);
          for (const { clusterArn } of found)
            if (clusterArn !== "") requireSameResource(cluster, clusterArn);
          return found;
        },
        options,
      );
    },

    /** By ARN, `family:revision` or `family` (its newest revision). */
    async describeTaskDefinition(
      taskDefinition: string,
      options?: CallOptions,
    ): Promise<ObservedTaskDefinition> {
      const input = { taskDefinition, include: ["TAGS" as const] };
      return await call(
        "ecs:DescribeTaskDefinition",
        async (signal) => {
          const command = new DescribeTaskDefinitionCommand(input);
          const answer = await sendRawJson(client, command, input, signal);
          const revision = toObservedTaskDefinition(answer);
          requireSameRevision(taskDefinition, revision.arn);
          return revision;
        },
        options,
      );
    },
  };
}

function answeredClusters(
  requested: readonly string[],
  { clusters, failures = [] }: DescribeClustersCommandOutput,
): readonly Cluster[] {
  const found = requireList(clusters, "clusters");
  const named = found.flatMap(({ clusterName, clusterArn }) => [clusterName, clusterArn]);
  requireAllReturned(requested, [...named, ...failures.map(({ arn }) => arn)]);
  return found;
}

function statusByRequest(
  requested: readonly string[],
  found: readonly Cluster[],
): ReadonlyMap<string, string> {
  const statuses = new Map<string, string>();
  for (const name of requested) {
    const cluster = found.find(
      ({ clusterName, clusterArn }) => clusterName === name || clusterArn === name,
    );
    if (cluster) statuses.set(name, cluster.status ?? "");
  }
  return statuses;
}
