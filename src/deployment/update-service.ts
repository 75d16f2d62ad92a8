// The two calls that move a service: register the revision, and exactly one UpdateService.

import { bounded, timeLeft } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import type { OurDeployment } from "../ecs/deployment.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";
import { asDeployError, DeployError } from "../errors.ts";
import { type JsonObject, stringOf } from "../json.ts";
import { planServiceUpdate, primaryDeploymentOf } from "../plan/service/service.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import { redactWholeWords, secretValuesOf } from "../plan/task-definition/hidden-values.ts";
import type { InProgressRollout, PostStateWriter } from "../runtime/runtime.ts";
import { shortRevision } from "../text/format.ts";
import { begunOf } from "./describe-deployments.ts";

/** Gives the ARN of the revision to deploy: a new one, or one that says the same already. */
export type Registrar = (plan: ServicePlan) => Promise<string>;

/** Services whose new revision would be one and the same share it: one call, one revision. */
export function createRegistrar(ecs: Pick<Ecs, "registerTaskDefinition">): Registrar {
  const registered = new Map<string, Promise<string>>();
  return async ({ register, reuseArn }) => {
    if (!register) return reuseArn;
    const key = JSON.stringify(register);
    const arn = registered.get(key) ?? registerHiding(register, ecs);
    registered.set(key, arn);
    return arn;
  };
}

/** AWS may quote in its refusal what it was sent; of that only what the diff shows may be printed. */
async function registerHiding(
  definition: JsonObject,
  ecs: Pick<Ecs, "registerTaskDefinition">,
): Promise<string> {
  try {
    return (await ecs.registerTaskDefinition(definition)).arn;
  } catch (error) {
    const { code, message, hint, refusal } = asDeployError(error);
    if (code === "Cancelled" || refusal) throw error; // IAM's sentence holds names only, and must stay readable
    const values = secretValuesOf(definition);
    const hidden = hint === undefined ? undefined : redactWholeWords(hint, values);
    throw new DeployError(
      {
        code,
        message: redactWholeWords(message, values),
        refusal,
        ...(hidden !== undefined && { hint: hidden }),
      },
      { cause: error },
    );
  }
}

export interface Start {
  readonly plan: ServicePlan;
  readonly taskDefinitionArn: string;
  /** The image behind an unchanged revision is new, so ECS must be told to start anew. */
  readonly rebuilt: boolean;
}

export interface StartPorts {
  readonly ecs: Pick<Ecs, "updateService" | "describeServices">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** When the wait for this update is over, in milliseconds since the Unix epoch. */
  readonly until: number;
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
}

/** Updates the service and says which deployment is ours: the PRIMARY one of the answer, if it is of the revision that was asked for. */
export async function startDeployment(
  { plan, taskDefinitionArn, rebuilt }: Start,
  ports: StartPorts,
): Promise<StartedDeployment> {
  const { service, settings } = plan;
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
  const begun = await updateHandedOver(sent, () => updateOnce(service, update, ports), ports);
  const deployment = ourDeployment(service, begun, taskDefinitionArn);
  const isNew = !sent.earlierIds.includes(begun.id);
  const settled = !isNew && begun.rolloutState === "COMPLETED";
  if (settled) ports.postState.rolloutEnded(deployment);
  else ports.postState.rolloutInProgress(deployment);
  return { deployment, is: isNew ? "new" : settled ? "settled" : "joined" };
}

/** From the moment that the update is sent it may be under way, whatever becomes of this process; until ECS says that it refuses it. */
async function updateHandedOver<Begun>(
  sent: InProgressRollout,
  update: () => Promise<Begun>,
  { postState }: StartPorts,
): Promise<Begun> {
  postState.rolloutInProgress(sent);
  try {
    return await update();
  } catch (error) {
    if (!mayHaveBegun(error)) postState.rolloutEnded(sent);
    throw error;
  }
}

/** @param before the service as it was before the update */
export function ourDeployment(
  before: ObservedService,
  { id, createdAt }: ClassicDeployment,
  taskDefinitionArn: string,
): OurDeployment {
  return {
    cluster: before.clusterName,
    service: before.name,
    id,
    startedAt: createdAt,
    taskDefinitionArn,
    earlierIds: before.deployments
      .map((deployment) => deployment.id)
      .filter((other) => other !== id),
  };
}

/** A refusal says that nothing was changed; after anything else whether ECS accepted the update is unknown. */
export function mayHaveBegun(error: unknown): boolean {
  return ["AwsUnavailable", "Cancelled", "RolloutUnwatched", "Bug"].includes(
    asDeployError(error).code,
  );
}

