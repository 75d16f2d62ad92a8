// The end of a run as one plain value, from which the summary, the annotation and the outputs are
// made.

import type { DeployErrorDetails, ErrorCode } from "../errors.ts";
import type { Verb } from "../inputs/verbs.ts";
import type { TaskMoment } from "../plan/service/task.ts";
import type { Change } from "../plan/task-definition/diff.ts";
import { type OutputName, outputsOf } from "../reporter/outputs.ts";
import type { Diagnosis, LogTail } from "./diagnosis.ts";
import type { ProvidedImage } from "./image.ts";
import type { RolloutEnd } from "./rollout-end.ts";
import type { RunningRevision } from "./running-revisions.ts";

export const outcomeNames = [
  "succeeded",
  "unchanged",
  "planned",
  "rolled-back",
  "failed",
  "timed-out",
  "superseded",
  "cancelled",
] as const;
export type OutcomeName = (typeof outcomeNames)[number];

/** Only these outcomes pass the step. */
export function isPass(outcome: OutcomeName): boolean {
  return outcome === "succeeded" || outcome === "unchanged" || outcome === "planned";
}

export type ReasonCode =
  | ErrorCode
  | "Succeeded"
  | "ReachedStage"
  | "Unchanged"
  | "Planned"
  | "NotWatched"
  | "Deleted";

export interface Phase {
  readonly title: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed?: boolean;
}

/**
 * The last completed step of a service's update. `update-sent`: UpdateService (or Terraform) was
 * running, and whether ECS accepted it is unknown. `updated`: ECS has a deployment of ours.
 */
export type Progress = "untouched" | "registered" | "update-sent" | "updated";

export interface ServiceOutcome {
  readonly cluster: string;
  readonly service: string;
  readonly outcome: OutcomeName;
  readonly reasonCode: ReasonCode;
  readonly taskDefinitionArn?: string | undefined;
  readonly previousTaskDefinitionArn: string;
  readonly deploymentId?: string | undefined;
  readonly serviceDeploymentArn?: string | undefined;
  /** undefined: the console of this partition is unknown. */
  readonly consoleUrl: string | undefined;
  /** Where an Express Mode service answers. */
  readonly url?: string | undefined;
  readonly progress: Progress;
  /** Last seen: after the rollout, or before anything was changed. undefined: unknown. */
  readonly runningNow: readonly RunningRevision[] | undefined;
  /**
   * The service was updated; then it had to be rolled back because another service failed, or the
   * verification. The state of that rollback.
   */
  readonly rollbackState?: "in-progress" | "succeeded" | "failed" | undefined;
  /** Why it had to be rolled back: `verification failed`. */
  readonly rollbackReason?: string | undefined;
  readonly changes: readonly Change[];
  /** The end of its rollout, if it was watched to the end. */
  readonly end?: RolloutEnd | undefined;
  readonly diagnosis?: Diagnosis | undefined;
  readonly problem?: DeployErrorDetails | undefined;
  readonly tolerated?: true | undefined;
  /** For the user to know, although the service succeeded. */
  readonly notice?: string | undefined;
}

/** A one-off task: before or after the deployment, or of its own. */
export interface TaskOutcome {
  readonly moment: TaskMoment;
  readonly cluster: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent: ECS started none, as far as is known. */
  readonly taskArn?: string;
  readonly exitCode?: number;
  readonly succeeded?: true;
  readonly logTail?: LogTail;
}

/** Of one URL or of the command that verifies the new version. */
export interface VerificationOutcome {
  readonly passed: boolean;
  /** Sentences, with the URL or the command in them. */
  readonly text: string;
}

/** Terraform's plan, and its result. */
export interface TerraformOutcome {
  readonly directory: string;
  readonly changes: readonly { readonly address: string; readonly action: string }[];
  /** Terraform's own text, without secret values. */
  readonly text: string;
  readonly applyState: "not" | "begun" | "whole" | "failed";
}

/** What an action did that deploys to no service: it builds, registers or runs a task. */
export interface VerbResult {
  /** A sentence without icon and time. */
  readonly headline: string;
  /** False: there was nothing to do. */
  readonly changed: boolean;
  /** Sentences for the summary. */
  readonly notes: readonly string[];
}

/** What a run of the action `preview` did beside a deployment. */
export interface PreviewOutcome {
  /** Of a run that deploys nothing; undefined: the services have the headline. */
  readonly headline: string | undefined;
  /** Sentences for the summary. */
  readonly notes: readonly string[];
  /** A preview was deleted, as requested. */
  readonly deleted: boolean;
}

export interface Outcome {
  readonly verb: Verb;
  /** The page that has a heading for each code. */
  readonly errorsPage: string;
  /** The run was asked to roll back (`rollback`, `to`). */
  readonly rollback?: true | undefined;
  /** The run was asked to answer a PAUSE hook (`answer-pause`). */
  readonly answerPause?: "continue" | "rollback" | undefined;
  /** In a dry run: what would be done. */
  readonly plan?: readonly string[] | undefined;
  readonly outcome: OutcomeName;
  /** Whether the step passes. */
  readonly passes: boolean;
  readonly reasonCode: ReasonCode;
  readonly problem?: DeployErrorDetails | undefined;
  readonly region: string;
  /** Host of the region's console; undefined where it is unknown. */
  readonly console: string | undefined;
  readonly image?: ProvidedImage | undefined;
  readonly services: readonly ServiceOutcome[];
  /** Absent: none were requested, or the run ended before them. */
  readonly tasks?: readonly TaskOutcome[] | undefined;
  /** Absent or empty: nothing was verified. */
  readonly verification?: readonly VerificationOutcome[] | undefined;
  /** Absent: this run does not use Terraform, or ended before its plan. */
  readonly terraform?: TerraformOutcome | undefined;
  /** Only of the action `preview`. */
  readonly preview?: PreviewOutcome | undefined;
  /** Of an action that deploys to no service, at its end. */
  readonly result?: VerbResult | undefined;
  readonly phases: readonly Phase[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The outputs that are known only at the end; all others are set as soon as they are known. */
export function finalOutputs(outcome: Outcome): readonly (readonly [OutputName, string])[] {
  const services = outcome.services.map(
    ({
      changes,
      end,
      diagnosis,
      problem,
      tolerated,
      progress,
      runningNow,
      rollbackState,
      rollbackReason,
      notice,
      ...known
    }) => known,
  );
  const all: readonly (readonly [OutputName, string])[] = [
    ["outcome", outcome.outcome],
    ["reason-code", outcome.reasonCode],
    ["duration-seconds", String(Math.round((outcome.endedAt - outcome.startedAt) / 1000))],
    ["exit-code", String(outcome.tasks?.[0]?.exitCode ?? "")],
    ["console-url", outcome.services[0]?.consoleUrl ?? ""],
    ["services", JSON.stringify(services)],
  ];
  const ofVerb = new Set(outputsOf(outcome.verb).map(([name]) => name));
  return all.filter(([name]) => ofVerb.has(name));
}

/** The heading of docs/errors.md for a code. */
export function helpUrl({ errorsPage }: Pick<Outcome, "errorsPage">, code: ReasonCode): string {
  return `${errorsPage}#${code.toLowerCase()}`;
}
