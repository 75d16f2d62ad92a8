// The two calls that move a service: register the revision, and exactly one UpdateService.

import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { ClassicDeployment, ObservedService } from "../plan/observed.ts";
import type { ServicePlan } from "../plan/plan.ts";
import { planServiceUpdate, primaryOf } from "../plan/service.ts";
import type { OurDeployment } from "./snapshot.ts";

/** Gives the ARN of the revision to deploy: a new one, or one that says the same already. */
export type Registrar = (plan: ServicePlan) => Promise<string>;

/** Services whose new revision would be one and the same share it: one call, one revision. */
export function createRegistrar(ecs: Pick<Ecs, "registerTaskDefinition">): Registrar {
  const registered = new Map<string, Promise<string>>();
  return async ({ register, reuse }) => {
    if (!register) return reuse;
    const key = JSON.stringify(register);
    const arn = registered.get(key) ?? ecs.registerTaskDefinition(register).then((revision) => revision.arn);
    registered.set(key, arn);
    return arn;
  };
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
}

/** Updates the service and says which deployment is ours: the PRIMARY one of the answer. */
export async function startDeployment(
  { plan, taskDefinitionArn, rebuilt }: Start,
  ports: StartPorts,
): Promise<OurDeployment> {
  const { service, settings } = plan;
  const force = rebuilt && plan.register === undefined && taskDefinitionArn === service.taskDefinitionArn;
  const update = planServiceUpdate(service, { taskDefinitionArn, settings, force });
  const begun = await updateOnce(service, update, ports);
  if (!begun)
    throw new DeployError({
      code: "RolloutUnwatched",
      message: `ECS accepted the update of ${service.name}, but names no deployment for it.`,
      hint: "The rollout goes on; look at it in the console.",
    });
  return {
    cluster: service.clusterName,
    service: service.name,
    id: begun.id,
    startedAt: begun.createdAt,
    taskDefinitionArn,
    earlierIds: service.deployments.map(({ id }) => id).filter((id) => id !== begun.id),
  };
}

/** Reads may be behind an update for some seconds. */
const settleMilliseconds = 5_000;

const updateAttempts = 8;

/**
 * One update, also where its answer gets lost: ECS is asked whether it has begun before it is told again. Repeated blindly, a forced
 * update starts a second deployment, and so does one that was rolled back in the meantime.
 */
async function updateOnce(
  service: ObservedService,
  update: JsonObject,
  { ecs, clock, signal }: StartPorts,
): Promise<Begun> {
  for (let attempt = 1; ; attempt++) {
    try {
      const updated = await ecs.updateService(update, { patienceMilliseconds: 0 });
      return primaryOf(updated);
    } catch (error) {
      if (!(error instanceof DeployError) || error.code !== "AwsUnavailable") throw error;
      await clock.sleep(settleMilliseconds, signal);
      const begun = await begunMeanwhile(service, update, ecs).catch((unread: unknown) => {
        throw asDeployError(unread).code === "Cancelled" ? unread : mayHaveBegun(error, service);
      });
      if (begun) return begun;
      if (attempt === updateAttempts) throw mayHaveBegun(error, service);
    }
  }
}

type Begun = ClassicDeployment | undefined;

/** A deployment of our revision that was not there before the update. */
async function begunMeanwhile(before: ObservedService, update: JsonObject, ecs: StartPorts["ecs"]): Promise<Begun> {
  const [now] = await ecs.describeServices(before.clusterArn, [before.name]);
  const known = new Set(before.deployments.map(({ id }) => id));
  return now?.deployments.find(
    ({ id, taskDefinitionArn }) => !known.has(id) && taskDefinitionArn === update.taskDefinition,
  );
}

function mayHaveBegun(error: DeployError, service: ObservedService): DeployError {
  const message = `${error.message}\nWhether ECS has taken the update of ${service.name} is not known; it may have begun.`;
  return new DeployError(
    {
      code: error.code,
      message,
      hint: "Look at the service's deployments in the console, or run the job again: it watches a deployment that is under way.",
    },
    { cause: error },
  );
}
