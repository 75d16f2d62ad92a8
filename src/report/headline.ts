// What happened and what runs now, in one sentence, PURE: the headline of the summary and the last
// log line.
//
// It is made from facts (how far each service came, what ECS decided, what was last seen running)
// and not from the error code alone, so that no headline contradicts these facts.

import { shortRevision } from "../ecs/arn.ts";
import { deployingVerbs, type Verb } from "../inputs/verbs.ts";
import { isPass, type Outcome, type ServiceOutcome } from "../run/outcome.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";
import { describeRunningRevisions } from "../run/running-revisions.ts";
import { formatDuration, pluralize } from "../text/format.ts";
import { dryRunSentence } from "./dry-run-headline.ts";
import { failurePhrase } from "./failure-phrase.ts";
import { iconOf, iconOfService, isRolledBackAsAsked } from "./icons.ts";
import { type Facts, lowerFirst, type Situation, situationPhrases } from "./situation-phrases.ts";
import { verbHeadline } from "./verb-headline.ts";

/** How one service ended the run, as a sentence with its icon. */
export function describeServiceOutcome(service: ServiceOutcome, outcome: Outcome): string {
  const situation = situationOf(service, outcome);
  const facts = factsOf(service, outcome);
  const icon = situation === "rolled-back-as-asked" ? "⏪" : iconOfService(service);
  if (service.outcome === "planned") return `${icon} ${dryRunSentence(service, outcome)}`;
  return `${icon} ${situationPhrases[situation].sentence(facts)}`;
}

/** What happened, with the time that a deployment took. */
export function headlineOf(outcome: Outcome): string {
  const { services, startedAt, endedAt, passes } = outcome;
  const timed = services.some((service) =>
    /^(deployed|rolled-back-as-asked)$/.test(situationOf(service, outcome)),
  );
  const sentence = outcomeSentence(outcome);
  if (timed && passes && isPass(outcome.outcome))
    return `${sentence} in ${formatDuration(endedAt - startedAt)}`;
  return sentence;
}

/** What happened, with its icon, without a full stop. */
export function outcomeSentence(outcome: Outcome): string {
  if (outcome.verb === "rehearse") return `Rehearsal: ${sentenceOf(outcome)}`;
  return sentenceOf(outcome);
}

function sentenceOf(outcome: Outcome): string {
  const { services, passes, reasonCode } = outcome;
  const [first, ...others] = services;
  if (!first) return headlineWithoutService(outcome);
  // All services succeeded; something after them failed.
  const afterwards = !passes && services.every((service) => isPass(service.outcome));
  const failure = afterwards ? `, but: ${lowerFirst(failurePhrase({ reasonCode }, outcome))}` : "";
  const sentence = describeServiceOutcome(first, outcome);
  if (others.length === 0) {
    if (afterwards) return `❌ ${withoutIcon(sentence)}${failure}`;
    return sentence;
  }
  const icon = afterwards ? "❌" : iconOfAll(outcome);
  return `${icon} ${describeSeveral(outcome)}${failure}`;
}

function iconOfAll({ services, outcome, passes, reasonCode, rollback }: Outcome): string {
  if (reasonCode === "NotWatched") return "⚠️";
  if (passes && services.some(isRolledBackAsAsked)) return "⏪";
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
  const { verb, passes, image, terraform, reasonCode, preview } = outcome;
  const icon = iconOf(outcome.outcome, passes);
  if (!isDeploying(verb)) return `${icon} ${verbHeadline(outcome)}`;
  if (outcome.outcome === "planned") return `${icon} ${dryRunSentence(undefined, outcome)}`;
  if (passes) return `${icon} ${preview?.headline ?? "Nothing to do"}`;
  const failure = failurePhrase({ reasonCode }, outcome);
  if (terraform && terraform.applyState !== "not") return `${icon} ${failure}`;
  return `${icon} ${failure}; nothing was ${image ? "deployed" : "changed"}`;
}

function isDeploying(verb: Verb): boolean {
  return deployingVerbs.some((one) => one === verb);
}

const rollbackSituations = {
  "in-progress": "take-back-unfinished",
  succeeded: "taken-back",
  failed: "take-back-failed",
} as const;

function situationOf(service: ServiceOutcome, { rollback, answerPause }: Outcome): Situation {
  const { outcome, reasonCode, progress, end, rollbackState, runningNow } = service;
  if (rollbackState) return rollbackSituations[rollbackState];
  if (reasonCode === "NotWatched" && answerPause) return "answer-not-watched";
  if (reasonCode === "NotWatched") return "not-watched";
  if (isRolledBackAsAsked(service)) return "rolled-back-at-pause";
  if (reasonCode === "ReachedStage") return "reached-stage";
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
      if (gaveUp?.hook) return "paused";
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
  "verification-failed": "Verification failed",
  "pause-not-answered": "The PAUSE hook was not answered",
} as const;

function factsOf(service: ServiceOutcome, outcome: Outcome): Facts {
  const { taskDefinitionArn, previousTaskDefinitionArn, end, progress } = service;
  const before = shortRevision(previousTaskDefinitionArn);
  const still = progress === "untouched" || progress === "registered" ? "still " : "";
  return {
    service: service.service,
    target: shortRevision(taskDefinitionArn ?? "") || before || "a new revision",
    before,
    runs: runningSentence(service, still),
    failure: isPass(service.outcome) ? "" : failurePhrase(service, outcome),
    gaveUp: end?.gaveUp ? gaveUpPhrases[end.gaveUp.reason] : "",
    alarm: end !== undefined && hasAlarm(end),
    rollback: outcome.rollback === true,
    rollbackReason: service.rollbackReason ?? "another service failed",
    stage: end?.verdict.kind === "reached-stage" ? end.verdict.stage : "",
  };
}

/** `api runs api:1`; `still`: "still " if this run did not touch it. */
export function runningSentence(
  { service, runningNow }: Pick<ServiceOutcome, "service" | "runningNow">,
  still = "",
): string {
  if (!runningNow) return `what ${service} runs is unknown`;
  if (runningNow.length === 0) return `no task of ${service} runs`;
  return `${service} ${still}runs ${describeRunningRevisions(runningNow)}`;
}

export function withoutIcon(text: string): string {
  return text.slice(text.indexOf(" ") + 1);
}
