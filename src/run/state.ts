// Everything that became known during a run, recorded at once: a run that fails half-way can still
// report it.

import type { OwnDeployment } from "../ecs/deployment.ts";
import type { ExpressInfrastructure } from "../ecs/express.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { AnsweredHook } from "../ecs/paused-hook.ts";
import { DeployError } from "../errors.ts";
import type { Verb } from "../inputs/verbs.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import { deploymentsUrl } from "../text/console-links.ts";
import type { Conclusion } from "./conclusion.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { ProvidedImage } from "./image.ts";
import {
  isPass,
  type Outcome,
  type OutcomeName,
  type Phase,
  type PreviewOutcome,
  type Progress,
  type ReasonCode,
  type ServiceOutcome,
  type TaskOutcome,
  type TerraformOutcome,
  type VerbResult,
  type VerificationOutcome,
} from "./outcome.ts";
import type { RolloutEnd } from "./rollout-end.ts";
import { runningRevisions } from "./running-revisions.ts";

export interface ServiceRun {
  readonly plan: ServicePlan;
  taskDefinitionArn: string | undefined;
  /**
   * The deployment that this run watches. This is its only holder: the poller stores the ARN here.
   */
  deployment: OwnDeployment | undefined;
  conclusion: Conclusion | undefined;
  /** How its rollout ended, if it was watched to its end. */
  end: RolloutEnd | undefined;
  diagnosis: Diagnosis | undefined;
  /** Of an Express Mode service, as it was read last. */
  infrastructure: ExpressInfrastructure | undefined;
  /** Where an Express Mode service answers. */
  url: string | undefined;
  /** An update was sent, and whether ECS accepted it is unknown. */
  updateSent: boolean;
  /** The service as it was read again although this run started no deployment of it. */
  latestService: ObservedService | undefined;
  /** `answer-pause`: the hook that this run answered. */
  answered: AnsweredHook | undefined;
  /** The rollback of this service because another one failed, or the verification. */
  rollbackRun: ServiceRun | undefined;
  /** Why that rollback: `verification failed`. */
  rollbackReason: string | undefined;
  /** At a PAUSE hook, and ECS was asked to continue. */
  verified: boolean;
}

/** A service whose deployment has started. */
export type StartedRun = ServiceRun & { deployment: OwnDeployment };

export function hasStarted(run: ServiceRun): run is StartedRun {
  return run.deployment !== undefined;
}

/** A service at the beginning of its run. One that is up to date already has its revision. */
export function newService(plan: ServicePlan): ServiceRun {
  return {
    plan,
    taskDefinitionArn: plan.upToDate ? plan.reuseArn : undefined,
    deployment: undefined,
    conclusion: undefined,
    end: undefined,
    diagnosis: undefined,
    infrastructure: plan.infrastructure,
    url: plan.infrastructure?.urls[0],
    updateSent: false,
    latestService: undefined,
    answered: undefined,
    rollbackRun: undefined,
    rollbackReason: undefined,
    verified: false,
  };
}

/** A requested service did not succeed. */
export function hasFailed({ services }: Pick<RunState, "services">): boolean {
  return services.some(({ conclusion }) => conclusion && !isPass(conclusion.outcome));
}

export type TaskRun = { -readonly [Member in keyof TaskOutcome]: TaskOutcome[Member] };

export interface RunState {
  readonly verb: Verb;
  readonly startedAt: number;
  /** URL of docs/errors.md. */
  readonly errorsPage: string;
  region: string;
  /** Host of the region's console; undefined where it is unknown. */
  console: string | undefined;
  /** The run is a rollback. */
  rollback?: true;
  /** The run answers a PAUSE hook. */
  answerPause: "continue" | "rollback" | undefined;
  readonly phases: Phase[];
  image?: ProvidedImage;
  /**
   * `cluster/service` of every service that the inputs name, each once; absent: the run ended
   * before they were known.
   */
  requested?: readonly string[];
  services: readonly ServiceRun[];
  readonly tasks: TaskRun[];
  readonly verification: VerificationOutcome[];
  /** When wait-for-minutes is over, in milliseconds since the Unix epoch; absent: no update was sent. */
  waitEndsAt?: number;
  terraform?: TerraformOutcome;
  /** In a dry run: what would be done. */
  plan?: readonly string[];
  preview?: PreviewOutcome;
  /** Of an action that deploys to no service, at its end. */
  result?: VerbResult;
}

