// `answer-pause`: answers the PAUSE hooks at which the services' deployments wait, and follows these
// deployments to their ends.

import type { AwsSession } from "../aws/session.ts";
import { parseArn, shortRevision } from "../ecs/arn.ts";
import type { AnsweredHook, HookAction } from "../ecs/paused-hook.ts";
import { asDeployError, DeployError } from "../errors.ts";
import { requestedServices } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import { observePauses } from "../observe/observe-pauses.ts";
import {
  describeAnswer,
  describeDeadline,
  type NothingToAnswer,
  nothingPausedHint,
  type PlannedAnswer,
  planAnswers,
  toHookAction,
} from "../plan/plan-answer.ts";
import { describeChange } from "../report/log-lines.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { reporterFor, setPreviousOutputs, setRollbackImageOutputs } from "../run/outputs.ts";
import type { RunPhase } from "../run/phases.ts";
import { hasStarted, newService, type RunState, type ServiceRun } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type AnswerResult, answerHook } from "./answer-hook.ts";
import { handleCancelledRollout, watchAgainHint, withRolloutStates } from "./cancel.ts";
import { afterAnswerHint } from "./conclude-answer.ts";
import { watchAndConclude } from "./run-rollout.ts";
import { mayHaveStarted } from "./update-service.ts";
import { forEachService } from "./update-services.ts";

interface AnswerPorts
  extends Pick<Runtime, "clock" | "random" | "signal" | "reporter" | "postState"> {
  readonly aws: AwsSession;
  readonly phase: RunPhase;
}

type Answer = NonNullable<Inputs["answerPause"]>;

interface AnswerRun {
  readonly entry: ServiceRun;
  readonly planned: PlannedAnswer;
}

/**
 * @throws DeployError `NothingPaused` if no deployment waits; `Cancelled`. A failed rollout is no
 * error here, but a conclusion in the run state
 */
export async function answerPause(
  answer: Answer,
  inputs: Inputs,
  ports: AnswerPorts,
  runState: RunState,
): Promise<void> {
  const { aws, phase, reporter, clock } = ports;
  runState.requested = requestedServices(inputs).map(({ cluster, name }) => `${cluster}/${name}`);
  const planned = await phase("Find the paused deployment", () => readAndPlan(inputs, ports));
  const runs = planned.map((service) => ({ planned: service, entry: newService(service.plan) }));
  runState.services = runs.map(({ entry }) => entry);
  const waiting = runs.flatMap(({ planned: service, entry }): readonly AnswerRun[] => {
    if (service.kind === "waits") return [{ planned: service, entry }];
    concludeNothingPaused(entry, service, inputs.dryRun);
    return [];
  });
  setPreviousOutputs(runState.services, [], reporter);
  if (inputs.dryRun) return reportPlannedAnswers(answer, waiting, ports, runState);
  setRollbackImageOutputs(runState.services, reporter);

  const entries = waiting.map(({ entry }) => entry);
  const until = clock.now() + inputs.waitForMinutes * 60_000;
  await phase("Answer the PAUSE hook", () => answerAll(answer, waiting, inputs, ports, runState));
  const rolling = entries.filter(hasStarted).filter(({ conclusion }) => !conclusion);
  if (rolling.length === 0) return;
  if (!inputs.waitForServiceStability) return skipWatch(rolling, reporter);
  const watching = {
    ...ports,
    aws,
    until,
    image: undefined,
    reporterFor: (entry: ServiceRun) => reporterFor(entry, runState, reporter),
  };
  try {
    await phase("Watch the rollout", () => watchAndConclude(rolling, inputs, watching));
  } catch (error) {
    throw withoutWatchAgainHint(asDeployError(error));
  }
}

async function readAndPlan(
  inputs: Inputs,
  { aws, reporter }: AnswerPorts,
): Promise<readonly (PlannedAnswer | NothingToAnswer)[]> {
  const { accountId, arn } = aws.identity;
  const planned = planAnswers(inputs, {
    region: inputs.awsRegion,
    accountId,
    partition: parseArn(arn)?.partition ?? "",
    repository: undefined,
    templateError: undefined,
    ...(await observePauses(inputs, aws)),
  });
  for (const service of planned) {
    if (service.kind === "waits") reporter.info(describeWaiting(service));
    else reporter.notice(service.activity);
  }
  return planned;
}

function describeWaiting({ deployment, hook }: PlannedAnswer): string {
  return (
    `${deployment.service}: the deployment of ${shortRevision(deployment.taskDefinitionArn)} ` +
    `waits at the stage ${hook.stage ?? "unknown"} (PAUSE hook ${hook.hookId}).`
  );
}

/** Where a deployment is in progress, the answer was meant for it and could not be given. */
function concludeNothingPaused(
  entry: ServiceRun,
  { activity, inProgress }: NothingToAnswer,
  dryRun: boolean,
): void {
  if (dryRun) entry.conclusion = { outcome: "planned" };
  else if (!inProgress) entry.conclusion = { outcome: "unchanged" };
  else
    entry.conclusion = {
      outcome: "failed",
      problem: { code: "NothingPaused", message: activity, hint: nothingPausedHint },
    };
}

/** The end of a dry run. */
function reportPlannedAnswers(
  answer: Answer,
  waiting: readonly AnswerRun[],
  { reporter }: Pick<AnswerPorts, "reporter">,
  runState: RunState,
): void {
  const lines = waiting.flatMap(({ planned }) => [
    describeAnswer(answer, planned),
    ...planned.plan.changes.map((change) => `  ${describeChange(change)}`),
  ]);
  for (const line of lines) reporter.info(line);
  runState.plan = lines;
  for (const { entry } of waiting) entry.conclusion = { outcome: "planned" };
}

