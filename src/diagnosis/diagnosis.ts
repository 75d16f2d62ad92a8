// From evidence to a cause and a next step, PURE. What is not recognised is shown in ECS's own words; what is not known is not guessed.

import type { ServiceTask } from "../ecs/service-task.ts";
import type { Diagnosis } from "../run/diagnosis.ts";
import { type DefinedContainer, describeContainer } from "./blame.ts";
import type { Evidence } from "./evidence.ts";
import {
  type CauseGroup,
  type Failure,
  failuresOf,
  groupReasons,
  rankCauses,
  ranks,
  waitingSigns,
  withoutNumbers,
} from "./failures.ts";
import {
  causeSentence,
  findCause,
  type LogShown,
  nextStep,
  plainText,
  type Sign,
} from "./match-cause.ts";
import { describeUnstarted } from "./unstarted-tasks.ts";
import type { ImageMismatch } from "./verify-digest.ts";

type Explanation = Pick<Diagnosis, "kind" | "name" | "weight" | "cause" | "next">;

/** Every deployment has these; they tell of no trouble. */
const everydayEvent =
  /has started \d+ tasks|has stopped \d+ running tasks|registered \d+ targets|begun draining|reached a steady state|deployment completed|rolling back to deployment|is (?:not )?AZ balanced|stopped AZ Rebalancing/i;
/** That tasks fail, once more: no reason. */
const hollowEvent =
  /deployment failed: tasks failed to start|rollback has failed|unable to consistently start tasks successfully/i;
const troubledEvent =
  /unable|fail|unhealthy|not healthy|error|not found|throttl|could not|cannot|denied|refused|exceed|misconfigured|invalid|timed out|unavailable/i;
const mostEvents = 10;

const guide = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide";
const stoppedTasksPage = `${guide}/stopped-task-error-codes.html`;
const eventsPage = `${guide}/service-event-messages-list.html`;

export function diagnose(evidence: Evidence): Diagnosis {
  const {
    stoppedTasks,
    containers,
    logTail,
    breaker,
    triggeredAlarms,
    imageMismatch,
    missing,
    noLog,
  } = evidence;
  const failures = failuresOf(stoppedTasks, containers, logTail);
  const groups = rankCauses(failures);
  const explanation = explain(evidence, failures, groups);
  return {
    ...explanation,
    otherCauses: [
      ...groups
        .filter(({ cause }) => cause.name !== explanation.name && cause.weight !== "weak")
        .map((group) => ({ cause: sentence(group, evidence), count: group.failures.length })),
      ...companionCauses(failures),
    ],
    stopReasons: groupReasons(failures),
    events: countEvents(evidence),
    triggeredAlarms,
    findings: [
      ...(imageMismatch ? [describeMismatch(imageMismatch)] : []),
      ...(noLog === undefined ? [] : [noLog]),
    ],
    missing,
    ...(breaker && { breaker }),
    ...(logTail && { logTail }),
  };
}

/**
 * ECS's statement on the whole deployment comes first, then what tasks say, then events (which tell why no task could even be placed), then
 * tasks that run but are not well; at last words that we do not know.
 */
function explain(
  evidence: Evidence,
  failures: readonly Failure[],
  groups: readonly CauseGroup[],
): Explanation {
  const firm = groups.find(({ cause }) => cause.weight !== "weak");
  return (
    explainDeployment(evidence) ??
    explainAlarms(evidence) ??
    (firm && explainGroup(firm, evidence)) ??
    explainEvents(evidence, false) ??
    explainLive(evidence) ??
    (groups[0] && explainGroup(groups[0], evidence)) ??
    quoteTasks(failures) ??
    explainEvents(evidence, true) ??
    quoteEvent(evidence) ??
    explainUnstarted(evidence) ??
    nothingFound(evidence)
  );
}

function explainDeployment({ statusReason }: Evidence): Explanation | undefined {
  return statusReason === undefined ? undefined : explainSign({ text: statusReason });
}

/** Alarms that went off while the tasks themselves did not trip the breaker. */
function explainAlarms({ triggeredAlarms, breaker }: Evidence): Explanation | undefined {
  if (triggeredAlarms.length === 0 || breaker?.tripped) return undefined;
  const names = triggeredAlarms.map((name) => `"${name}"`).join(", ");
  return {
    kind: "explained",
    name: "alarm",
    cause: `The tasks ran, but CloudWatch ${triggeredAlarms.length === 1 ? "alarm" : "alarms"} ${names} went off during the deployment.`,
    next: "Look at the alarm's metric in CloudWatch at the time of the deployment; the service's alarms are in its deployment configuration.",
  };
}

function explainGroup(group: CauseGroup, evidence: Evidence): Explanation {
  const { cause } = group;
  const sign = group.failures[0]?.sign ?? { text: "" };
  return {
    kind: "explained",
    name: cause.name,
    weight: cause.weight,
    cause: sentence(group, evidence),
    next: nextStep(cause, sign, logShown(evidence)),
  };
}

function logShown({ logTail, noLog, missing }: Evidence): LogShown {
  if (logTail) return "shown";
  if (noLog !== undefined) return { why: noLog };
  const unread = missing.find((piece) => piece.startsWith("last words"));
  return unread === undefined ? undefined : { why: `No ${unread}.` };
}