export function newRunState(verb: Verb, startedAt: number, errorsPage: string): RunState {
  return {
    verb,
    startedAt,
    errorsPage,
    region: "",
    console: undefined,
    answerPause: undefined,
    phases: [],
    services: [],
    tasks: [],
    verification: [],
  };
}

/**
 * Converts the run state into an Outcome, PURE. `error`: what ended the run before every service
 * had its conclusion. Without one the step passes only if every requested service has exactly one.
 */
export function outcomeOf(state: RunState, endedAt: number, error?: DeployError): Outcome {
  const outcome = judgeRun(state, endedAt, error);
  const unresolved = outcome.passes ? unconcluded(state) : [];
  if (unresolved.length === 0) return outcome;
  return judgeRun(state, endedAt, withoutConclusion(unresolved));
}

/**
 * Requested services that have no conclusion, or more than one; and conclusions on services that
 * were not requested.
 */
function unconcluded({ requested = [], services }: RunState): readonly string[] {
  const concluded = services.flatMap(({ plan, conclusion }) => {
    if (conclusion) return [`${plan.service.clusterName}/${plan.service.name}`];
    return [];
  });
  const isConcludedOnce = (key: string) =>
    concluded.filter((concludedKey) => concludedKey === key).length === 1;
  return [
    ...requested.filter((key) => !isConcludedOnce(key)),
    ...concluded.filter((key) => !requested.includes(key)),
  ];
}

function withoutConclusion(services: readonly string[]): DeployError {
  return new DeployError({
    code: "Bug",
    message:
      `deploy-ecs does not know the result of ${services.join(", ")}: there is not exactly one ` +
      "conclusion on each.",
    hint:
      "Look at these services in the console, and report this to the maintainers of deploy-ecs, " +
      "with the log of this run.",
  });
}

function judgeRun(state: RunState, endedAt: number, error?: DeployError): Outcome {
  const services = state.services.map((run) => serviceOutcome(run, state, error));
  const worst =
    services.find(({ outcome, tolerated }) => !isPass(outcome) && !tolerated) ??
    services.find(({ outcome }) => !isPass(outcome));
  const deciding = worst ?? bestOf(services);
  const known = {
    verb: state.verb,
    errorsPage: state.errorsPage,
    rollback: state.rollback,
    answerPause: state.answerPause,
    services,
    region: state.region,
    console: state.console,
    phases: state.phases,
    startedAt: state.startedAt,
    endedAt,
    image: state.image,
    tasks: state.tasks,
    verification: state.verification,
    plan: state.plan,
    terraform: state.terraform,
    preview: state.preview,
    result: state.result,
  };
  if (error)
    return {
      ...known,
      outcome: outcomeOfError(error),
      passes: false,
      reasonCode: error.code,
      problem: problemDetailsOf(error),
    };
  const problem = worst && combinedProblemOf(services);
  if (!deciding && state.preview?.deleted)
    return { ...known, outcome: "succeeded", passes: true, reasonCode: "Deleted", problem };
  if (!deciding && state.result?.changed)
    return { ...known, outcome: "succeeded", passes: true, reasonCode: "Succeeded", problem };
  return {
    ...known,
    outcome: deciding?.outcome ?? (state.plan ? "planned" : "unchanged"),
    passes: services.every(({ outcome, tolerated }) => isPass(outcome) || tolerated === true),
    reasonCode: deciding?.reasonCode ?? (state.plan ? "Planned" : "Unchanged"),
    problem,
  };
}

