// What to gather after a failure. Each piece may fail on its own and is then named as missing; none may delay the verdict for long.

import { isAccessDenied } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import { within } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { ServiceTasks } from "../aws/ecs-tasks.ts";
import type { Logs } from "../aws/logs.ts";
import type { Clock } from "../clock.ts";
import type { OurDeployment, Snapshot } from "../ecs/deployment.ts";
import type { ServiceEvent } from "../ecs/observed.ts";
import type { ServiceTask } from "../ecs/service-task.ts";
import { DeployError } from "../errors.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import type { Breaker, LogTail } from "../run/diagnosis.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";
import { type DefinedContainer, hasStarted } from "./blame.ts";
import type { Speaker } from "./failed-container.ts";
import { chooseSpeaker, failuresOf, waitingSigns } from "./failures.ts";
import { logPlaceOf, readLastWords } from "./log-tail.ts";
import { type ExpectedImage, findMismatch, type ImageMismatch } from "./verify-digest.ts";

export interface Evidence {
  /** Stopped tasks of our deployment, newest first. */
  readonly stoppedTasks: readonly ServiceTask[];
  /** Tasks of our deployment that are not stopped; looked up only when the rollout is not decided. */
  readonly liveTasks: readonly ServiceTask[];
  /** Service events since the update that can be ours, newest first. */
  readonly events: readonly ServiceEvent[];
  /** ECS's own sentence on the end of the service deployment. */
  readonly statusReason?: string;
  readonly breaker?: Breaker;
  readonly triggeredAlarms: readonly string[];
  /** Of the revision that was deployed. */
  readonly containers: readonly DefinedContainer[];
  readonly imageMismatch?: ImageMismatch;
  readonly logTail?: LogTail;
  /** Why there is no log to show, although nothing went wrong in looking: one sentence. */
  readonly noLog?: string | undefined;
  /** Pieces that could not be had, each with the reason. */
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

export interface EvidenceRequest {
  readonly end: RolloutEnd;
  /** Our region, in which the logs can be read. */
  readonly region: string;
  readonly expected?: ExpectedImage;
}

/** All looks but the one at the log go out at once; the log comes after them: 20 s in all. */
export const pieceMilliseconds = 10_000;

export async function gatherEvidence(
  { end, region, expected }: EvidenceRequest,
  { ecs, logs, clock }: EvidencePorts,
): Promise<Evidence> {
  const ours = end.deployment;
  const missing: string[] = [];
  const softly = async <Piece>(name: string, look: (options: CallOptions) => Promise<Piece>) => {
    try {
      return await within(pieceMilliseconds, clock, look);
    } catch (error) {
      missing.push(`${name}: ${whyMissing(error)}`);
      return undefined;
    }
  };
  const tasks = (status: "STOPPED" | "RUNNING") => (options: CallOptions) =>
    ecs.describeServiceTasks(ours.cluster, ours.service, status, options);
  const [stopped, live, definition, imageMismatch] = await Promise.all([
    softly("stopped tasks", tasks("STOPPED")),
    end.verdict.kind === "undecided" ? softly("running tasks", tasks("RUNNING")) : undefined,
    softly("task definition", async (options) =>
      ecs.describeTaskDefinition(ours.taskDefinitionArn, options),
    ),
    expected && softly("image digest", (options) => findMismatch(end, expected, ecs, options)),
  ]);
  if (stopped?.truncated) missing.push("stopped tasks: there are more of them than were looked at");
  const stoppedTasks = oursOf(stopped, ours).toSorted(
    (one, other) => other.stoppedAt - one.stoppedAt,
  );
  const liveTasks = oursOf(live, ours);
  const containers = definition ? containersOf(definition.definition) : [];

  const speaker =
    chooseSpeaker(failuresOf(stoppedTasks, containers), containers) ??
    liveSpeaker(liveTasks, containers);
  const words =
    definition && speaker
      ? await softly(`last words of container "${speaker.container.name}"`, (options) =>
          readLastWords(speaker, { definition: definition.definition, region }, logs, options),
        )
      : undefined;
  if (words && "missing" in words) missing.push(words.missing);
  return {
    stoppedTasks,
    liveTasks,
    events: eventsOf(end.snapshot, ours, stopped),
    containers,
    missing,
    noLog: words && "none" in words ? words.none : undefined,
    ...ofServiceDeployment(end.snapshot, ours),
    ...(imageMismatch && { imageMismatch }),
    ...(words && "tail" in words && { logTail: words.tail }),
  };
}

/** Never a task of another deployment: what stopped yesterday's version says nothing of ours. */
function oursOf(found: ServiceTasks | undefined, { id }: OurDeployment): readonly ServiceTask[] {
  return (found?.tasks ?? []).filter(({ startedBy }) => startedBy === id);
}

/** Events since the update, without those that name only tasks or deployments of others. */
function eventsOf(
  { service }: Snapshot,
  { id, startedAt }: OurDeployment,
  stopped: ServiceTasks | undefined,
): readonly ServiceEvent[] {
  const foreign = new Set(
    (stopped?.tasks ?? []).filter(({ startedBy }) => startedBy !== id).map((task) => task.id),
  );
  const isForeign = (message: string) => {
    const taskIds: readonly string[] = message.match(/(?<=\(task )[0-9a-f-]+/g) ?? [];
    const deploymentIds: readonly string[] = message.match(/ecs-svc\/\d+/g) ?? [];
    return (
      (taskIds.length > 0 && taskIds.every((taskId) => foreign.has(taskId))) ||
      (deploymentIds.length > 0 && !deploymentIds.includes(id))
    );
  };
  return (service?.events ?? []).filter(
    ({ createdAt, message }) => createdAt >= startedAt && !isForeign(message),
  );
}

export function containersOf(definition: JsonObject): readonly DefinedContainer[] {
  const executionRoleArn = stringOf(definition.executionRoleArn);
  return objectsOf(definition.containerDefinitions).map((container) => {
    const name = stringOf(container.name) ?? "";
    const { group } = logPlaceOf(definition, name);
    return {
      name,
      image: stringOf(container.image) ?? "",
      essential: container.essential !== false,
      ...(group !== undefined && { logGroup: group }),
      ...(executionRoleArn !== undefined && { executionRoleArn }),
      secrets: objectsOf(container.secrets).flatMap(({ valueFrom }) => stringOf(valueFrom) ?? []),
      dependsOn: objectsOf(container.dependsOn).map((one) => ({
        name: stringOf(one.containerName) ?? "",
        condition: stringOf(one.condition) ?? "",
      })),
    };
  });
}

/** The breaker, the alarms and ECS's last word, as the watch saw them: no call is made for these. */
function ofServiceDeployment(
  { service, serviceDeployment }: Snapshot,
  { id }: OurDeployment,
): Pick<Evidence, "breaker" | "triggeredAlarms" | "statusReason"> {
  if (!serviceDeployment) {
    const failedTasks = service?.deployments.find((one) => one.id === id)?.failedTasks ?? 0;
    return {
      triggeredAlarms: [],
      ...(failedTasks > 0 && { breaker: { tripped: false, failedTasks } }),
    };
  }
  const { breaker, triggeredAlarms, statusReason } = serviceDeployment;
  return {
    triggeredAlarms,
    ...(statusReason !== undefined && { statusReason }),
    ...(breaker && {
      breaker: {
        tripped: breaker.status === "TRIGGERED",
        failedTasks: breaker.failureCount,
        threshold: breaker.threshold,
      },
    }),
  };
}

/** A container of a task that has not stopped: the one that others wait for, else the one that is UNHEALTHY. Its log is read while it writes. */
function liveSpeaker(
  liveTasks: readonly ServiceTask[],
  defined: readonly DefinedContainer[],
): Speaker | undefined {
  for (const task of liveTasks) {
    const awaited = waitingSigns(task, defined)[0]?.waiting?.dependency;
    if (awaited && hasStarted(awaited)) return { task, container: awaited };
  }
  const task = liveTasks.find(({ health }) => health === "UNHEALTHY");
  const container =
    task?.containers.find(({ health }) => health === "UNHEALTHY") ?? task?.containers[0];
  return task && container && { task, container };
}

function whyMissing(error: unknown): string {
  if (error instanceof DeployError && isAccessDenied(error)) return `not allowed. ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
