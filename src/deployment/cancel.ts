// What becomes of a rollout when the run is cancelled: left to ECS, or taken back, within the few seconds that the runner leaves us.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import { bounded } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { isBlind, type OurDeployment } from "../ecs/deployment.ts";
import { asDeployError, DeployError, type ErrorCode } from "../errors.ts";
import type { Decided } from "../run/rollout-end.ts";
import type { PostStateWriter } from "../runtime/runtime.ts";
import { shortRevision } from "../text/format.ts";
import {
  identify,
  lookAtServiceDeployments,
  lookAtServices,
  snapshotOf,
} from "./describe-deployments.ts";
import { judge } from "./verdict.ts";

export type LastCalls = Pick<
  Ecs,
  | "describeServices"
  | "describeServiceDeployments"
  | "listServiceDeployments"
  | "describeServiceRevisions"
  | "stopServiceDeployment"
>;

export interface CancelPorts {
  /** Calls that do not heed the cancel. */
  readonly ecs: LastCalls;
  readonly clock: Clock;
  readonly onCancel: "leave" | "rollback" | "rollback-and-stop-task";
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
}

/** How a rollout stands when the run ends. */
export type Fate =
  /** ECS has taken the request to roll back. */
  | { readonly kind: "asked" }
  /** It was over before the cancel arrived. */
  | { readonly kind: "over"; readonly verdict: Decided }
  | { readonly kind: "goes-on" }
  /** It could not be read. */
  | { readonly kind: "unknown" }
  /** Its update was not sent. */
  | { readonly kind: "not-updated" }
  /** Its update was on its way when the cancel arrived, and ECS shows no deployment of it. */
  | { readonly kind: "not-seen" }
  /** The rollback could not be asked for. */
  | { readonly kind: "refused"; readonly why: string };

export interface Fated {
  readonly deployment: Pick<OurDeployment, "service" | "taskDefinitionArn">;
  readonly fate: Fate;
}

/** The runner's second signal comes after 7.5 s. */
const rollbackMilliseconds = 5_000;
const lookMilliseconds = 2_500;
const pauseMilliseconds = 1_000;
const patience = 2_000;

/** Asks ECS to roll back, if on-cancel says so; else looks once. The post step hears what is left to do. Asked twice, ECS changes nothing. */
export async function seeToCancelled(deployment: OurDeployment, ports: CancelPorts): Promise<Fate> {
  const fate =
    ports.onCancel === "leave"
      ? await lookOnce(deployment, ports)
      : await rollBack(deployment, ports);
  if (fate.kind === "over") ports.postState.rolloutEnded(deployment);
  if (fate.kind === "asked")
    ports.postState.rolloutInProgress({ ...deployment, rollbackRequested: true });
  return fate;
}

async function rollBack(deployment: OurDeployment, ports: CancelPorts): Promise<Fate> {
  const { clock, ecs } = ports;
  try {
    await bounded(rollbackMilliseconds, clock, async (options) => {
      const arn = deployment.serviceDeploymentArn ?? (await waitForArn(deployment, ports, options));
      await ecs.stopServiceDeployment(arn, { ...options, retryForMilliseconds: patience });
    });
    return { kind: "asked" };
  } catch (error) {
    const why = asDeployError(error).message;
    if (!isConflict(error)) return { kind: "refused", why };
    const seen = await lookOnce(deployment, ports);
    return seen.kind === "over" ? seen : (statedVerdict(why) ?? { kind: "refused", why });
  }
}

/** ECS records a deployment some seconds after its update: what is not there yet is looked for as long as there is time. */
async function waitForArn(
  deployment: OurDeployment,
  { ecs, clock }: CancelPorts,
  options: CallOptions,
) {
  for (;;) {
    const found = await identify(ecs, [deployment], { ...options, retryForMilliseconds: patience });
    const arn = found.get(deployment.id);
    if (arn !== undefined) return arn;
    await clock.sleep(pauseMilliseconds, options.signal);
  }
}

/** A deployment that is over cannot be stopped. That is a verdict, and no refusal. */
export function isConflict(error: unknown): boolean {
  return isAwsError(error, "ConflictException");
}

