// Gathers evidence after a failure. Each piece may fail on its own and is then listed as missing;
// none may delay the verdict for long.

import { isAccessDenied } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { ServiceTasks } from "../aws/ecs-tasks.ts";
import type { Logs } from "../aws/logs.ts";
import type { Clock } from "../clock.ts";
import type { DeploymentSnapshot, OwnDeployment } from "../ecs/deployment.ts";
import { type ExpressInfrastructure, isExpressService } from "../ecs/express.ts";
import type { ServiceEvent } from "../ecs/observed.ts";
import type { ServiceTask } from "../ecs/service-task.ts";
import { DeployError, messageOf } from "../errors.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import type { ContainerImage } from "../plan/image/image.ts";
import type { CircuitBreakerState, LogTail } from "../run/diagnosis.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";
import { withDeadline } from "../timing/deadline.ts";
import type { FailedContainer } from "./failed-container.ts";
import { type DefinedContainer, hasStarted } from "./failure-candidates.ts";
import { pickFailedContainer, taskFailuresOf } from "./failures.ts";
import { logConfigurationOf, readLogTail } from "./log-tail.ts";
import { unmetDependencySymptoms } from "./symptoms-of-task.ts";
import {
  type DigestMismatch,
  evidenceTimeoutMilliseconds,
  findDigestMismatches,
  readTargetRevision,
} from "./verify-digest.ts";

export interface Evidence {
  /** Stopped tasks of our deployment, newest first. */
  readonly stoppedTasks: readonly ServiceTask[];
  /** Tasks of our deployment that have not stopped; read only when the rollout is not decided. */
  readonly liveTasks: readonly ServiceTask[];
  /** Service events since the update that can belong to our deployment, newest first. */
  readonly events: readonly ServiceEvent[];
  /** ECS's own sentence on the end of the service deployment. */
  readonly statusReason?: string | undefined;
  readonly breaker?: CircuitBreakerState | undefined;
  readonly triggeredAlarms: readonly string[];
  /** Of the revision that was deployed. */
  readonly containers: readonly DefinedContainer[];
  readonly imageMismatches: readonly DigestMismatch[];
  /** Of an Express Mode service: what ECS manages for the revision that was deployed. */
  readonly infrastructure?: ExpressInfrastructure | undefined;
  readonly logTail?: LogTail | undefined;
  /** Why there is no log to show although no read failed: one sentence. */
  readonly noLog?: string | undefined;
  /** Pieces that could not be read, each with the reason. */
  readonly missing: readonly string[];
}

export interface EvidencePorts {
  readonly ecs: Pick<
    Ecs,
    "describeServiceTasks" | "describeTaskDefinition" | "describeServiceRevisions"
  >;
  readonly logs: Pick<Logs, "readTail">;
  readonly clock: Clock;
}

interface EvidenceRequest {
  readonly deployment: OwnDeployment;
  readonly end: RolloutEnd;
  /** Region of this run: logs can be read only there. */
  readonly region: string;
  readonly expected: readonly ContainerImage[];
}

export async function gatherEvidence(
  { deployment: own, end, region, expected }: EvidenceRequest,
  { ecs, logs, clock }: EvidencePorts,
): Promise<Evidence> {
  const missing: string[] = [];
  const tryRead = async <Piece>(name: string, read: (options: CallOptions) => Promise<Piece>) => {
    try {
      return await withDeadline(evidenceTimeoutMilliseconds, clock, (signal) =>
        read({ retryForMilliseconds: evidenceTimeoutMilliseconds, signal }),
      );
    } catch (error) {
      missing.push(`${name}: ${whyMissing(error)}`);
      return undefined;
    }
  };
  const tasks = (status: "STOPPED" | "RUNNING") => (options: CallOptions) =>
    ecs.describeServiceTasks(own.cluster, own.service, status, options);
  const isExpress = end.snapshot.service !== undefined && isExpressService(end.snapshot.service);
  const [stopped, live, definition, revision] = await Promise.all([
    tryRead("stopped tasks", tasks("STOPPED")),
    end.verdict.kind === "undecided" ? tryRead("running tasks", tasks("RUNNING")) : undefined,
    tryRead("task definition", async (options) =>
      ecs.describeTaskDefinition(own.taskDefinitionArn, options),
    ),
    expected.length > 0 || isExpress
      ? tryRead("image digest", (options) => readTargetRevision(end, ecs, options))
      : undefined,
  ]);
  if (stopped?.truncated) missing.push("stopped tasks: there are more than were read");
  const stoppedTasks = ownTasksOf(stopped, own).toSorted((a, b) => b.stoppedAt - a.stoppedAt);
  const liveTasks = ownTasksOf(live, own);
  const containers = definition ? definedContainersOf(definition.definition) : [];

  const failedContainer =
    pickFailedContainer(taskFailuresOf(stoppedTasks, containers), containers) ??
    pickLiveContainer(liveTasks, containers);
  const logResult =
    definition && failedContainer
      ? await tryRead(
          `last log lines of container "${failedContainer.container.name}"`,
          (options) =>
            readLogTail(
              failedContainer,
              { definition: definition.definition, region },
              logs,
              options,
            ),
        )
      : undefined;
  if (logResult && "missing" in logResult) missing.push(logResult.missing);
  return {
    stoppedTasks,
    liveTasks,
    events: eventsOf(end.snapshot, own, stopped),
    containers,
    missing,
    noLog: logResult && "none" in logResult ? logResult.none : undefined,
    ...serviceDeploymentEvidence(end.snapshot, own),
    imageMismatches: findDigestMismatches(revision, expected),
    infrastructure: revision?.infrastructure,
    ...(logResult && "tail" in logResult && { logTail: logResult.tail }),
  };
}

