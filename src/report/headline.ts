// What happened and what runs now, in one sentence, PURE: the headline of the summary and the last
// log line.
//
// It is made from facts (how far each service came, what ECS decided, what was last seen running)
// and not from the error code alone, so that no headline contradicts these facts.

import { shortRevision } from "../ecs/arn.ts";
import { isPass, type Outcome, type ServiceOutcome } from "../run/outcome.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";
import { describeRunningRevisions } from "../run/running-revisions.ts";
import { formatDuration, pluralize } from "../text/format.ts";
import { dryRunSentence } from "./dry-run-headline.ts";
import { failurePhrase } from "./failure-phrase.ts";
import { iconOf, iconOfService } from "./icons.ts";

/** How one service can end a run. */
type Situation =
  | "deployed"
  | "deployed-no-tasks"
  | "rolled-back-as-asked"
  | "not-watched"
  | "unchanged"
  | "untouched"
  | "update-unknown"
  | "watch-broke-off"
  | "rolled-back"
  | "rollback-failed"
  | "failed"
  | "alarm"
  | "stopped"
  | "superseded"
  | "gone"
  | "goes-on"
  | "rollback-unfinished"
  | "taken-back"
  | "take-back-failed"
  | "take-back-unfinished";

interface Facts {
  readonly service: string;
  /** The new revision, `api:2`. */
  readonly target: string;
  /** The one before. */
  readonly before: string;
  /** `api runs api:1`; `nothing runs`; `what api runs is unknown`. */
  readonly runs: string;
  /** Why the run or this service failed: `Build failed`. "" when it did not. */
  readonly failure: string;
  /** A CloudWatch alarm went off during the rollout. */
  readonly alarm: boolean;
  /** Why the step stopped waiting: `Timed out`, `Too many failed tasks`; else "". */
  readonly gaveUp: string;
  readonly rollback: boolean;
}

interface SituationPhrases {
  /** For one service. */
  readonly sentence: (facts: Facts) => string;
  /** After the names of several: `api and web deployed`. */
  readonly brief: (facts: Facts) => string;
  /** If all of several services ended this way. `all`: `3 services`. */
  readonly allServices?: (all: string, facts: Facts) => string;
}

const brief = (text: string) => () => text;
const joinClauses = (text: string, then: string) => {
  if (text === "") return `${then[0]?.toUpperCase()}${then.slice(1)}`;
  return `${text}; ${then}`;
};

const situationPhrases: Readonly<Record<Situation, SituationPhrases>> = {
  deployed: {
    sentence: ({ service, target }) => `Deployed ${target} to ${service}`,
    brief: brief("deployed"),
    allServices: (all) => `Deployed ${all}`,
  },
  "deployed-no-tasks": {
    sentence: ({ service, target }) =>
      `${service} is updated to ${target}, but its desired count is 0: no task runs`,
    brief: brief("updated, with no tasks"),
  },
  "rolled-back-as-asked": {
    sentence: ({ service, target, before }) =>
      `Rolled back ${service} to ${target} (was ${before})`,
    brief: brief("rolled back"),
    allServices: (all) => `Rolled back ${all}`,
  },
  "not-watched": {
    sentence: ({ service, target }) =>
      `ECS accepted ${target} for ${service}; the rollout was not watched`,
    brief: brief("accepted, not watched"),
    allServices: (all) => `ECS accepted the update of ${all}; the rollouts were not watched`,
  },
  unchanged: {
    sentence: ({ service, target }) => `Nothing to do: ${service} is up to date (${target})`,
    brief: brief("unchanged"),
    allServices: (all) => `Nothing to do: ${all} are up to date`,
  },
  untouched: {
    sentence: ({ failure, runs }) => `${failure}; ${runs}`,
    brief: ({ failure }) => `not updated (${lowerFirst(failure)})`,
    allServices: (all, { failure }) => `${failure}; ${all} still run what they ran before`,
  },
  "update-unknown": {
    sentence: ({ service, target, failure }) =>
      `${failure}: whether ${service} was updated to ${target} is unknown`,
    brief: brief("update sent, result unknown"),
  },
  "watch-broke-off": {
    sentence: ({ service, target, failure }) =>
      `${failure} during the rollout of ${target} to ${service}: its end is unknown`,
    brief: brief("end of the rollout unknown"),
  },
  "rolled-back": {
    sentence: ({ target, runs, gaveUp, alarm, rollback }) => {
      if (rollback) return `The rollback to ${target} failed and was undone: ${runs}`;
      if (gaveUp) return `${gaveUp}, ${target} was rolled back: ${runs}`;
      if (alarm) return `Rolled back after an alarm: ${runs}, not ${target}`;
      return `Rolled back: ${target} failed, ${runs}`;
    },
    brief: brief("rolled back"),
  },
  "rollback-failed": {
    sentence: ({ target, runs, gaveUp }) =>
      joinClauses(gaveUp, `the rollback from ${target} failed: ${runs}`),
    brief: brief("rollback failed"),
  },
  failed: {
    sentence: ({ target, runs, gaveUp }) =>
      joinClauses(gaveUp, `deployment of ${target} failed, not rolled back: ${runs}`),
    brief: brief("failed, not rolled back"),
  },
  alarm: {
    sentence: ({ target, runs }) =>
      `Alarm during the rollout of ${target}, not rolled back: ${runs}`,
    brief: brief("alarm, not rolled back"),
  },
  stopped: {
    sentence: ({ target, runs, gaveUp }) =>
      joinClauses(gaveUp, `the deployment of ${target} was stopped: ${runs}`),
    brief: brief("stopped"),
  },
  superseded: {
    sentence: ({ service, target, gaveUp }) =>
      joinClauses(
        gaveUp,
        `superseded: a newer deployment of ${service} started before ${target} finished`,
      ),
    brief: brief("superseded"),
  },
  gone: {
    sentence: ({ service, target }) => `${service} was deleted during the rollout of ${target}`,
    brief: brief("deleted during the rollout"),
  },
  "goes-on": {
    sentence: ({ service, target, gaveUp, failure }) =>
      joinClauses(gaveUp || failure, `the rollout of ${target} to ${service} continues`),
    brief: ({ gaveUp, failure }) => `${lowerFirst(gaveUp || failure)}, rollout continues`,
  },
  "rollback-unfinished": {
    sentence: ({ service, target, gaveUp }) =>
      joinClauses(gaveUp, `ECS is rolling ${service} back from ${target}`),
    brief: brief("rollback in progress"),
  },
  "taken-back": {
    sentence: ({ target, runs }) =>
      `Rolled back from ${target}, because another service failed: ${runs}`,
    brief: brief("rolled back with the others"),
  },
  "take-back-failed": {
    sentence: ({ target, runs }) =>
      `The rollback from ${target}, because another service failed, did not succeed: ${runs}`,
    brief: brief("rollback with the others failed"),
  },
  "take-back-unfinished": {
    sentence: ({ service, target, failure }) =>
      `${failure} while ${service} was rolled back from ${target}, because another service failed`,
    brief: brief("end of the rollback unknown"),
  },
};

