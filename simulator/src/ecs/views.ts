// The state in the format of ECS's responses, for services and deployments. Pure. Both views of a
// deployment come from the same records.

import type {
  Deployment,
  DeploymentRolloutState,
  Service,
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceRevision,
  ServiceRevisionSummary,
} from "@aws-sdk/client-ecs";
import { accountRegionOf, iamArn } from "../iam/partitions.ts";
import { breakerThreshold } from "./breaker.ts";
import { managedResources, overridesOf } from "./express/resources.ts";
import type { HookState, RevisionState, RolloutState, ServiceState } from "./state.ts";
import { isGone, isOngoing, latestRollout, pendingTasks, runningTasks } from "./task-counts.ts";

const date = (milliseconds: number) => new Date(milliseconds);
const optionalDate = <Name extends string>(name: Name, milliseconds: number | undefined) =>
  (milliseconds === undefined ? {} : { [name]: date(milliseconds) }) as { [key in Name]?: Date };

// ---- classic
//   ---------------------------------------------------------------------------------------------------------

export function serviceView(service: ServiceState, now: number): Service {
  const { settings, primary } = service;
  const classic = (settings.deploymentController?.type ?? "ECS") === "ECS";
  const replaced = service.revisions
    .filter((one) => one !== primary && !isGone(service, one, now))
    .reverse();
  const inOrder = [primary, ...replaced];
  const gone = service.status === "INACTIVE";
  const latest = latestRollout(service);
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: settings.loadBalancers ?? [],
    serviceRegistries: settings.serviceRegistries ?? [],
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: sum(service.revisions, runningTasks),
    pendingCount: sum(service.revisions, pendingTasks),
    ...place(settings),
    // An Express Mode service has no task definition of its own: its deployments have it.
    ...(service.resourceManagementType === "ECS"
      ? {}
      : { taskDefinition: primary.taskDefinition.arn }),
    resourceManagementType: service.resourceManagementType,
    deploymentConfiguration: service.deploymentConfiguration,
    deployments: classic && !gone ? inOrder.map((one) => classicDeployment(service, one)) : [],
    ...(classic ? {} : { taskSets: taskSets(service) }),
    roleArn: settings.role ?? serviceLinkedRole(service),
    events: service.events,
    createdAt: date(service.createdAt),
    ...(latest && classic ? { currentServiceDeployment: latest.arn } : {}),
    ...(classic ? { currentServiceRevisions: inOrder.map(currentRevision) } : {}),
    placementConstraints: settings.placementConstraints ?? [],
    placementStrategy: settings.placementStrategy ?? [],
    ...(settings.networkConfiguration
      ? { networkConfiguration: settings.networkConfiguration }
      : {}),
    healthCheckGracePeriodSeconds: settings.healthCheckGracePeriodSeconds ?? 0,
    schedulingStrategy: settings.schedulingStrategy ?? "REPLICA",
    deploymentController: settings.deploymentController ?? { type: "ECS" },
    createdBy: service.createdBy,
    enableECSManagedTags: settings.enableECSManagedTags ?? false,
    propagateTags: settings.propagateTags ?? "NONE",
    enableExecuteCommand: settings.enableExecuteCommand ?? false,
    availabilityZoneRebalancing: settings.availabilityZoneRebalancing ?? "DISABLED",
  };
}

function classicDeployment(service: ServiceState, revision: RevisionState): Deployment {
  const { settings } = revision;
  return {
    id: revision.classicId,
    status: revision === service.primary ? "PRIMARY" : "ACTIVE",
    taskDefinition: revision.taskDefinition.arn,
    desiredCount: revision.desired,
    pendingCount: pendingTasks(revision),
    runningCount: runningTasks(revision),
    failedTasks: revision.failedTasks,
    createdAt: date(revision.createdAt),
    updatedAt: date(revision.updatedAt),
    ...place(settings),
    ...(settings.networkConfiguration
      ? { networkConfiguration: settings.networkConfiguration }
      : {}),
    ...rolloutState(revision),
    ...(settings.serviceConnectConfiguration
      ? { serviceConnectConfiguration: settings.serviceConnectConfiguration }
      : {}),
    ...(settings.volumeConfigurations
      ? { volumeConfigurations: settings.volumeConfigurations }
      : {}),
    ...(settings.vpcLatticeConfigurations
      ? { vpcLatticeConfigurations: settings.vpcLatticeConfigurations }
      : {}),
  };
}