/** A cancel before the answer leaves the deployment alone; after it, on-cancel says what happens. */
async function answerAll(
  answer: Answer,
  waiting: readonly AnswerRun[],
  inputs: Inputs,
  ports: AnswerPorts,
  runState: RunState,
): Promise<void> {
  const { aws, clock, postState, reporter } = ports;
  const plannedFor = new Map(waiting.map(({ entry, planned }) => [entry, planned]));
  const entries = [...plannedFor.keys()];
  try {
    await forEachService(entries, async (entry) => {
      const planned = plannedFor.get(entry);
      if (!planned) return;
      const result = await sendAnswer(answer, { entry, planned }, ports);
      reportAnswer(answer, { entry, planned }, result, {
        watched: inputs.waitForServiceStability,
        reporter: reporterFor(entry, runState, reporter),
      });
    });
  } catch (error) {
    const afterCancel = { ecs: aws.ecsAfterCancel, clock, onCancel: inputs.onCancel, postState };
    const states = await Promise.all(
      waiting.map(async ({ entry, planned: { deployment } }) => {
        if (!entry.deployment) return { deployment, state: { kind: "not-answered" } as const };
        return { deployment, state: await handleCancelledRollout(deployment, afterCancel) };
      }),
    );
    throw withoutWatchAgainHint(withRolloutStates(asDeployError(error), "Cancelled", states));
  }
}

/** From here on the deployment is one of this run, unless ECS refuses the answer. */
async function sendAnswer(
  answer: Answer,
  { entry, planned }: AnswerRun,
  { aws, signal, postState }: AnswerPorts,
): Promise<AnswerResult> {
  signal.throwIfAborted();
  entry.deployment = planned.deployment;
  entry.taskDefinitionArn = planned.deployment.taskDefinitionArn;
  postState.rolloutInProgress(planned.deployment);
  try {
    return await answerHook(planned.hook, toHookAction(answer), aws.ecs);
  } catch (error) {
    if (mayHaveStarted(error)) throw error;
    entry.deployment = undefined;
    entry.taskDefinitionArn = undefined;
    postState.rolloutEnded(planned.deployment);
    throw stillWaiting(asDeployError(error), planned);
  }
}

function stillWaiting(
  { code, message, hint, refusal }: DeployError,
  { deployment, hook }: PlannedAnswer,
): DeployError {
  const waits =
    `The deployment of ${shortRevision(deployment.taskDefinitionArn)} still waits at its PAUSE ` +
    `hook${describeDeadline(hook)}.`;
  return new DeployError({ code, message: `${message}\n${waits}`, hint, refusal });
}

interface AnswerReport {
  readonly watched: boolean;
  readonly reporter: Reporter;
}

function reportAnswer(
  answer: Answer,
  { entry, planned: { deployment, hook } }: AnswerRun,
  result: AnswerResult,
  { watched, reporter }: AnswerReport,
): void {
  const action = toHookAction(answer);
  entry.answered = toAnsweredHook({ hookId: hook.hookId, action }, result);
  reporter.output("task-definition-arn", deployment.taskDefinitionArn);
  reporter.output("deployment-id", deployment.id);
  reporter.output("service-deployment-arn", deployment.serviceDeploymentArn ?? "");
  if (result.kind === "accepted")
    return reporter.info(`${deployment.service}: ECS accepted the answer ${action}.`);
  const text = `${deployment.service}: ${describeRefusal(action, result)}`;
  if (watched) return reporter.notice(`${text} This run follows the deployment all the same.`);
  if (entry.answered.tookEffect) return reporter.notice(text);
  entry.conclusion = {
    outcome: "failed",
    problem: { code: "NothingPaused", message: text, hint: nothingPausedHint },
  };
}

const whatBecameOfHook: Readonly<Record<string, string>> = {
  SUCCEEDED: "the deployment was continued already",
  TIMED_OUT: "the hook has expired",
};

/** Who answered is unknown: it may be this run, if its first response was lost. */
function describeRefusal(
  action: HookAction,
  {
    hookStatus = "not listed",
    deploymentStatus = "not listed",
  }: Exclude<AnswerResult, { readonly kind: "accepted" }>,
): string {
  const why = whatBecameOfHook[hookStatus] ?? "the hook does not wait any more";
  return (
    `ECS refused the answer ${action}: ${why} (hook ${hookStatus}, deployment ` +
    `${deploymentStatus}).`
  );
}

function toAnsweredHook(
  { hookId, action }: Pick<AnsweredHook, "hookId" | "action">,
  result: AnswerResult,
): AnsweredHook {
  if (result.kind === "accepted") return { hookId, action, tookEffect: true };
  const isRollingBack = result.deploymentStatus?.startsWith("ROLLBACK_") === true;
  const hasContinued = result.hookStatus === "SUCCEEDED" && !isRollingBack;
  const tookEffect = action === "ROLLBACK" ? isRollingBack : hasContinued;
  return { hookId, action, tookEffect };
}

/** Only that the hook has the answer is known. */
function skipWatch(rolling: readonly ServiceRun[], reporter: Reporter): void {
  for (const entry of rolling)
    entry.conclusion = { outcome: "succeeded", reasonCode: "NotWatched" };
  reporter.notice(
    "The PAUSE hook has its answer. How the deployment ends is unknown, because " +
      "wait-for-service-stability is false.",
  );
}

function withoutWatchAgainHint(error: DeployError): DeployError {
  const { code, message, hint, at, refusal } = error;
  return new DeployError(
    { code, message, hint: hint?.replace(watchAgainHint, afterAnswerHint), at, refusal },
    { cause: error },
  );
}