/** How one service ended the run, as a sentence with its icon. */
export function describeServiceOutcome(service: ServiceOutcome, outcome: Outcome): string {
  const situation = situationOf(service, outcome);
  const facts = factsOf(service, outcome);
  const icon = situation === "rolled-back-as-asked" ? "⏪" : iconOfService(service);
  if (service.outcome === "planned") return `${icon} ${dryRunSentence(service, outcome)}`;
  return `${icon} ${situationPhrases[situation].sentence(facts)}`;
}

export function headlineOf(outcome: Outcome): string {
  const { services, startedAt, endedAt, passes, reasonCode } = outcome;
  const [first, ...others] = services;
  if (!first) return headlineWithoutService(outcome);
  // All services succeeded; something after them failed.
  const afterwards = !passes && services.every((service) => isPass(service.outcome));
  const failure = afterwards ? `, but: ${lowerFirst(failurePhrase({ reasonCode }, outcome))}` : "";
  const timed = services.some((service) =>
    /^(deployed|rolled-back-as-asked)$/.test(situationOf(service, outcome)),
  );
  const time =
    timed && passes && isPass(outcome.outcome) ? ` in ${formatDuration(endedAt - startedAt)}` : "";
  const sentence = describeServiceOutcome(first, outcome);
  if (others.length === 0) {
    if (afterwards) return `❌ ${withoutIcon(sentence)}${failure}`;
    return `${sentence}${time}`;
  }
  const icon = afterwards ? "❌" : iconOfAll(outcome);
  return `${icon} ${describeSeveral(outcome)}${failure}${time}`;
}

function iconOfAll({ services, outcome, passes, reasonCode, rollback }: Outcome): string {
  if (reasonCode === "NotWatched") return "⚠️";
  const rolledBack = rollback && passes && services.some(({ progress }) => progress === "updated");
  if (rolledBack && isPass(outcome)) return "⏪";
  return iconOf(outcome, passes);
}

/**
 * Groups of services that ended alike, the failed ones first: `1 of 3 services failed. api: rolled
 * back. web, worker: deployed`
 */
