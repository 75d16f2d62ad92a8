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
  };
}

function serviceCalls(client: ECSClient, call: Call) {
  return {
    /** Status by the name or ARN that was asked for; one that ECS does not know is left out. */
    async describeClusters(clusters: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, string>> {
      const command = new DescribeClustersCommand({ clusters: [...clusters] });
      const answer = await call(
        "ecs:DescribeClusters",
        (abortSignal) => client.send(command, { abortSignal }),
        options,
      );
      const found = answer.clusters ?? [];
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
      const answer = await call(
        "ecs:DescribeServices",
        (signal) => sendRaw(client, new DescribeServicesCommand(input), input, signal),
        options,
      );
      return objectsOf(answer.services).map(observedService);
    },

    /** The service as ECS says it is right after the update; its PRIMARY deployment is ours if its id is new. */
    async updateService(input: JsonObject, options?: CallOptions): Promise<ObservedService> {
      const command = () => new UpdateServiceCommand({ service: stringOf(input.service) ?? "" });
      const answer = await call("ecs:UpdateService", (signal) => sendRaw(client, command(), input, signal), options);
      return observedService(isJsonObject(answer.service) ? answer.service : {});
    },
  };
}

function taskDefinitionCalls(client: ECSClient, call: Call) {
  return {
    /** By ARN, `family:revision` or `family` (its newest revision). */
    async describeTaskDefinition(taskDefinition: string, options?: CallOptions): Promise<ObservedTaskDefinition> {
      const input = { taskDefinition, include: ["TAGS" as const] };
      const answer = await call(
        "ecs:DescribeTaskDefinition",
        (signal) => sendRaw(client, new DescribeTaskDefinitionCommand(input), input, signal),
        options,
      );
      return observedTaskDefinition(answer);
    },

    /** Sends `input` whole, also members that our SDK does not know. Called twice it makes two revisions: there is no token. */
    async registerTaskDefinition(input: JsonObject): Promise<ObservedTaskDefinition> {
      const command = () =>
        new RegisterTaskDefinitionCommand({ family: stringOf(input.family) ?? "", containerDefinitions: [] });
      return observedTaskDefinition(
        await call("ecs:RegisterTaskDefinition", (signal) => sendRaw(client, command(), input, signal)),
      );
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
      const answer = await call(
        "ecs:ListServiceDeployments",
        (abortSignal) => client.send(new ListServiceDeploymentsCommand(input), { abortSignal }),
        options,
      );
      return (answer.serviceDeployments ?? [])
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
      const answer = await call(
        "ecs:DescribeServiceDeployments",
        (abortSignal) => client.send(command, { abortSignal }),
        options,
      );
      return (answer.serviceDeployments ?? []).map(serviceDeployment);
    },

    /**
     * Asks ECS to go back; works also where rollback is not configured, and asked twice it changes nothing.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
     */
    async stopServiceDeployment(serviceDeploymentArn: string, options?: CallOptions): Promise<void> {
      const command = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ROLLBACK" });
      await call("ecs:StopServiceDeployment", (abortSignal) => client.send(command, { abortSignal }), options);
    },

    async describeServiceRevisions(
      serviceRevisionArns: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ServiceRevision[]> {
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [...serviceRevisionArns] });
      const answer = await call(
        "ecs:DescribeServiceRevisions",
        (abortSignal) => client.send(command, { abortSignal }),
        options,
      );
      return (answer.serviceRevisions ?? []).map((revision) => ({
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
