// In the post step: what the main step has left in ECS is described, and rolled back where on-cancel
// asks for it.

import type { AuthenticationInputs, AwsPorts } from "../aws/authenticate.ts";
import { consoleHost } from "../aws/partitions.ts";
import { openPostSession } from "../aws/post-session.ts";
import { resourceId } from "../ecs/arn.ts";
import type { InputSpec } from "../inputs/input-spec.ts";
import { cancelInput, credentialInputs } from "../inputs/post-inputs.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { PostState } from "../runtime/post-state.ts";
import type { InProgressTask } from "../runtime/runtime.ts";
import { type ConsoleLocation, deploymentsUrl, tasksUrl, taskUrl } from "../text/console-links.ts";
import {
  handleUnfinishedRollouts,
  type PostStepReport,
  reportUnreadable,
  rolloutNameOf,
} from "./post-step-rollouts.ts";

const postInputs = { ...credentialInputs, ...cancelInput };

export interface FinishRuntime extends AwsPorts {
  readonly reporter: Pick<Reporter, "info" | "warning">;
  /** The text of an input, "" if it was not given. */
  readonly inputText: (name: string) => string;
}

/**
 * A main that reported its outcome has also reported what is still in progress; then only a
 * rollback may remain: on-cancel requests it and ECS has not confirmed it.
 */
export async function finishRollouts(state: PostState, runtime: FinishRuntime): Promise<void> {
  const { reporter } = runtime;
  // The action run-task has `stop-task` instead.
  const rollBack = state.cancelled && inputTextOf("on-cancel", runtime).startsWith("rollback");
  const hasReported = state.main === "ended";
  const rollouts = hasReported
    ? state.rollouts.filter(
        ({ rollbackRequested, leftToEcs }) => rollBack && !rollbackRequested && !leftToEcs,
      )
    : state.rollouts;
  const tasks = hasReported ? [] : state.tasks;
  if (!hasReported && rollouts.length + tasks.length === 0)
    reporter.info(
      "The main step ended before it could report. It has left no word of a deployment that is " +
        "under way.",
    );
  const results =
    rollouts.length === 0 ? [] : await rollBackOrDescribe(rollouts, rollBack, runtime);
  const finished = results.filter(({ stillActive }) => !stillActive);
  for (const fate of finished) reporter.info(describeRollout(fate, runtime));
  const ongoing = [
    ...results
      .filter(({ stillActive }) => stillActive)
      .map((fate) => describeRollout(fate, runtime)),
    ...tasks.map((task) => describeTask(task, runtime)),
  ];
  if (ongoing.length === 0) return;
  reporter.warning(
    [...(hasReported ? [] : ["The main step ended before it could report."]), ...ongoing].join(
      "\n",
    ),
  );
}

async function rollBackOrDescribe(
  rollouts: PostState["rollouts"],
  rollBack: boolean,
  runtime: FinishRuntime,
): Promise<readonly PostStepReport[]> {
  try {
    const ecs = await openPostSession(readCredentialInputs(runtime), runtime);
    return await handleUnfinishedRollouts(rollouts, { ecs, clock: runtime.clock, rollBack });
  } catch (error) {
    return rollouts.map((rollout) => ({ rollout, ...reportUnreadable(rollout, rollBack, error) }));
  }
}

function readCredentialInputs(runtime: FinishRuntime): AuthenticationInputs {
  const text = (name: keyof typeof credentialInputs) => inputTextOf(name, runtime);
  return {
    roleToAssume: credentialInputs["role-to-assume"].parse(text("role-to-assume")),
    awsRegion: credentialInputs["aws-region"].parse(text("aws-region")),
    audience: credentialInputs.audience.parse(text("audience")),
    roleSessionName: credentialInputs["role-session-name"].parse(text("role-session-name")),
    roleDurationSeconds: credentialInputs["role-duration-seconds"].parse(
      text("role-duration-seconds"),
    ),
    inlineSessionPolicy: credentialInputs["inline-session-policy"].parse(
      text("inline-session-policy"),
    ),
    managedSessionPolicies: credentialInputs["managed-session-policies"].parse(
      text("managed-session-policies"),
    ),
    allowedAccountIds: credentialInputs["allowed-account-ids"].parse(text("allowed-account-ids")),
  };
}

function inputTextOf(name: keyof typeof postInputs, { inputText }: FinishRuntime): string {
  const spec: InputSpec<unknown> = postInputs[name];
  return inputText(name).trim() || (spec.default ?? "");
}

function describeRollout(
  { rollout, message, stillActive }: PostStepReport,
  runtime: FinishRuntime,
): string {
  const { cluster, service } = rollout;
  const consoleUrl = stillActive
    ? deploymentsUrl({ ...consoleLocation(runtime), cluster, service })
    : undefined;
  return [`${rolloutNameOf(rollout)}: ${message}`, consoleUrl].filter(Boolean).join(" ");
}

/** The task's current state is not read: only its result matters. */
function describeTask(
  { moment, cluster, service, arn }: InProgressTask,
  runtime: FinishRuntime,
): string {
  const place = { ...consoleLocation(runtime), cluster };
  const name = service === undefined ? "The task" : `The ${moment} task of ${service}`;
  const warning = "Do not run the job again before you know that it has ended.";
  if (arn !== undefined)
    return [
      `${name} was running when the main step ended, and no step watches it: ${arn}.`,
      warning,
      taskUrl(place, resourceId(arn)),
    ]
      .filter(Boolean)
      .join(" ");
  return [
    `${name} was being started when the main step ended, and may run.`,
    warning,
    service && tasksUrl({ ...place, service }),
  ]
    .filter(Boolean)
    .join(" ");
}

function consoleLocation(runtime: FinishRuntime): ConsoleLocation {
  const region = inputTextOf("aws-region", runtime);
  return { region, console: consoleHost(region) };
}
