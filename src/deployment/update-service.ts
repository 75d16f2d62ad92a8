// The call that deploys a service: exactly one UpdateService.

import { isThrottled } from "../aws/aws-errors.ts";
import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";
import { asDeployError, DeployError } from "../errors.ts";
import { type JsonObject, stringOf } from "../json.ts";
import { planServiceUpdate, primaryDeploymentOf } from "../plan/service/service.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import type { InProgressRollout, PostStateWriter } from "../runtime/runtime.ts";
import { startedDeploymentIn } from "./describe-deployments.ts";

interface UpdateRequest {
  readonly plan: ServicePlan;
  /** As it was read last before the update. */
  readonly service: ObservedService;
  readonly taskDefinitionArn: string;
  /** The image behind an unchanged revision is new, so ECS must start new tasks. */
  readonly rebuilt: boolean;
}

export interface UpdatePorts {
  readonly ecs: Pick<Ecs, "updateService" | "describeServices">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** When the wait for this update is over, in milliseconds since the Unix epoch. */
  readonly until: number;
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
}

/**
 * Updates the service and returns our deployment: the PRIMARY one of the response, if it has the
 * requested revision.
 */
export async function startDeployment(
  { plan, service, taskDefinitionArn, rebuilt }: UpdateRequest,
  ports: UpdatePorts,
): Promise<StartedDeployment> {
  const { settings } = plan;
  const force =
    rebuilt && plan.register === undefined && taskDefinitionArn === service.taskDefinitionArn;
  const update = planServiceUpdate(service, { taskDefinitionArn, settings, force });
  const sent = {
    cluster: service.clusterName,
    service: service.name,
    startedAt: ports.clock.now(),
    taskDefinitionArn,
    earlierIds: service.deployments.map((deployment) => deployment.id),
  };
  const started = await updateWithPostState(sent, () => updateOnce(service, update, ports), ports);
  const deployment = toOwnDeployment(service, started, taskDefinitionArn);
  const isNew = !sent.earlierIds.includes(started.id);
  if (!isNew && started.rolloutState === "COMPLETED") {
    ports.postState.rolloutEnded(deployment);
    return { deployment, kind: "settled" };
  }
  ports.postState.rolloutInProgress(deployment);
  return { deployment, kind: isNew ? "new" : "joined" };
}

/** Once an update or a creation is sent, it may take effect even if this process ends; until ECS refuses it. */
export async function updateWithPostState<Begun>(
  sent: InProgressRollout,
  update: () => Promise<Begun>,
  { postState }: Pick<UpdatePorts, "postState">,
): Promise<Begun> {
  postState.rolloutInProgress(sent);
  try {
    return await update();
  } catch (error) {
    if (!mayHaveStarted(error)) postState.rolloutEnded(sent);
    throw error;
  }
}

/** @param before the service before the update */
export function toOwnDeployment(
  before: ObservedService,
  { id, createdAt }: ClassicDeployment,
  taskDefinitionArn: string,
): OwnDeployment {
  return {
    cluster: before.clusterName,
    service: before.name,
    id,
    startedAt: createdAt,
    taskDefinitionArn,
    earlierIds: before.deployments
      .map((deployment) => deployment.id)
      .filter((earlierId) => earlierId !== id),
  };
}

/**
 * A refusal means that nothing was changed, also one for the rate of the calls; after any other
 * error it is unknown whether ECS accepted the update.
 */
export function mayHaveStarted(error: unknown): boolean {
  if (isThrottled(error)) return false;
  return ["AwsUnavailable", "Cancelled", "WatchInterrupted", "Bug"].includes(
    asDeployError(error).code,
  );
}

interface StartedDeployment {
  readonly deployment: OwnDeployment;
  /**
   * `joined`: it was already in progress. `settled`: it had already finished, and the update
   * changed settings only.
   */
  readonly kind: "new" | "joined" | "settled";
}

/** ECS's reads may be some seconds behind an update. */
const confirmPauseMilliseconds = 5_000;

const updateAttempts = 8;

/** The limit of a read between two of these attempts. */
const callTimeoutMilliseconds = 60_000;

/**
 * One update, also where its response is lost: ECS is read to see whether the deployment has
 * started before the update is sent again. Repeated without this check, a forced update starts a
 * second deployment, and so does one that was rolled back in the meantime. What ECS has accepted is
 * never repeated.
 */