export interface StartedDeployment {
  readonly deployment: OurDeployment;
  /** `joined`: it was under way already. `settled`: it was through already, and the update changed settings only. */
  readonly is: "new" | "joined" | "settled";
}

/** Reads may be behind an update for some seconds. */
const settleMilliseconds = 5_000;

const updateAttempts = 8;

/** A look between two of these attempts may take so long. */
const lookMilliseconds = 60_000;

/**
 * One update, also where its answer gets lost: ECS is asked whether it has begun before it is told again. Repeated blindly, a forced
 * update starts a second deployment, and so does one that was rolled back in the meantime. What ECS has accepted is never repeated.
 */
async function updateOnce(
  service: ObservedService,
  update: JsonObject,
  ports: StartPorts,
): Promise<ClassicDeployment> {
  const { clock, signal, until } = ports;
  let answer = await sendUpdate(update, ports);
  for (let attempt = 1; ; attempt++) {
    if ("primary" in answer && answer.primary && isOurs(answer.primary, service, update))
      return answer.primary;
    await clock.sleep(settleMilliseconds, signal);
    const seen = await lookForBegun(service, update, ports);
    if (seen !== "unseen" && seen !== "absent") return seen;
    if (attempt === updateAttempts || clock.now() >= until)
      throw unconfirmed(answer, service, update);
    if ("lost" in answer && seen === "absent") answer = await sendUpdate(update, ports);
  }
}

/** ECS took the update, and names this deployment; or it is not known whether it did. */
type Answer = { readonly primary: ClassicDeployment | undefined } | { readonly lost: DeployError };

async function sendUpdate(update: JsonObject, { ecs, clock, until }: StartPorts): Promise<Answer> {
  try {
    const updated = await bounded(timeLeft(clock, until, lookMilliseconds), clock, (options) =>
      ecs.updateService(update, { ...options, retryForMilliseconds: 0 }),
    );
    return { primary: primaryDeploymentOf(updated) };
  } catch (error) {
    if (error instanceof DeployError && error.code === "AwsUnavailable") return { lost: error };
    throw error;
  }
}

/** Of the revision that was asked for, and new, unless the service was on that revision already and nothing forces a new deployment. */
function isOurs(
  { id, taskDefinitionArn }: ClassicDeployment,
  before: ObservedService,
  update: JsonObject,
): boolean {
  if (taskDefinitionArn !== update.taskDefinition) return false;
  const isNew = before.deployments.every((deployment) => deployment.id !== id);
  return isNew || (update.forceNewDeployment !== true && primaryDeploymentOf(before)?.id === id);
}

/** A deployment of our revision that was not there before the update; `unseen`: nobody could look. */
async function lookForBegun(
  before: ObservedService,
  update: JsonObject,
  { ecs, clock, until }: StartPorts,
): Promise<ClassicDeployment | "absent" | "unseen"> {
  try {
    const [now] = await bounded(timeLeft(clock, until, lookMilliseconds), clock, (options) =>
      ecs.describeServices(before.clusterArn, [before.name], options),
    );
    const earlierIds = before.deployments.map(({ id }) => id);
    return (
      (now && begunOf(now.deployments, earlierIds, stringOf(update.taskDefinition))) ?? "absent"
    );
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return "unseen";
  }
}

const seeYourself =
  "Look at the service's deployments in the console, or run the job again: it watches a deployment that is under way.";

/** That is no rollout of ours, whatever becomes of it. */
function unconfirmed(answer: Answer, { name }: ObservedService, update: JsonObject): DeployError {
  const asked = shortRevision(stringOf(update.taskDefinition) ?? "");
  if ("lost" in answer)
    return new DeployError(
      {
        code: answer.lost.code,
        message: `${answer.lost.message}\nWhether ECS has taken the update of ${name} to ${asked} is not known; it may have begun.`,
        hint: seeYourself,
      },
      { cause: answer.lost },
    );
  const { primary } = answer;
  const named = primary
    ? `a deployment of ${shortRevision(primary.taskDefinitionArn) || "no revision"} (${primary.id})`
    : "no deployment";
  return new DeployError({
    code: "RolloutUnwatched",
    message: `ECS accepted the update of ${name} to ${asked}, but its answer names ${named}, and no deployment of ${asked} is to be seen. It may have begun all the same.`,
    hint: seeYourself,
  });
}