/** `… cannot be stopped because its status is SUCCESSFUL.` */
function statedVerdict(why: string): Fate | undefined {
  const reason = "ECS gives no reason.";
  const verdicts: Readonly<Record<string, Decided>> = {
    SUCCESSFUL: { kind: "succeeded" },
    ROLLBACK_SUCCESSFUL: { kind: "rolled-back", reason },
    ROLLBACK_FAILED: { kind: "rollback-failed", reason },
    STOPPED: { kind: "stopped", reason },
  };
  const verdict = verdicts[why.match(/\bstatus is ([A-Z_]+)/)?.[1] ?? ""];
  return verdict && { kind: "over", verdict };
}

async function lookOnce(deployment: OurDeployment, { ecs, clock }: CancelPorts): Promise<Fate> {
  const softly = <Answer>(work: (options: CallOptions) => Promise<Answer>) =>
    bounded(lookMilliseconds, clock, (options) =>
      work({ ...options, retryForMilliseconds: patience }),
    ).catch(() => undefined);
  const [services, deployments] = await Promise.all([
    softly((options) => lookAtServices(ecs, [deployment], options)),
    softly((options) => lookAtServiceDeployments(ecs, [deployment], options)),
  ]);
  const snapshot = snapshotOf(deployment, {
    services: services ?? new Map(),
    deployments: deployments ?? new Map(),
    unread: services ? undefined : { why: "", passing: true },
    at: clock.now(),
    seen: new Set(),
  });
  if (isBlind(snapshot)) return { kind: "unknown" };
  const verdict = judge(deployment, snapshot);
  return verdict.kind === "rolling" ? { kind: "goes-on" } : { kind: "over", verdict };
}

/** The error that ends the run, with a line on how each rollout stands. */
export function withFates(
  error: DeployError,
  code: ErrorCode,
  fates: readonly Fated[],
): DeployError {
  const goesOn = fates.some(({ fate }) => fate.kind !== "over" && fate.kind !== "not-updated");
  const hint = goesOn
    ? "Look at the deployment in the console, or run the job again: it watches the deployment that is under way. Where the circuit breaker is on, ECS itself goes back if the new tasks do not hold."
    : "Nothing of it goes on in ECS.";
  return new DeployError(
    { code, message: [error.message, ...fates.map(describeFate)].join("\n"), hint },
    { cause: error },
  );
}

/** One line, with the name of the service. */
function describeFate({ deployment: { service, taskDefinitionArn }, fate }: Fated): string {
  const name = `${service} → ${shortRevision(taskDefinitionArn)}`;
  switch (fate.kind) {
    case "asked":
      return `${name}: ECS was asked to roll back, as on-cancel says, and is at it.`;
    case "over":
      return describeOver(name, fate.verdict);
    case "goes-on":
      return `${name}: the rollout goes on in ECS, unwatched.`;
    case "unknown":
      return `${name}: as far as is known, the rollout goes on in ECS, unwatched.`;
    case "not-updated":
      return `${name}: the service was not updated.`;
    case "not-seen":
      return `${name}: the update was on its way, and ECS shows no deployment of it. The rollout may have begun all the same, unwatched.`;
    case "refused":
      return `${name}: as far as is known, the rollout goes on, for the rollback could not be asked for (the post step tries again): ${fate.why}`;
  }
}

function describeOver(name: string, verdict: Decided): string {
  switch (verdict.kind) {
    case "succeeded":
      return `${name}: it was deployed before the cancel arrived, and is what runs now.`;
    case "rolled-back":
      return `${name}: ECS had rolled it back before the cancel arrived: ${verdict.reason}`;
    case "rollback-failed":
      return `${name}: it failed before the cancel arrived, and ECS could not go back: ${verdict.reason}`;
    case "failed":
      return `${name}: it failed before the cancel arrived, and nothing goes back by itself: ${verdict.reason}`;
    case "stopped":
      return `${name}: it was stopped before the cancel arrived: ${verdict.reason}`;
    case "superseded":
      return `${name}: a newer deployment had taken over before the cancel arrived: ${verdict.by}`;
    case "gone":
      return `${name}: the service is not active any more.`;
  }
}
