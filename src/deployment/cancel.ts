// What happens to a rollout when the run is cancelled: it is left to ECS, or rolled back, within
// the few seconds that the runner allows.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import { callWithTimeout } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { shortRevision } from "../ecs/arn.ts";
import { isUnreadable, type OwnDeployment } from "../ecs/deployment.ts";
import { asDeployError, DeployError, type ErrorCode } from "../errors.ts";
import type { FinalVerdict } from "../run/rollout-end.ts";
import type { PostStateWriter } from "../runtime/runtime.ts";
import { pollUntil } from "../timing/poll.ts";
import {
  describeServiceDeployments,
  describeServicesByCluster,
  findServiceDeployments,
  snapshotOf,
} from "./describe-deployments.ts";
import { judgeDeployment } from "./verdict.ts";

type EcsAfterCancel = Pick<
  Ecs,
  | "describeServices"
  | "describeServiceDeployments"
  | "listServiceDeployments"
  | "describeServiceRevisions"
  | "stopServiceDeployment"
>;

export interface CancelPorts {
  /** Calls that ignore the cancel signal. */
  readonly ecs: EcsAfterCancel;
  readonly clock: Clock;
  readonly onCancel: "leave" | "rollback" | "rollback-and-stop-task";
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
}

/** The state of a rollout when the run ends. */
type StateAtExit =
  /** ECS has accepted the request to roll back. */
  | { readonly kind: "asked" }
  /** It had ended before the cancel arrived. */
  | { readonly kind: "over"; readonly verdict: FinalVerdict }
  | { readonly kind: "goes-on" }
  /** It could not be read. */
  | { readonly kind: "unknown" }
  /** Its update was not sent. */
  | { readonly kind: "not-updated" }
  /** `answer-pause`: the answer was not sent. */
  | { readonly kind: "not-answered" }
  /** Its update was being sent when the cancel arrived, and ECS shows no deployment of it. */
  | { readonly kind: "not-seen" }
  /** ECS refused the request to roll back. */
  | { readonly kind: "refused"; readonly reason: string };

export interface RolloutAtExit {
  readonly deployment: Pick<OwnDeployment, "service" | "taskDefinitionArn">;
  readonly state: StateAtExit;
}

/** The runner's second signal comes after 7.5 s. */
const rollbackTimeoutMilliseconds = 5_000;
const describeTimeoutMilliseconds = 2_500;
const arnPollMilliseconds = 1_000;
const cancelRetryMilliseconds = 2_000;

/**
 * Requests a rollback if on-cancel says so; otherwise reads the state once. The post step gets what
 * is left to do. A second request changes nothing in ECS.
 */
export async function handleCancelledRollout(
  deployment: OwnDeployment,
  ports: CancelPorts,
): Promise<StateAtExit> {
  const state =
    ports.onCancel === "leave"
      ? await readStateOnce(deployment, ports)
      : await rollBackCancelled(deployment, ports);
  if (state.kind === "over") ports.postState.rolloutEnded(deployment);
  if (state.kind === "asked")
    ports.postState.rolloutInProgress({ ...deployment, rollbackRequested: true });
  return state;
}

async function rollBackCancelled(
  deployment: OwnDeployment,
  ports: CancelPorts,
): Promise<StateAtExit> {
  const { clock, ecs } = ports;
  try {
    await callWithTimeout(rollbackTimeoutMilliseconds, clock, async (options) => {
      const arn =
        deployment.serviceDeploymentArn ??
        (await waitForServiceDeploymentArn(deployment, ports, options));
      await ecs.stopServiceDeployment(arn, {
        ...options,
        retryForMilliseconds: cancelRetryMilliseconds,
      });
    });
    return { kind: "asked" };
  } catch (error) {
    const reason = asDeployError(error).message;
    if (!isConflict(error)) return { kind: "refused", reason };
    const current = await readStateOnce(deployment, ports);
    if (current.kind === "over") return current;
    return verdictFromConflict(reason) ?? { kind: "refused", reason };
  }
}

/**
 * ECS records a deployment some seconds after its update: a missing one is polled for as long as
 * there is time.
 */
async function waitForServiceDeploymentArn(
  deployment: OwnDeployment,
  { ecs, clock }: CancelPorts,
  options: CallOptions,
) {
  const readArn = async () => {
    const found = await findServiceDeployments(ecs, [deployment], {
      ...options,
      retryForMilliseconds: cancelRetryMilliseconds,
    });
    return found.get(deployment.id);
  };
  return pollUntil(readArn, arnPollMilliseconds, { clock, signal: options.signal });
}

/** A deployment that has ended cannot be stopped. That is a verdict, not a refusal. */
export function isConflict(error: unknown): boolean {
  return isAwsError(error, "ConflictException");
}