function rolloutState({ phase, classicId }: RevisionState): {
  rolloutState: DeploymentRolloutState;
  rolloutStateReason: string;
} {
  switch (phase.is) {
    case "arriving":
      return {
        rolloutState: "IN_PROGRESS",
        rolloutStateReason: `ECS deployment ${classicId} in progress.`,
      };
    case "good":
      return {
        rolloutState: "COMPLETED",
        rolloutStateReason: `ECS deployment ${classicId} completed.`,
      };
    case "failed":
      return { rolloutState: "FAILED", rolloutStateReason: phase.reason };
    case "returning":
      return { rolloutState: "IN_PROGRESS", rolloutStateReason: phase.reason };
  }
}

function taskSets(service: ServiceState): NonNullable<Service["taskSets"]> {
  if (service.status === "INACTIVE") return [];
  return [taskSet(service, service.primary)];
}

function taskSet(
  service: ServiceState,
  revision: RevisionState,
): NonNullable<Service["taskSets"]>[number] {
  return {
    id: revision.classicId,
    taskSetArn: service.arn.replace(":service/", ":task-set/").concat("/", revision.classicId),
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    status: "PRIMARY",
    taskDefinition: revision.taskDefinition.arn,
    computedDesiredCount: revision.desired,
    pendingCount: pendingTasks(revision),
    runningCount: runningTasks(revision),
    createdAt: date(revision.createdAt),
    updatedAt: date(revision.updatedAt),
    stabilityStatus: service.isSteady ? "STEADY_STATE" : "STABILIZING",
  };
}

/** Launch type or capacity providers, and on Fargate the platform. */
function place(
  settings: ServiceState["settings"],
): Pick<
  Deployment,
  "launchType" | "capacityProviderStrategy" | "platformVersion" | "platformFamily"
> {
  const providers = settings.capacityProviderStrategy ?? [];
  const launchType = settings.launchType ?? "EC2";
  const fargate =
    providers.length > 0
      ? providers.some((one) => one.capacityProvider?.startsWith("FARGATE"))
      : launchType === "FARGATE";
  return {
    ...(providers.length > 0 ? { capacityProviderStrategy: providers } : { launchType }),
    ...(fargate
      ? { platformVersion: resolvedPlatform(settings.platformVersion), platformFamily: "Linux" }
      : {}),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html */
export const resolvedPlatform = (asked: string | undefined) =>
  asked === undefined || asked === "LATEST" ? "1.4.0" : asked;

const currentRevision = (revision: RevisionState) => ({
  arn: revision.arn,
  requestedTaskCount: revision.desired,
  runningTaskCount: runningTasks(revision),
  pendingTaskCount: pendingTasks(revision),
});

const serviceLinkedRole = (service: ServiceState) =>
  iamArn(
    accountRegionOf(service.arn),
    "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
  );

// ---- service deployments
//   ---------------------------------------------------------------------------------------------

export function rolloutBrief(service: ServiceState, rollout: RolloutState): ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: rollout.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    ...optionalDate("startedAt", rollout.startedAt),
    createdAt: date(rollout.createdAt),
    ...optionalDate("finishedAt", rollout.finishedAt),
    targetServiceRevisionArn: rollout.target.arn,
    status: rollout.status,
    ...(rollout.statusReason ? { statusReason: rollout.statusReason } : {}),
  };
}

