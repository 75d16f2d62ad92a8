// What ECS says of clusters, services and task definitions, one function a call. Nothing here changes anything: the post step reaches
// this file.

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
import { observedService, observedTaskDefinition } from "./ecs-responses.ts";
import { sendRaw } from "./raw-json.ts";
import { listIn, requireAnswered, requireRevision, requireSame } from "./validate-response.ts";

export function readingCalls(client: ECSClient, call: Call) {
  return {
    /** Status by the name or ARN that was asked for; one that ECS does not know is left out. */
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

    /** Up to ten services of one cluster. A name that ECS does not know is left out. */
    async describeServices(
      cluster: string,
      services: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ObservedService[]> {
      const input = { cluster, services: [...services] };
      return await call(
        "ecs:DescribeServices",
        async (signal) => {
          const answer = await sendRaw(client, new DescribeServicesCommand(input), input, signal);
          const found = objectsOf(answer.services).map(observedService);
          const failed = objectsOf(answer.failures).map(({ arn }) => stringOf(arn));
          requireAnswered(services, [...found.flatMap(({ name, arn }) => [name, arn]), ...failed]);
          for (const { clusterArn } of found)
            if (clusterArn !== "") requireSame(cluster, clusterArn);
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
          const answer = await sendRaw(
            client,
            new DescribeTaskDefinitionCommand(input),
            input,
            signal,
          );
          const revision = observedTaskDefinition(answer);
          requireRevision(taskDefinition, revision.arn);
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
  const found = listIn(clusters, "clusters");
  const named = found.flatMap(({ clusterName, clusterArn }) => [clusterName, clusterArn]);
  requireAnswered(requested, [...named, ...failures.map(({ arn }) => arn)]);
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
