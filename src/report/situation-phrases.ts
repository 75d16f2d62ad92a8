// How each situation of a service is put into words, PURE: a table.

/** How one service can end a run. */
export type Situation =
  | "deployed"
  | "deployed-no-tasks"
  | "rolled-back-as-asked"
  | "rolled-back-at-pause"
  | "not-watched"
  | "answer-not-watched"
  | "reached-stage"
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
  | "paused"
  | "rollback-unfinished"
  | "taken-back"
  | "take-back-failed"
  | "take-back-unfinished";

export interface Facts {
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
  /** Why this run rolled it back after its deployment: `another service failed`. */
  readonly rollbackReason: string;
  /** The lifecycle stage at which the step stopped waiting; else "". */
  readonly stage: string;
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

export const situationPhrases: Readonly<Record<Situation, SituationPhrases>> = {
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
  "rolled-back-at-pause": {
    sentence: ({ service, target, runs }) =>
      `Rolled back ${target} on ${service} at its pause, as asked: ${runs}`,
    brief: brief("rolled back as asked"),
    allServices: (all) => `Rolled back ${all} at their pause, as asked`,
  },
  "not-watched": {
    sentence: ({ service, target }) =>
      `ECS accepted ${target} for ${service}; the rollout was not watched`,
    brief: brief("accepted, not watched"),
    allServices: (all) => `ECS accepted the update of ${all}; the rollouts were not watched`,
  },
  "answer-not-watched": {
    sentence: ({ service, target }) =>
      `The pause of ${target} on ${service} is answered; the rollout was not watched`,
    brief: brief("answered, not watched"),
    allServices: (all) => `The pauses of ${all} are answered; the rollouts were not watched`,
  },
  "reached-stage": {
    sentence: ({ service, target, stage }) =>
      `${target} has reached the stage ${stage} on ${service}; ECS continues the deployment`,
    brief: ({ stage }) => `reached the stage ${stage}`,
    allServices: (all) => `${all} have reached the requested stage; ECS continues the deployments`,
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
  paused: {
    sentence: ({ service, target, gaveUp }) =>
      joinClauses(gaveUp, `the deployment of ${target} to ${service} waits at its PAUSE hook`),
    brief: ({ gaveUp }) => `${lowerFirst(gaveUp)}, waits at its PAUSE hook`,
  },
  "rollback-unfinished": {
    sentence: ({ service, target, gaveUp }) =>
      joinClauses(gaveUp, `ECS is rolling ${service} back from ${target}`),
    brief: brief("rollback in progress"),
  },
  "taken-back": {
    sentence: ({ target, runs, rollbackReason }) =>
      `Rolled back from ${target}, because ${rollbackReason}: ${runs}`,
    brief: brief("rolled back with the others"),
  },
  "take-back-failed": {
    sentence: ({ target, runs, rollbackReason }) =>
      `The rollback from ${target}, because ${rollbackReason}, did not succeed: ${runs}`,
    brief: brief("rollback with the others failed"),
  },
  "take-back-unfinished": {
    sentence: ({ service, target, failure, rollbackReason }) =>
      `${failure} while ${service} was rolled back from ${target}, because ${rollbackReason}`,
    brief: brief("end of the rollback unknown"),
  },
};

/** `Build failed` in the middle of a sentence; `AWS is unavailable` stays. */
export function lowerFirst(text: string): string {
  if (!/^[A-Z][a-z]/.test(text) || text.startsWith("Terraform")) return text;
  return `${text[0]?.toLowerCase()}${text.slice(1)}`;
}