/** Containers that failed beside the one that ended the task: named, for they may want mending, but not blamed. */
function companionCauses(failures: readonly Failure[]): Diagnosis["otherCauses"] {
  const counts = new Map<string, number>();
  for (const { sign, cause } of failures.flatMap(({ companions }) => companions)) {
    const told = `Not the reason, for a task goes on without ${describeContainer(sign.container ?? "")}: ${causeSentence(cause, sign)}`;
    counts.set(told, (counts.get(told) ?? 0) + 1);
  }
  return [...counts].map(([cause, count]) => ({ cause, count }));
}

/** Names that the task's own text lacks (codes of a health check) are taken from an event on the same matter. */
function sentence({ cause, failures: [failure] }: CauseGroup, { events }: Evidence): string {
  const sign = failure?.sign ?? { text: "" };
  const same = events.find(({ message }) => findCause({ text: message })?.name === cause.name);
  return causeSentence(cause, sign, same?.message);
}

/** Of several events the one whose cause names what to mend; among equals the newest. */
function explainEvents({ events, containers }: Evidence, weak: boolean): Explanation | undefined {
  const executionRoleArn = containers[0]?.executionRoleArn;
  const known = events.flatMap(({ message }) => {
    const sign = { text: message, executionRoleArn };
    const cause = findCause(sign);
    return cause && cause.weight !== "normal" && (cause.weight === "weak") === weak
      ? [{ sign, cause }]
      : [];
  });
  const [first] = known.toSorted(
    (one, other) => ranks[other.cause.weight] - ranks[one.cause.weight],
  );
  return first && explainSign(first.sign);
}

/** Tasks that have not stopped: what their containers wait for, whose health check fails, or how far they have come. */
function explainLive(evidence: Evidence): Explanation | undefined {
  const { liveTasks, containers } = evidence;
  const waiting = liveTasks.flatMap((task) => waitingSigns(task, containers));
  const hopeless = waiting.find((sign) => sign.waiting?.state !== "not-yet");
  const sick = liveTasks.find(({ health }) => health === "UNHEALTHY");
  const shown = logShown(evidence);
  if (hopeless) return explainSign(hopeless, shown);
  if (sick)
    return explainSign(
      { text: "", unhealthy: true, container: unhealthyContainer(sick, containers) },
      shown,
    );
  return waiting[0] && explainSign(waiting[0], shown);
}

function unhealthyContainer(
  { containers }: ServiceTask,
  defined: readonly DefinedContainer[],
): string | undefined {
  const sick = containers.filter(({ health }) => health === "UNHEALTHY");
  if (sick.length > 0) return sick.length === 1 ? sick[0]?.name : undefined;
  return defined.length === 1 ? defined[0]?.name : undefined;
}

/** Where the tasks are stuck, where that is all that is known. */
function explainUnstarted({ liveTasks, missing }: Evidence): Explanation | undefined {
  const stuck = describeUnstarted(liveTasks);
  return (
    stuck && { ...stuck, kind: "explained", next: unlooked(missing).concat(stuck.next).join("\n") }
  );
}

function explainSign(sign: Sign, log?: LogShown): Explanation | undefined {
  const cause = findCause(sign);
  if (!cause || cause.weight === "normal") return undefined;
  const { name, weight } = cause;
  return {
    kind: "explained",
    name,
    weight,
    cause: causeSentence(cause, sign),
    next: nextStep(cause, sign, log),
  };
}

function quoteTasks(failures: readonly Failure[]): Explanation | undefined {
  const [top] = groupReasons(failures);
  if (!top) return undefined;
  return {
    kind: "unexplained",
    cause: `${top.count === 1 ? "A task" : `${top.count} tasks`} of this deployment stopped: ${top.reason}`,
    next: `These are ECS's own words; this action does not know them. The stopped tasks are in the console for about an hour: service → Tasks → Stopped.\nAWS explains its error messages at ${stoppedTasksPage}`,
  };
}

function quoteEvent({ events, missing }: Evidence): Explanation | undefined {
  const event = events.find(
    ({ message }) =>
      troubledEvent.test(message) && !everydayEvent.test(message) && !hollowEvent.test(message),
  );
  if (!event) return undefined;
  return {
    kind: "unexplained",
    cause: `An event of the service tells of trouble: ${plainText(event.message)}`,
    next: unlooked(missing)
      .concat(
        "These are ECS's own words; this action does not know them. The service's events are in the console.",
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
        ? "ECS names no cause, and not everything could be looked up"
        : "ECS names no cause, and no task of this deployment failed",
      ...live,
    ]
      .join("; ")
      .concat("."),
    next: unlooked(missing)
      .concat("Look at the deployment and the service's events in the console.")
      .join("\n"),
  };
}

/** Where nothing is explained, the first thing to mend is what kept us from looking. */
function unlooked(missing: readonly string[]): readonly string[] {
  return missing.map((piece) => `Not looked up: ${piece}`);
}

function countEvents({ events }: Evidence): Diagnosis["events"] {
  const counted = new Map<string, { message: string; count: number }>();
  for (const { message } of events) {
    if (everydayEvent.test(message)) continue;
    const key = withoutNumbers(message);
    const known = counted.get(key);
    counted.set(key, {
      message: known?.message ?? plainText(message),
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...counted.values()].slice(0, mostEvents);
}

/** What ECS ran is not what we pushed. */
export function describeMismatch({ container, reference, digest, ran }: ImageMismatch): string {
  return `Container "${container}" does not run the image that this step provided: ${reference} was ${digest}, but ECS resolved it to ${ran}. Somebody else may push to the same tag; use one that never moves.`;
}
