// From evidence to a cause and a remedy, PURE. A text that is not recognized is shown as ECS wrote
// it; an unknown cause is not guessed.

import type { ServiceTask } from "../ecs/service-task.ts";
import type { Diagnosis, Explanation } from "../run/diagnosis.ts";
import { describeDigestMismatch } from "./digest-mismatch.ts";
import type { Evidence } from "./evidence.ts";
import { explainInfrastructure, explainRollbackAlarm, trafficSplitRemedy } from "./express.ts";
import { type DefinedContainer, describeContainer } from "./failure-candidates.ts";
import {
  type CauseGroup,
  groupReasons,
  priorityRanks,
  rankCauses,
  type TaskFailure,
  taskFailuresOf,
} from "./failures.ts";
import { causeSentence, findCause, type LogAvailability, remedyText } from "./match-cause.ts";
import { countEvents, routineEvent } from "./service-events.ts";
import { plainText, type Symptom } from "./symptom.ts";
import { unmetDependencySymptoms } from "./symptoms-of-task.ts";
import { describeUnstartedTasks } from "./unstarted-tasks.ts";

/** These events only repeat that tasks fail; they give no reason. */
const uninformativeEvent =
  /deployment failed: tasks failed to start|rollback has failed|unable to consistently start tasks successfully/i;
const failureEvent =
  /unable|fail|unhealthy|not healthy|error|not found|throttl|could not|cannot|denied|refused|exceed|misconfigured|invalid|timed out|unavailable/i;
const ecsGuide = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide";
const stoppedTasksPage = `${ecsGuide}/stopped-task-error-codes.html`;
const eventsPage = `${ecsGuide}/service-event-messages-list.html`;

export function diagnose(evidence: Evidence): Diagnosis {
  const {
    stoppedTasks,
    containers,
    logTail,
    breaker,
    triggeredAlarms,
    imageMismatches,
    missing,
    noLog,
  } = evidence;
  const failures = taskFailuresOf(stoppedTasks, containers, logTail);
  const groups = rankCauses(failures);
  const explanation = findExplanation(evidence, failures, groups);
  return {
    ...explanation,
    remedy: trafficSplitRemedy(explanation, evidence) ?? explanation.remedy,
    otherCauses: [
      ...groups
        .filter(({ cause }) => cause.name !== explanation.name && cause.priority !== "weak")
        .map((group) => ({ cause: groupSentence(group, evidence), count: group.failures.length })),
      ...sidecarCauses(failures),
    ],
    stopReasons: groupReasons(failures),
    events: countEvents(evidence),
    triggeredAlarms,
    infrastructure: evidence.infrastructure,
    notes: [
      ...imageMismatches.map(describeDigestMismatch),
      ...(noLog === undefined ? [] : [noLog]),
    ],
    missing,
    breaker,
    logTail,
  };
}

/**
 * ECS's statement on the whole deployment comes first, then the tasks' reasons, then events (which
 * say why no task could be placed), then tasks that run but are unhealthy; last, texts that are not
 * recognized.
 */
function findExplanation(
  evidence: Evidence,
  failures: readonly TaskFailure[],
  groups: readonly CauseGroup[],
): Explanation {
  const decisive = groups.find(({ cause }) => cause.priority !== "weak");
  return (
    explainDeployment(evidence) ??
    explainAlarms(evidence) ??
    (decisive && explainGroup(decisive, evidence)) ??
    explainEvents(evidence, false) ??
    explainInfrastructure(evidence) ??
    explainRunningTasks(evidence) ??
    (groups[0] && explainGroup(groups[0], evidence)) ??
    quoteTasks(failures) ??
    explainEvents(evidence, true) ??
    quoteEvent(evidence) ??
    explainUnstarted(evidence) ??
    nothingFound(evidence)
  );
}

function explainDeployment({ statusReason }: Evidence): Explanation | undefined {
  if (statusReason === undefined) return undefined;
  return explainSymptom({ text: statusReason });
}

/** CloudWatch alarms that went off while the tasks themselves did not trip the circuit breaker. */
function explainAlarms({ triggeredAlarms, breaker }: Evidence): Explanation | undefined {
  if (triggeredAlarms.length === 0 || breaker?.tripped) return undefined;
  const expressAlarm = explainRollbackAlarm(triggeredAlarms);
  if (expressAlarm) return expressAlarm;
  const names = triggeredAlarms.map((name) => `"${name}"`).join(", ");
  return {
    kind: "explained",
    name: "alarm",
    cause:
      `The tasks ran, but CloudWatch ${triggeredAlarms.length === 1 ? "alarm" : "alarms"} ` +
      `${names} went off during the deployment.`,
    remedy:
      "Check the alarm's metric in CloudWatch at the time of the deployment; the service's " +
      "alarms are in its deployment configuration.",
  };
}

function explainGroup(group: CauseGroup, evidence: Evidence): Explanation {
  const { cause } = group;
  const symptom = group.failures[0]?.symptom ?? { text: "" };
  return {
    kind: "explained",
    name: cause.name,
    priority: cause.priority,
    cause: groupSentence(group, evidence),
    remedy: remedyText(cause, symptom, logAvailability(evidence)),
  };
}

function logAvailability({ logTail, noLog, missing }: Evidence): LogAvailability {
  if (logTail) return "shown";
  if (noLog !== undefined) return { reason: noLog };
  const missingLog = missing.find((piece) => piece.startsWith("last log lines"));
  if (missingLog === undefined) return undefined;
  return { reason: `Could not be read: ${missingLog}.` };
}

/**
 * Containers that failed besides the one that stopped the task: named, because they may need a fix
 * too, but not as the cause.
 */