function describeSeveral(outcome: Outcome): string {
  const { services, terraform } = outcome;
  if (outcome.outcome === "planned")
    return dryRunSentence(terraform ? undefined : services, outcome);
  const groups = new Map<string, string[]>();
  for (const service of services.toSorted((a, b) => failureRank(a) - failureRank(b))) {
    const text = situationPhrases[situationOf(service, outcome)].brief(factsOf(service, outcome));
    groups.set(text, [...(groups.get(text) ?? []), service.service]);
  }
  const failed = services.filter((service) => failureRank(service) === 0).length;
  const all = pluralize(services.length, "service");
  const [first] = services;
  if (first && groups.size === 1) {
    const together = situationPhrases[situationOf(first, outcome)].allServices;
    if (together) return together(all, factsOf(first, outcome));
  }
  const text = [...groups].map(([text, names]) => `${joinServiceNames(names)} ${text}`).join(", ");
  if (failed > 0) return `${failed} of ${all} failed: ${text}`;
  return text;
}

/** 0: it fails the step; 1: it would, but the inputs tolerate it. */
function failureRank({ outcome, tolerated }: ServiceOutcome): 0 | 1 | 2 {
  if (isPass(outcome)) return 2;
  if (tolerated) return 1;
  return 0;
}

function joinServiceNames(names: readonly string[]): string {
  if (names.length <= 3) return names.join(" and ");
  return pluralize(names.length, "service");
}

/** The run ended before the services were known, or they do not exist yet. */
function headlineWithoutService(outcome: Outcome): string {
  const { passes, image, terraform, reasonCode } = outcome;
  const icon = iconOf(outcome.outcome, passes);
  if (outcome.outcome === "planned") return `${icon} ${dryRunSentence(undefined, outcome)}`;
  if (passes) return `${icon} Nothing to do`;
  const failure = failurePhrase({ reasonCode }, outcome);
  if (terraform && terraform.applyState !== "not") return `${icon} ${failure}`;
  return `${icon} ${failure}; nothing was ${image ? "deployed" : "changed"}`;
}

const rollbackSituations = {
  "in-progress": "take-back-unfinished",
  succeeded: "taken-back",
  failed: "take-back-failed",
} as const;

function situationOf(service: ServiceOutcome, { rollback }: Outcome): Situation {
  const { outcome, reasonCode, progress, end, rollbackState, runningNow } = service;
  if (rollbackState) return rollbackSituations[rollbackState];
  if (reasonCode === "NotWatched") return "not-watched";
  if (outcome === "unchanged" || outcome === "planned") return "unchanged";
  if (outcome === "succeeded") {
    if (rollback) return "rolled-back-as-asked";
    if (end?.snapshot.service?.desiredCount === 0 && runningNow?.length === 0)
      return "deployed-no-tasks";
    return "deployed";
  }
  if (progress === "untouched" || progress === "registered") return "untouched";
  if (progress === "update-sent") return "update-unknown";
  if (end) return situationOfEnd(end);
  return "watch-broke-off";
}

function situationOfEnd(end: RolloutEnd): Situation {
  const { verdict, gaveUp, outage } = end;
  if (verdict.kind === "undecided" && outage) return "watch-broke-off";
  switch (verdict.kind) {
    case "undecided":
      if (gaveUp?.rollback === "asked") return "rollback-unfinished";
      return "goes-on";
    case "failed":
      if (hasAlarm(end)) return "alarm";
      return "failed";
    case "succeeded":
      return "deployed";
    default:
      return verdict.kind;
  }
}

function hasAlarm({ snapshot }: RolloutEnd): boolean {
  return (snapshot.serviceDeployment?.triggeredAlarms.length ?? 0) > 0;
}

const gaveUpPhrases = {
  "timed-out": "Timed out",
  "tasks-failing": "Too many failed tasks",
} as const;

function factsOf(service: ServiceOutcome, outcome: Outcome): Facts {
  const { taskDefinitionArn, previousTaskDefinitionArn, end, progress } = service;
  const before = shortRevision(previousTaskDefinitionArn);
  const still = progress === "untouched" || progress === "registered" ? "still " : "";
  return {
    service: service.service,
    target: shortRevision(taskDefinitionArn ?? "") || before || "a new revision",
    before,
    runs: describeRunning(service, still),
    failure: isPass(service.outcome) ? "" : failurePhrase(service, outcome),
    gaveUp: end?.gaveUp ? gaveUpPhrases[end.gaveUp.reason] : "",
    alarm: end !== undefined && hasAlarm(end),
    rollback: outcome.rollback === true,
  };
}

function describeRunning({ service, runningNow }: ServiceOutcome, still: string): string {
  if (!runningNow) return `what ${service} runs is unknown`;
  if (runningNow.length === 0) return `no task of ${service} runs`;
  return `${service} ${still}runs ${describeRunningRevisions(runningNow)}`;
}

/** `Build failed` in the middle of a sentence; `AWS is unavailable` stays. */
function lowerFirst(text: string): string {
  if (!/^[A-Z][a-z]/.test(text) || text.startsWith("Terraform")) return text;
  return `${text[0]?.toLowerCase()}${text.slice(1)}`;
}

function withoutIcon(text: string): string {
  return text.slice(text.indexOf(" ") + 1);
}