/** One that ECS still continues is the most that can be said of all. */
function bestOf(services: readonly ServiceOutcome[]): ServiceOutcome | undefined {
  return (
    services.find(({ reasonCode }) => reasonCode === "ReachedStage") ??
    services.find(({ outcome }) => outcome === "succeeded") ??
    services[0]
  );
}

/**
 * Several services may fail in one step: one annotation describes all of them, with the code of one
 * that fails the step.
 */
function combinedProblemOf(services: readonly ServiceOutcome[]): Outcome["problem"] {
  const bySeverity = services.toSorted(
    (a, b) => Number(a.tolerated ?? false) - Number(b.tolerated ?? false),
  );
  const problems = bySeverity.flatMap(({ problem }) => problem ?? []);
  const [first, ...others] = problems;
  if (!first || others.length === 0) return first;
  return {
    code: first.code,
    message: problems.map(({ message }) => message).join("\n\n"),
    hint: [...new Set(problems.flatMap(({ hint }) => hint ?? []))].join("\n"),
  };
}

function serviceOutcome(
  run: ServiceRun,
  { region, console }: Pick<RunState, "region" | "console">,
  error: DeployError | undefined,
): ServiceOutcome {
  const { plan, taskDefinitionArn, deployment, conclusion, end, diagnosis } = run;
  const location = {
    region,
    console,
    cluster: plan.service.clusterName,
    service: plan.service.name,
  };
  const outcome = conclusion?.outcome ?? (error ? outcomeOfError(error) : "unchanged");
  return {
    cluster: location.cluster,
    service: location.service,
    outcome,
    reasonCode:
      conclusion?.reasonCode ?? conclusion?.problem?.code ?? error?.code ?? reasonOfPass(outcome),
    previousTaskDefinitionArn: plan.previousTaskDefinitionArn,
    consoleUrl: deploymentsUrl(location),
    url: run.url,
    progress: progressOf(run),
    runningNow: lastSeenRunning(run),
    rollbackState: run.rollbackRun && rollbackStateOf(conclusion),
    rollbackReason: run.rollbackReason,
    changes: plan.changes,
    taskDefinitionArn,
    deploymentId: deployment?.id,
    serviceDeploymentArn: deployment?.serviceDeploymentArn,
    end,
    diagnosis,
    problem: conclusion?.problem,
    tolerated: conclusion?.tolerated,
    notice: conclusion?.notice,
  };
}

function progressOf({ deployment, updateSent, taskDefinitionArn, plan }: ServiceRun): Progress {
  if (deployment) return "updated";
  if (updateSent) return "update-sent";
  if (taskDefinitionArn !== undefined && !plan.upToDate) return "registered";
  return "untouched";
}

function rollbackStateOf(conclusion: Conclusion | undefined): ServiceOutcome["rollbackState"] {
  if (!conclusion) return "in-progress";
  if (conclusion.outcome === "rolled-back") return "succeeded";
  return "failed";
}

/** The last known state, if this run cannot have changed it since. */
function lastSeenRunning({
  plan,
  deployment,
  updateSent,
  end,
  latestService,
  rollbackRun,
}: ServiceRun) {
  if (rollbackRun) return runningRevisions(rollbackRun.end?.snapshot.service);
  if (end) return runningRevisions(end.snapshot.service);
  if (deployment || updateSent) return undefined;
  return runningRevisions(latestService ?? plan.service);
}

function outcomeOfError({ code }: DeployError): OutcomeName {
  if (code === "Cancelled") return "cancelled";
  return "failed";
}

function reasonOfPass(outcome: OutcomeName): ReasonCode {
  if (outcome === "succeeded") return "Succeeded";
  if (outcome === "planned") return "Planned";
  return "Unchanged";
}

function problemDetailsOf({ code, message, hint, at }: DeployError) {
  return { code, message, hint, at };
}