async function updateOnce(
  service: ObservedService,
  update: JsonObject,
  ports: UpdatePorts,
): Promise<ClassicDeployment> {
  const { clock, signal, until } = ports;
  let response = await sendUpdate(update, ports, { hasTurn: true });
  for (let attempt = 1; ; attempt++) {
    if (
      "primary" in response &&
      response.primary &&
      isOwnDeployment(response.primary, service, update)
    )
      return response.primary;
    await clock.sleep(confirmPauseMilliseconds, signal);
    const found = await findStartedDeployment(service, update, ports);
    if (found !== "unseen" && found !== "absent") return found;
    if (attempt === updateAttempts || clock.now() >= until)
      throw unconfirmedUpdate(response, service, update);
    if ("lost" in response && found === "absent")
      response = await sendUpdate(update, ports, { lost: response.lost });
  }
}

/**
 * ECS accepted the update and returned this deployment; or it is unknown whether it accepted it.
 */
type UpdateResponse =
  | { readonly primary: ClassicDeployment | undefined }
  | { readonly lost: DeployError };

/**
 * A request that is refused for its rate is sent again: ECS did nothing.
 * @param lost what came of the request before this one, which ECS may have accepted
 */
async function sendUpdate(
  update: JsonObject,
  { ecs, clock, until }: UpdatePorts,
  { lost, hasTurn = false }: { readonly lost?: DeployError; readonly hasTurn?: boolean },
): Promise<UpdateResponse> {
  try {
    const updated = await callWithTimeout(
      timeLeft(clock, until, callTimeoutMilliseconds),
      clock,
      (options) => ecs.updateService(update, { ...options, isRetryable: isThrottled, hasTurn }),
    );
    return { primary: primaryDeploymentOf(updated) };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== "AwsUnavailable") throw error;
    if (!isThrottled(error)) return { lost: error };
    if (lost) return { lost };
    throw error;
  }
}

/**
 * It has the requested revision and is new; or the service already had that revision and nothing
 * forces a new deployment.
 */
function isOwnDeployment(
  { id, taskDefinitionArn }: ClassicDeployment,
  before: ObservedService,
  update: JsonObject,
): boolean {
  if (taskDefinitionArn !== update.taskDefinition) return false;
  const isNew = before.deployments.every((deployment) => deployment.id !== id);
  return isNew || (update.forceNewDeployment !== true && primaryDeploymentOf(before)?.id === id);
}

/**
 * A deployment of our revision that did not exist before the update; `unseen`: the service could
 * not be read.
 */
async function findStartedDeployment(
  before: ObservedService,
  update: JsonObject,
  { ecs, clock, until }: UpdatePorts,
): Promise<ClassicDeployment | "absent" | "unseen"> {
  try {
    const [current] = await callWithTimeout(
      timeLeft(clock, until, callTimeoutMilliseconds),
      clock,
      (options) => ecs.describeServices(before.clusterArn, [before.name], options),
    );
    const earlierIds = before.deployments.map(({ id }) => id);
    return (
      (current &&
        startedDeploymentIn(current.deployments, earlierIds, stringOf(update.taskDefinition))) ??
      "absent"
    );
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return "unseen";
  }
}

const checkDeploymentHint =
  "Check the service's deployments in the console, or run the job again: it watches a " +
  "deployment that is in progress.";

/** This rollout does not belong to our update, however it ends. */
function unconfirmedUpdate(
  response: UpdateResponse,
  { name }: ObservedService,
  update: JsonObject,
): DeployError {
  const requested = shortRevision(stringOf(update.taskDefinition) ?? "");
  if ("lost" in response)
    return new DeployError(
      {
        code: response.lost.code,
        message:
          `${response.lost.message}\nWhether ECS accepted the update of ${name} to ${requested} ` +
          "is unknown; a deployment may have started.",
        hint: checkDeploymentHint,
      },
      { cause: response.lost },
    );
  const { primary } = response;
  const namedDeployment = primary
    ? `a deployment of ${shortRevision(primary.taskDefinitionArn) || "no revision"} (${primary.id})`
    : "no deployment";
  return new DeployError({
    code: "WatchInterrupted",
    message:
      `ECS accepted the update of ${name} to ${requested}, but its answer names ` +
      `${namedDeployment}, and no deployment of ${requested} is visible. It may have started ` +
      "nevertheless.",
    hint: checkDeploymentHint,
  });
}
