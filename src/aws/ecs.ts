// ECS, one function a call: raw JSON in, our nouns out.

import {
  DescribeClustersCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../json.ts";
import type { ObservedService, ObservedTaskDefinition } from "../plan/observed.ts";
import type { ServiceDeployment, ServiceDeploymentBrief, ServiceRevision } from "../rollout/snapshot.ts";
import { listIn, requireAnswered, requireRevision, requireSame } from "./answers.ts";
import type { Call, CallOptions } from "./call.ts";
import { observedService, observedTaskDefinition, serviceDeployment } from "./ecs-shapes.ts";
import { oneOffTaskCalls, serviceTaskCalls } from "./ecs-tasks.ts";
import { sendRaw } from "./raw.ts";

export type Ecs = ReturnType<typeof createEcs>;

export function createEcs(client: ECSClient, call: Call) {
  return {
    ...serviceCalls(client, call),
    ...taskDefinitionCalls(client, call),
    ...serviceTaskCalls(client, call),
    ...oneOffTaskCalls(client, call),
    ...deploymentCalls(client, call),
    ...revisionCalls(client, call),
  };
}

function serviceCalls(client: ECSClient, call: Call) {
  return {
    /** Status by the name or ARN that was asked for; one that ECS does not know is left out. */
    async describeClusters(clusters: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, string>> {
      const command = new DescribeClustersCommand({ clusters: [...clusters] });
      const found = await call(
        "ecs:DescribeClusters",
        async (abortSignal) => {
          const { clusters: known, failures = [] } = await client.send(command, { abortSignal });
          const found = listIn(known, "clusters");
          const named = found.flatMap(({ clusterName, clusterArn }) => [clusterName, clusterArn]);
          requireAnswered(clusters, [...named, ...failures.map(({ arn }) => arn)]);
          return found;
        },
        options,
      );
      return new Map(
        clusters.flatMap((asked) => {
          const cluster = found.find(({ clusterName, clusterArn }) => clusterName === asked || clusterArn === asked);
          return cluster ? [[asked, cluster.status ?? ""] as const] : [];
        }),
      );
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
          for (const { clusterArn } of found) if (clusterArn !== "") requireSame(cluster, clusterArn);
          return found;
        },
        options,
      );
    },

    /** The service as ECS says it is right after the update; its PRIMARY deployment is ours if its id is new. */
    async updateService(input: JsonObject, options?: CallOptions): Promise<ObservedService> {
      const service = stringOf(input.service) ?? "";
      return await call(
        "ecs:UpdateService",
        async (signal) => {
          const answer = await sendRaw(client, new UpdateServiceCommand({ service }), input, signal);
          const updated = observedService(isJsonObject(answer.service) ? answer.service : {});
          requireAnswered([service], [updated.name, updated.arn]);
          return updated;
        },
        options,
      );
    },
  };
}

function taskDefinitionCalls(client: ECSClient, call: Call) {
  return {
    /** By ARN, `family:revision` or `family` (its newest revision). */
    async describeTaskDefinition(taskDefinition: string, options?: CallOptions): Promise<ObservedTaskDefinition> {
      const input = { taskDefinition, include: ["TAGS" as const] };
      return await call(
        "ecs:DescribeTaskDefinition",
        async (signal) => {
          const answer = await sendRaw(client, new DescribeTaskDefinitionCommand(input), input, signal);
          const revision = observedTaskDefinition(answer);
          requireRevision(taskDefinition, revision.arn);
          return revision;
        },
        options,
      );
    },

    /** Sends `input` whole, also members that our SDK does not know. Called twice it makes two revisions: there is no token. */
    async registerTaskDefinition(input: JsonObject): Promise<ObservedTaskDefinition> {
      const family = stringOf(input.family) ?? "";
      return await call("ecs:RegisterTaskDefinition", async (signal) => {
        const command = new RegisterTaskDefinitionCommand({ family, containerDefinitions: [] });
        const revision = observedTaskDefinition(await sendRaw(client, command, input, signal));
        requireRevision(family, revision.arn);
        return revision;
      });
    },
  };
}

function deploymentCalls(client: ECSClient, call: Call) {
  return {
    /** The service's deployments that were created after a moment (ms since the epoch), newest first. */
    async listServiceDeployments(
      { cluster, service, createdAfter }: DeploymentsSince,
      options?: CallOptions,
    ): Promise<readonly ServiceDeploymentBrief[]> {
      const input = { cluster, service, createdAt: { after: new Date(createdAfter) } };
      const briefs = await call(
        "ecs:ListServiceDeployments",
        async (abortSignal) => {
          const answer = await client.send(new ListServiceDeploymentsCommand(input), { abortSignal });
          return listIn(answer.serviceDeployments, "serviceDeployments");
        },
        options,
      );
      return briefs
        .map((brief) => ({
          arn: brief.serviceDeploymentArn ?? "",
          createdAt: brief.createdAt?.getTime() ?? 0,
          status: brief.status ?? "",
          targetRevisionArn: brief.targetServiceRevisionArn ?? "",
        }))
        .sort((one, other) => other.createdAt - one.createdAt);
    },

    /** Up to twenty service deployments. One that ECS does not know (yet) is left out. */
    async describeServiceDeployments(
      serviceDeploymentArns: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ServiceDeployment[]> {
      const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [...serviceDeploymentArns] });
      const found = await call(
        "ecs:DescribeServiceDeployments",
        async (abortSignal) => {
          const { serviceDeployments, failures = [] } = await client.send(command, { abortSignal });
          const known = listIn(serviceDeployments, "serviceDeployments");
          const named = known.map(({ serviceDeploymentArn }) => serviceDeploymentArn);
          requireAnswered(serviceDeploymentArns, [...named, ...failures.map(({ arn }) => arn)]);
          return known;
        },
        options,
      );
      return found.map(serviceDeployment);
    },

    /**
     * Asks ECS to go back; works also where rollback is not configured, and asked twice it changes nothing.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
     */
    async stopServiceDeployment(serviceDeploymentArn: string, options?: CallOptions): Promise<void> {
      const command = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ROLLBACK" });
      await call(
        "ecs:StopServiceDeployment",
        async (abortSignal) =>
          requireSame(serviceDeploymentArn, (await client.send(command, { abortSignal })).serviceDeploymentArn),
        options,
      );
    },
  };
}

function revisionCalls(client: ECSClient, call: Call) {
  return {
    /** Up to twenty service revisions: what ECS really resolved. */
    async describeServiceRevisions(
      serviceRevisionArns: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ServiceRevision[]> {
      const asked = serviceRevisionArns.filter(Boolean); // a brief may lack its target
      if (asked.length === 0) return [];
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: asked });
      const found = await call(
        "ecs:DescribeServiceRevisions",
        async (abortSignal) => {
          const { serviceRevisions, failures = [] } = await client.send(command, { abortSignal });
          const known = listIn(serviceRevisions, "serviceRevisions");
          const named = known.map(({ serviceRevisionArn }) => serviceRevisionArn);
          requireAnswered(asked, [...named, ...failures.map(({ arn }) => arn)]);
          return known;
        },
        options,
      );
      return found.map((revision) => ({
        arn: revision.serviceRevisionArn ?? "",
        taskDefinitionArn: revision.taskDefinition ?? "",
        images: (revision.containerImages ?? []).map(({ containerName = "", image = "", imageDigest }) => ({
          containerName,
          image,
          ...(imageDigest !== undefined && { digest: imageDigest }),
        })),
      }));
    },
  };
}

interface DeploymentsSince {
  readonly cluster: string;
  readonly service: string;
  readonly createdAfter: number;
}
