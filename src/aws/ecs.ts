// ECS, one function a call: raw JSON in, our nouns out.

import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type ServiceDeployment as SdkServiceDeployment,
  type Task as SdkTask,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { type JsonObject, isJsonObject, numberOf, objectsOf, stringOf } from "../json.ts";
import type { ClassicDeployment, ObservedService, ObservedTaskDefinition } from "../plan/observed.ts";
import type { ServiceDeployment, ServiceDeploymentBrief, ServiceRevision, StoppedTask } from "../rollout/snapshot.ts";
import type { Call, CallOptions } from "./call.ts";
import { sendRaw } from "./raw.ts";

export type Ecs = ReturnType<typeof createEcs>;

export function createEcs(client: ECSClient, call: Call) {
  return {
    /** Up to ten services of one cluster. A name that ECS does not know is left out. */
    async describeServices(cluster: string, services: readonly string[], options?: CallOptions): Promise<readonly ObservedService[]> {
      const input = { cluster, services: [...services] };
      const answer = await call("ecs:DescribeServices", (signal) => sendRaw(client, new DescribeServicesCommand(input), input, signal), options);
      return objectsOf(answer.services).map(observedService);
    },

    /** By ARN, `family:revision` or `family` (its newest revision). */
    async describeTaskDefinition(taskDefinition: string): Promise<ObservedTaskDefinition> {
      const input = { taskDefinition, include: ["TAGS" as const] };
      const answer = await call("ecs:DescribeTaskDefinition", (signal) => sendRaw(client, new DescribeTaskDefinitionCommand(input), input, signal));
      return observedTaskDefinition(answer);
    },

    /** Sends `input` whole, also members that our SDK does not know. Called twice it makes two revisions: there is no token. */
    async registerTaskDefinition(input: JsonObject): Promise<ObservedTaskDefinition> {
      const command = () => new RegisterTaskDefinitionCommand({ family: stringOf(input.family) ?? "", containerDefinitions: [] });
      return observedTaskDefinition(await call("ecs:RegisterTaskDefinition", (signal) => sendRaw(client, command(), input, signal)));
    },

    /** The service as ECS says it is right after the update; its PRIMARY deployment is ours if its id is new. */
    async updateService(input: JsonObject): Promise<ObservedService> {
      const command = () => new UpdateServiceCommand({ service: stringOf(input.service) ?? "" });
      const answer = await call("ecs:UpdateService", (signal) => sendRaw(client, command(), input, signal));
      return observedService(isJsonObject(answer.service) ? answer.service : {});
    },

    /** The service's deployments that were created after a moment (ms since the epoch), newest first. */
    async listServiceDeployments({ cluster, service, createdAfter }: DeploymentsSince, options?: CallOptions): Promise<readonly ServiceDeploymentBrief[]> {
      const input = { cluster, service, createdAt: { after: new Date(createdAfter) } };
      const answer = await call("ecs:ListServiceDeployments", (abortSignal) => client.send(new ListServiceDeploymentsCommand(input), { abortSignal }), options);
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
    async describeServiceDeployments(serviceDeploymentArns: readonly string[], options?: CallOptions): Promise<readonly ServiceDeployment[]> {
      const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [...serviceDeploymentArns] });
      const answer = await call("ecs:DescribeServiceDeployments", (abortSignal) => client.send(command, { abortSignal }), options);
      return (answer.serviceDeployments ?? []).map(serviceDeployment);
    },

    async describeServiceRevisions(serviceRevisionArns: readonly string[], options?: CallOptions): Promise<readonly ServiceRevision[]> {
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [...serviceRevisionArns] });
      const answer = await call("ecs:DescribeServiceRevisions", (abortSignal) => client.send(command, { abortSignal }), options);
      return (answer.serviceRevisions ?? []).map((revision) => ({
        arn: revision.serviceRevisionArn ?? "",
        taskDefinitionArn: revision.taskDefinition ?? "",
        images: (revision.containerImages ?? []).map(({ containerName = "", image = "", imageDigest }) => ({ containerName, image, ...(imageDigest !== undefined && { digest: imageDigest }) })),
      }));
    },

    /** Stopped tasks of a service, all deployments; ECS remembers them for about an hour. */
    async describeStoppedTasks(cluster: string, service: string): Promise<readonly StoppedTask[]> {
      const list = new ListTasksCommand({ cluster, serviceName: service, desiredStatus: "STOPPED", maxResults: 100 });
      const { taskArns = [] } = await call("ecs:ListTasks", (abortSignal) => client.send(list, { abortSignal }));
      if (taskArns.length === 0) return [];
      const describe = new DescribeTasksCommand({ cluster, tasks: taskArns });
      const { tasks = [] } = await call("ecs:DescribeTasks", (abortSignal) => client.send(describe, { abortSignal }));
      return tasks.filter(({ lastStatus }) => lastStatus === "STOPPED" || lastStatus === "DEPROVISIONING").map(stoppedTask);
    },
  };
}