/** `… cannot be stopped because its status is SUCCESSFUL.` */
function verdictFromConflict(message: string): StateAtExit | undefined {
  const reason = "ECS gave no reason.";
  const verdicts: Readonly<Record<string, FinalVerdict>> = {
    SUCCESSFUL: { kind: "succeeded" },
    ROLLBACK_SUCCESSFUL: { kind: "rolled-back", reason },
    ROLLBACK_FAILED: { kind: "rollback-failed", reason },
    STOPPED: { kind: "stopped", reason },
  };
  const verdict = verdicts[message.match(/\bstatus is ([A-Z_]+)/)?.[1] ?? ""];
  return verdict && { kind: "over", verdict };
}

async function readStateOnce(
  deployment: OwnDeployment,
  { ecs, clock }: CancelPorts,
): Promise<StateAtExit> {
  const orUndefined = <Answer>(work: (options: CallOptions) => Promise<Answer>) =>
    callWithTimeout(describeTimeoutMilliseconds, clock, (options) =>
      work({ ...options, retryForMilliseconds: cancelRetryMilliseconds }),
    ).catch(() => undefined);
  const [services, deployments] = await Promise.all([
    orUndefined((options) => describeServicesByCluster(ecs, [deployment], options)),
    orUndefined((options) => describeServiceDeployments(ecs, [deployment], options)),
  ]);
  const snapshot = snapshotOf(deployment, {
    services: services ?? new Map(),
    deployments: deployments ?? new Map(),
    readFailure: services ? undefined : { reason: "", transient: true },
    at: clock.now(),
    seen: new Set(),
  });
  if (isUnreadable(snapshot)) return { kind: "unknown" };
  const verdict = judgeDeployment(deployment, snapshot);
  if (verdict.kind === "rolling") return { kind: "goes-on" };
  return { kind: "over", verdict };
}

/** What helps after a deployment; not after an answer, which would find nothing to answer. */
export const watchAgainHint = "run the job again: it watches the deployment that is in progress";

/** The error that ends the run, with one line per rollout on its state. */
export function withRolloutStates(
  error: DeployError,
  code: ErrorCode,
  states: readonly RolloutAtExit[],
): DeployError {
  const anyActive = states.some(
    ({ state }) => state.kind !== "over" && state.kind !== "not-updated",
  );
  const hint = anyActive
    ? `Check the deployment in the console, or ${watchAgainHint}. If the circuit breaker is on, ` +
      "ECS rolls back if the new tasks fail."
    : "Nothing of it continues in ECS.";
  return new DeployError(
    { code, message: [error.message, ...states.map(describeStateAtExit)].join("\n"), hint },
    { cause: error },
  );
}

/** One line, with the name of the service. */
function describeStateAtExit({
  deployment: { service, taskDefinitionArn },
  state,
}: RolloutAtExit): string {
  const name = `${service} → ${shortRevision(taskDefinitionArn)}`;
  switch (state.kind) {
    case "asked":
      return `${name}: a rollback was requested (on-cancel) and is in progress.`;
    case "over":
      return describeFinished(name, state.verdict);
    case "goes-on":
      return `${name}: the deployment continues in ECS, but is not watched.`;
    case "unknown":
      return `${name}: as far as is known, the deployment continues in ECS, but is not watched.`;
    case "not-updated":
      return `${name}: the service was not updated.`;
    case "not-answered":
      return `${name}: the PAUSE hook was not answered, and the deployment still waits.`;
    case "not-seen":
      return (
        `${name}: the update was sent, but ECS shows no deployment of it. A deployment may have ` +
        "started nevertheless; it is not watched."
      );
    case "refused":
      return (
        `${name}: the rollback could not be requested (the post step tries again), so the ` +
        `deployment continues as far as is known: ${state.reason}`
      );
  }
}

function describeFinished(name: string, verdict: FinalVerdict): string {
  switch (verdict.kind) {
    case "succeeded":
      return `${name}: it succeeded before the run was cancelled, and runs now.`;
    case "rolled-back":
      return `${name}: ECS rolled it back before the run was cancelled: ${verdict.reason}`;
    case "rollback-failed":
      return (
        `${name}: it failed before the run was cancelled, and the rollback failed: ` +
        `${verdict.reason}`
      );
    case "failed":
      return (
        `${name}: it failed before the run was cancelled, and ECS does not roll it back: ` +
        `${verdict.reason}`
      );
    case "stopped":
      return `${name}: it was stopped before the run was cancelled: ${verdict.reason}`;
    case "superseded":
      return `${name}: a newer deployment replaced it before the run was cancelled: ${verdict.by}`;
    case "gone":
      return `${name}: the service is no longer active.`;
  }
}