export function rolloutView(service: ServiceState, rollout: RolloutState): ServiceDeployment {
  const { targetServiceRevisionArn: _arn, ...brief } = rolloutBrief(service, rollout);
  const stage =
    rollout.startedAt === undefined
      ? undefined
      : rollout.steps[Math.min(rollout.step, rollout.steps.length - 1)]?.stage;
  return {
    ...brief,
    ...optionalDate("stoppedAt", rollout.stoppedAt),
    updatedAt: date(rollout.updatedAt),
    sourceServiceRevisions: rollout.sources.map(revisionSummary),
    targetServiceRevision: revisionSummary(rollout.target),
    ...(stage ? { lifecycleStage: stage } : {}),
    ...(rollout.hooks.length > 0 ? { lifecycleHookDetails: rollout.hooks.map(hookView) } : {}),
    deploymentConfiguration: rollout.configuration,
    ...(rollout.rollback
      ? {
          rollback: {
            reason: rollout.rollback.reason,
            startedAt: date(rollout.rollback.startedAt),
            serviceRevisionArn: rollout.rollback.to.arn,
          },
        }
      : {}),
    deploymentCircuitBreaker: {
      status: monitor(
        rollout,
        rollout.configuration.deploymentCircuitBreaker?.enable ?? false,
        rollout.breakerTripped,
      ),
      failureCount: rollout.target.failedTasks,
      threshold: breakerThreshold(
        rollout.configuration.deploymentCircuitBreaker,
        service.desiredCount,
      ),
    },
    alarms: {
      status: monitor(rollout, rollout.alarms.watched, rollout.alarms.triggered.length > 0),
      ...(rollout.alarms.names.length > 0
        ? {
            alarmNames: [...rollout.alarms.names],
            triggeredAlarmNames: [...rollout.alarms.triggered],
          }
        : {}),
    },
  };
}

function monitor(
  rollout: RolloutState,
  on: boolean,
  triggered: boolean,
): ServiceDeploymentRollbackMonitorsStatus {
  if (!on) return "DISABLED";
  if (triggered) return "TRIGGERED";
  return isOngoing(rollout) ? "MONITORING" : "MONITORING_COMPLETE";
}

function revisionSummary(revision: RevisionState): ServiceRevisionSummary {
  const { weights } = revision;
  return {
    ...currentRevision(revision),
    ...(weights
      ? {
          requestedTestTrafficWeight: weights.test,
          requestedProductionTrafficWeight: weights.production,
        }
      : {}),
  };
}

const hookView = (state: HookState) => ({
  hookId: state.id,
  targetType: state.hook.targetType ?? "AWS_LAMBDA",
  ...(state.hook.hookTargetArn ? { targetArn: state.hook.hookTargetArn } : {}),
  status: state.status,
  expiresAt: date(state.expiresAt),
  timeoutAction: state.timeoutAction,
});

export function revisionView(
  service: ServiceState,
  revision: RevisionState,
  now: number,
): ServiceRevision {
  const { settings } = revision;
  const managed = managedResources(service, revision, now);
  const overrides = overridesOf(revision);
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: revision.taskDefinition.arn,
    ...place(settings),
    loadBalancers: settings.loadBalancers ?? [],
    serviceRegistries: settings.serviceRegistries ?? [],
    ...(settings.networkConfiguration
      ? { networkConfiguration: settings.networkConfiguration }
      : {}),
    containerImages: [...revision.images],
    guardDutyEnabled: false,
    ...(settings.serviceConnectConfiguration
      ? { serviceConnectConfiguration: settings.serviceConnectConfiguration }
      : {}),
    ...(settings.volumeConfigurations
      ? { volumeConfigurations: settings.volumeConfigurations }
      : {}),
    ...(settings.vpcLatticeConfigurations
      ? { vpcLatticeConfigurations: settings.vpcLatticeConfigurations }
      : {}),
    ...(settings.gatewayConnectors ? { gatewayConnectors: settings.gatewayConnectors } : {}),
    createdAt: date(revision.createdAt),
    ...(managed ? { ecsManagedResources: managed } : {}),
    ...(overrides ? { overrides } : {}),
  };
}

function sum(
  revisions: readonly RevisionState[],
  count: (revision: RevisionState) => number,
): number {
  return revisions.reduce((total, one) => total + count(one), 0);
}