function sidecarCauses(failures: readonly TaskFailure[]): Diagnosis["otherCauses"] {
  const counts = new Map<string, number>();
  for (const { symptom, cause } of failures.flatMap(({ sidecarFailures }) => sidecarFailures)) {
    const text =
      "Not the cause, because a task continues without " +
      `${describeContainer(symptom.container ?? "")}: ${causeSentence(cause, symptom)}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([cause, count]) => ({ cause, count }));
}

/**
 * Names that the task's own text lacks (codes of a health check) are taken from an event about the
 * same problem.
 */
function groupSentence({ cause, failures: [failure] }: CauseGroup, { events }: Evidence): string {
  const symptom = failure?.symptom ?? { text: "" };
  const related = events.find(({ message }) => findCause({ text: message })?.name === cause.name);
  return causeSentence(cause, symptom, related?.message);
}

/** Of several events the one whose cause names what to fix; of equal ones the newest. */
function explainEvents({ events, containers }: Evidence, weak: boolean): Explanation | undefined {
  const executionRoleArn = containers[0]?.executionRoleArn;
  const known = events.flatMap(({ message }) => {
    const symptom = { text: message, executionRoleArn };
    const cause = findCause(symptom);
    if (cause && cause.priority !== "normal" && (cause.priority === "weak") === weak)
      return [{ symptom, cause }];
    return [];
  });
  const [first] = known.toSorted(
    (a, b) => priorityRanks[b.cause.priority] - priorityRanks[a.cause.priority],
  );
  return first && explainSymptom(first.symptom);
}

/**
 * Tasks that have not stopped: what their containers wait for, whose health check fails, or which
 * state they have reached.
 */
function explainRunningTasks(evidence: Evidence): Explanation | undefined {
  const { liveTasks, containers } = evidence;
  const dependencySymptoms = liveTasks.flatMap((task) => unmetDependencySymptoms(task, containers));
  const blocked = dependencySymptoms.find(
    (symptom) => symptom.unmetDependency?.state !== "not-yet",
  );
  const unhealthy = liveTasks.find(({ health }) => health === "UNHEALTHY");
  const log = logAvailability(evidence);
  if (blocked) return explainSymptom(blocked, log);
  if (unhealthy)
    return explainSymptom(
      { text: "", unhealthy: true, container: unhealthyContainer(unhealthy, containers) },
      log,
    );
  return dependencySymptoms[0] && explainSymptom(dependencySymptoms[0], log);
}

function unhealthyContainer(
  { containers }: ServiceTask,
  defined: readonly DefinedContainer[],
): string | undefined {
  const unhealthy = containers.filter(({ health }) => health === "UNHEALTHY");
  if (unhealthy.length > 0) {
    if (unhealthy.length === 1) return unhealthy[0]?.name;
    return undefined;
  }
  if (defined.length === 1) return defined[0]?.name;
  return undefined;
}

/** The state in which the tasks are stuck, if nothing more is known. */
function explainUnstarted({ liveTasks, missing }: Evidence): Explanation | undefined {
  const stuck = describeUnstartedTasks(liveTasks);
  return (
    stuck && {
      ...stuck,
      kind: "explained",
      remedy: describeMissing(missing).concat(stuck.remedy).join("\n"),
    }
  );
}

function explainSymptom(symptom: Symptom, log?: LogAvailability): Explanation | undefined {
  const cause = findCause(symptom);
  if (!cause || cause.priority === "normal") return undefined;
  const { name, priority } = cause;
  return {
    kind: "explained",
    name,
    priority,
    cause: causeSentence(cause, symptom),
    remedy: remedyText(cause, symptom, log),
  };
}

function quoteTasks(failures: readonly TaskFailure[]): Explanation | undefined {
  const [top] = groupReasons(failures);
  if (!top) return undefined;
  const tasks = top.count === 1 ? "A task" : `${top.count} tasks`;
  return {
    kind: "unexplained",
    cause: `${tasks} of this deployment stopped: ${top.reason}`,
    remedy:
      "This is ECS's own message; this action does not recognize it. The stopped tasks are in " +
      "the console for about an hour: service → Tasks → Stopped.\nAWS explains its error " +
      `messages at ${stoppedTasksPage}`,
  };
}

function quoteEvent({ events, missing }: Evidence): Explanation | undefined {
  const event = events.find(
    ({ message }) =>
      failureEvent.test(message) &&
      !routineEvent.test(message) &&
      !uninformativeEvent.test(message),
  );
  if (!event) return undefined;
  return {
    kind: "unexplained",
    cause: `Service event: ${plainText(event.message)}`,
    remedy: describeMissing(missing)
      .concat(
        "This is ECS's own message; this action does not recognize it. The service's events " +
          "are in the console.",
        `AWS explains its event messages at ${eventsPage}`,
      )
      .join("\n"),
  };
}

function nothingFound({ liveTasks, missing }: Evidence): Explanation {
  const states = new Map<string, number>();
  for (const { lastStatus } of liveTasks) states.set(lastStatus, (states.get(lastStatus) ?? 0) + 1);
  const live = [...states].map(
    ([status, count]) => `${count} ${count === 1 ? "task is" : "tasks are"} ${status}`,
  );
  return {
    kind: "nothing-found",
    cause: [
      missing.length > 0
        ? "ECS reported no cause, and some evidence could not be read"
        : "ECS reported no cause, and no task of this deployment failed",
      ...live,
    ]
      .join("; ")
      .concat("."),
    remedy: describeMissing(missing)
      .concat("Check the deployment and the service's events in the console.")
      .join("\n"),
  };
}

/** If nothing is explained, the first thing to fix is what prevented the reads. */
function describeMissing(missing: readonly string[]): readonly string[] {
  return missing.map((piece) => `Could not be read: ${piece}`);
}