interface DeploymentsSince {
  readonly cluster: string;
  readonly service: string;
  readonly createdAfter: number;
}

function observedService(service: JsonObject): ObservedService {
  const controller = isJsonObject(service.deploymentController) ? stringOf(service.deploymentController.type) : undefined;
  return {
    name: stringOf(service.serviceName) ?? "",
    arn: stringOf(service.serviceArn) ?? "",
    clusterArn: stringOf(service.clusterArn) ?? "",
    clusterName: stringOf(service.clusterArn)?.split("/").at(-1) ?? "",
    status: stringOf(service.status) ?? "",
    controller: controller ?? "ECS",
    desiredCount: numberOf(service.desiredCount) ?? 0,
    runningCount: numberOf(service.runningCount) ?? 0,
    pendingCount: numberOf(service.pendingCount) ?? 0,
    taskDefinitionArn: stringOf(service.taskDefinition) ?? "",
    deploymentConfiguration: isJsonObject(service.deploymentConfiguration) ? service.deploymentConfiguration : {},
    deployments: objectsOf(service.deployments).map(classicDeployment),
    events: objectsOf(service.events).map((event) => ({
      id: stringOf(event.id) ?? "",
      createdAt: milliseconds(event.createdAt),
      message: stringOf(event.message) ?? "",
    })),
  };
}

function classicDeployment(deployment: JsonObject): ClassicDeployment {
  const rolloutState = stringOf(deployment.rolloutState);
  const rolloutStateReason = stringOf(deployment.rolloutStateReason);
  return {
    id: stringOf(deployment.id) ?? "",
    status: stringOf(deployment.status) ?? "",
    taskDefinitionArn: stringOf(deployment.taskDefinition) ?? "",
    desiredCount: numberOf(deployment.desiredCount) ?? 0,
    pendingCount: numberOf(deployment.pendingCount) ?? 0,
    runningCount: numberOf(deployment.runningCount) ?? 0,
    failedTasks: numberOf(deployment.failedTasks) ?? 0,
    createdAt: milliseconds(deployment.createdAt),
    ...(rolloutState !== undefined && { rolloutState }),
    ...(rolloutStateReason !== undefined && { rolloutStateReason }),
  };
}

/** Dates are seconds since the epoch on the wire, with a fraction. */
function milliseconds(value: JsonObject[string]): number {
  return Math.round((numberOf(value) ?? 0) * 1000);
}

function observedTaskDefinition(answer: JsonObject): ObservedTaskDefinition {
  const definition = isJsonObject(answer.taskDefinition) ? answer.taskDefinition : {};
  return { arn: stringOf(definition.taskDefinitionArn) ?? "", definition, tags: objectsOf(answer.tags) };
}

function serviceDeployment(deployment: SdkServiceDeployment): ServiceDeployment {
  const { deploymentCircuitBreaker: breaker, alarms, rollback, statusReason, lifecycleStage, targetServiceRevision: target } = deployment;
  return {
    arn: deployment.serviceDeploymentArn ?? "",
    status: deployment.status ?? "",
    createdAt: deployment.createdAt?.getTime() ?? 0,
    requestedTasks: target?.requestedTaskCount ?? 0,
    runningTasks: target?.runningTaskCount ?? 0,
    pendingTasks: target?.pendingTaskCount ?? 0,
    targetRevisionArn: target?.arn ?? "",
    ...(statusReason !== undefined && { statusReason }),
    ...(lifecycleStage !== undefined && { lifecycleStage }),
    ...(rollback?.reason !== undefined && { rollbackReason: rollback.reason }),
    ...(breaker && { breaker: { status: breaker.status ?? "", failureCount: breaker.failureCount ?? 0, threshold: breaker.threshold ?? 0 } }),
    triggeredAlarms: alarms?.triggeredAlarmNames ?? [],
  };
}

function stoppedTask(task: SdkTask): StoppedTask {
  return {
    arn: task.taskArn ?? "",
    id: task.taskArn?.split("/").at(-1) ?? "",
    startedBy: task.startedBy ?? "",
    taskDefinitionArn: task.taskDefinitionArn ?? "",
    stoppedAt: (task.stoppedAt ?? task.stoppingAt)?.getTime() ?? 0,
    stopCode: task.stopCode ?? "",
    stoppedReason: task.stoppedReason ?? "",
    containers: (task.containers ?? []).map(({ name = "", exitCode, reason }) => ({ name, ...(exitCode !== undefined && { exitCode }), ...(reason !== undefined && { reason }) })),
  };
}