/**
 * Never a task of another deployment: the stop reason of the previous version says nothing about
 * ours.
 */
function ownTasksOf(
  found: ServiceTasks | undefined,
  { id }: OwnDeployment,
): readonly ServiceTask[] {
  return (found?.tasks ?? []).filter(({ startedBy }) => startedBy === id);
}

/** Events since the update, without those that name only other tasks or deployments. */
function eventsOf(
  { service }: DeploymentSnapshot,
  { id, startedAt }: OwnDeployment,
  stopped: ServiceTasks | undefined,
): readonly ServiceEvent[] {
  const otherTaskIds = new Set(
    (stopped?.tasks ?? []).filter(({ startedBy }) => startedBy !== id).map((task) => task.id),
  );
  const isOfOthers = (message: string) => {
    const taskIds: readonly string[] = message.match(/(?<=\(task )[0-9a-f-]+/g) ?? [];
    const deploymentIds: readonly string[] = message.match(/ecs-svc\/\d+/g) ?? [];
    return (
      (taskIds.length > 0 && taskIds.every((taskId) => otherTaskIds.has(taskId))) ||
      (deploymentIds.length > 0 && !deploymentIds.includes(id))
    );
  };
  return (service?.events ?? []).filter(
    ({ createdAt, message }) => createdAt >= startedAt && !isOfOthers(message),
  );
}

export function definedContainersOf(definition: JsonObject): readonly DefinedContainer[] {
  const executionRoleArn = stringOf(definition.executionRoleArn);
  return objectsOf(definition.containerDefinitions).map((container) => {
    const name = stringOf(container.name) ?? "";
    const { group } = logConfigurationOf(definition, name);
    return {
      name,
      image: stringOf(container.image) ?? "",
      essential: container.essential !== false,
      logGroup: group,
      executionRoleArn,
      secrets: objectsOf(container.secrets).flatMap(({ valueFrom }) => stringOf(valueFrom) ?? []),
      dependsOn: objectsOf(container.dependsOn).map((dependency) => ({
        name: stringOf(dependency.containerName) ?? "",
        condition: stringOf(dependency.condition) ?? "",
      })),
    };
  });
}

/**
 * The circuit breaker, the alarms and ECS's final status reason, as the watch read them: no extra
 * call.
 */
function serviceDeploymentEvidence(
  { service, serviceDeployment }: DeploymentSnapshot,
  { id }: OwnDeployment,
): Pick<Evidence, "breaker" | "triggeredAlarms" | "statusReason"> {
  if (!serviceDeployment) {
    const failedTasks =
      service?.deployments.find((deployment) => deployment.id === id)?.failedTasks ?? 0;
    if (failedTasks === 0) return { triggeredAlarms: [] };
    return { triggeredAlarms: [], breaker: { tripped: false, failedTasks } };
  }
  const { breaker, triggeredAlarms, statusReason } = serviceDeployment;
  return {
    triggeredAlarms,
    statusReason,
    breaker: breaker && {
      tripped: breaker.status === "TRIGGERED",
      failedTasks: breaker.failureCount,
      threshold: breaker.threshold,
    },
  };
}

/**
 * A container of a task that has not stopped: the one that others wait for, otherwise the one that
 * is UNHEALTHY. Its log is read while it runs.
 */
function pickLiveContainer(
  liveTasks: readonly ServiceTask[],
  defined: readonly DefinedContainer[],
): FailedContainer | undefined {
  for (const task of liveTasks) {
    const dependency = unmetDependencySymptoms(task, defined)[0]?.unmetDependency?.dependency;
    if (dependency && hasStarted(dependency)) return { task, container: dependency };
  }
  const task = liveTasks.find(({ health }) => health === "UNHEALTHY");
  const container =
    task?.containers.find(({ health }) => health === "UNHEALTHY") ?? task?.containers[0];
  return task && container && { task, container };
}

function whyMissing(error: unknown): string {
  if (error instanceof DeployError && isAccessDenied(error)) return `not allowed. ${error.hint}`;
  return messageOf(error);
}
