// The end of a run as one plain value: what the summary, the annotation and the outputs are made
// of.
import type { DeployErrorDetails, ErrorCode } from "../errors.ts";
import type { DeployHook } from "../plan/service/task.ts";
import type { Change } from "../plan/task-definition/diff.ts";
import type { OutputName } from "../reporter/outputs.ts";
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

/** Only these pass the step. */
export function isPass(outcome: OutcomeName): boolean {
  return outcome === "succeeded" || outcome === "unchanged" || outcome === "planned";
}

export type ReasonCode = ErrorCode | "Succeeded" | "Unchanged" | "Planned" | "NotWatched";

export interface Phase {
  readonly title: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed?: boolean;
}

/**
 * How far the change of a service came. `update-sent`: UpdateService (or Terraform) was on its way,
 * and whether ECS accepted it is unknown. `updated`: ECS has a deployment of ours.
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
  /** undefined: the console of this partition is not known. */
  readonly consoleUrl: string | undefined;
  readonly progress: Progress;
  /** Last seen: after the rollout, or before anything was changed. undefined: unknown. */
  readonly runningNow: readonly RunningRevision[] | undefined;
  /**
   * It was updated; then it had to be rolled back because another service failed. What became of
   * that.
   */
  readonly rollbackState?: "in-progress" | "succeeded" | "failed" | undefined;
  readonly changes: readonly Change[];
  /** How its rollout went, where one was watched to its end. */
  readonly end?: RolloutEnd | undefined;
  readonly diagnosis?: Diagnosis | undefined;
  readonly problem?: DeployErrorDetails | undefined;
  readonly tolerated?: true | undefined;
}

/** A one-off task before or after the deployment. */
export interface TaskOutcome {
  readonly moment: DeployHook;
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

/** What Terraform planned, and what became of it. */
export interface TerraformOutcome {
  readonly directory: string;
  readonly changes: readonly { readonly address: string; readonly action: string }[];
  /** Terraform's own words, without what nobody may read. */
  readonly text: string;
  readonly applyState: "not" | "begun" | "whole" | "failed";
}

export interface Outcome {
  /** The page that has a heading for each code. */
  readonly errorsPage: string;
  /** The run was asked to roll back (`rollback`, `to`). */
  readonly rollback?: true | undefined;
  /** Of a dry run: what would have been done. */
  readonly plan?: readonly string[] | undefined;
  readonly outcome: OutcomeName;
  /** Whether the step passes. */
  readonly passes: boolean;
  readonly reasonCode: ReasonCode;
  readonly problem?: DeployErrorDetails | undefined;
  readonly region: string;
  /** Host of the region's console; undefined where it is not known. */
  readonly console: string | undefined;
  readonly image?: ProvidedImage | undefined;
  readonly services: readonly ServiceOutcome[];
  /** Absent: none were asked for, or the run did not come that far. */
  readonly tasks?: readonly TaskOutcome[] | undefined;
  /** Absent: Terraform has no part in this run, or it did not come that far. */
  readonly terraform?: TerraformOutcome | undefined;
  readonly phases: readonly Phase[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The outputs that are known only at the end; the others are set as soon as they are. */
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
      ...known
    }) => known,
  );
  return [
    ["outcome", outcome.outcome],
    ["reason-code", outcome.reasonCode],
    ["duration-seconds", String(Math.round((outcome.endedAt - outcome.startedAt) / 1000))],
    ["console-url", outcome.services[0]?.consoleUrl ?? ""],
    ["services", JSON.stringify(services)],
  ];
}

/** The heading of docs/errors.md for a code. */
export function helpUrl({ errorsPage }: Pick<Outcome, "errorsPage">, code: ReasonCode): string {
  return `${errorsPage}#${code.toLowerCase()}`;
}
