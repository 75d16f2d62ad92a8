// What the simulated account has before the rehearsal, and how fast its ECS is.

import { awsTiming, type Simulator } from "ecs-simulator";
import { DeployError } from "../errors.ts";
import type { RehearseInputs } from "../inputs/rehearse-inputs.ts";
import { type JsonObject, stringOf } from "../json.ts";
import { leastDefinition, logGroupsOf, rehearsalCluster, serviceRequest } from "./account.ts";
import type { StandInSecrets } from "./stand-ins.ts";

/** ECS's own steps, without those that decide whether a task counts as failed. */
const speed = 20;
const { settle, activating, stoppedVisible, ...steps } = awsTiming;
const faster = Object.fromEntries(
  Object.entries(steps).map(([step, milliseconds]) => [step, milliseconds / speed]),
);
/**
 * A task without a health check must run as long as on AWS; so must one that ends before it is
 * RUNNING.
 */
export const rehearsalTiming = { ...faster, settle, activating, stoppedVisible };
/** The revision before only appears to run. */
export const seedTiming = Object.fromEntries(Object.keys(awsTiming).map((step) => [step, 1]));

export interface SeedRequest {
  /** The definition that the rehearsal registers, but for the image. */
  readonly definition: JsonObject;
  readonly inputs: Pick<RehearseInputs, "ecrRepository">;
  readonly standIns: StandInSecrets;
}

interface Seeded {
  readonly service: string;
  /** ARN of the revision that runs before the rehearsal. */
  readonly revision: string;
}

/** What the account of the user has already: cluster, repository, log groups, secrets, service. */
export function seed(
  simulator: Simulator,
  { definition, inputs, standIns }: SeedRequest,
  registry: string,
): Seeded {
  const { ecs, ecr, logs, secretsManager, parameters } = simulator;
  ecs.createCluster(rehearsalCluster);
  const repository = inputs.ecrRepository ?? "";
  ecr.repositories.createRepository(repository);
  for (const group of logGroupsOf(definition)) logs.createGroup(group);
  for (const [arn, value] of Object.entries(standIns.secrets)) secretsManager.put(arn, value);
  for (const [name, value] of Object.entries(standIns.parameters)) parameters.set(name, value);
  const family = stringOf(definition.family) ?? rehearsalCluster;
  const images = `${registry}/${repository}:before`;
  const revision = registerBefore(simulator, withImageBefore(definition, images), family);
  ecs.createService({
    ...serviceRequest(definition),
    serviceName: family,
    taskDefinition: revision,
  } as Parameters<typeof ecs.createService>[0]);
  return { service: family, revision };
}

/** The containers that get the new image have none yet. */
function withImageBefore(definition: JsonObject, image: string): JsonObject {
  const text = JSON.stringify(definition);
  return JSON.parse(text, (member, value: unknown) => {
    if (member === "image" && value === "") return image;
    return value;
  });
}

/** A file that ECS refuses is reported by the checks of the run itself. */
function registerBefore({ ecs }: Simulator, definition: JsonObject, family: string): string {
  type Request = Parameters<typeof ecs.registerTaskDefinition>[0];
  const register = (request: JsonObject) =>
    ecs.registerTaskDefinition(request as unknown as Request).taskDefinitionArn ?? "";
  try {
    return register(definition);
  } catch {
    const isName = /^[A-Za-z0-9_-]{1,255}$/.test(family);
    return register(leastDefinition(isName ? family : rehearsalCluster));
  }
}

export async function untilSteady({ ecs }: Simulator, service: string): Promise<void> {
  const name = { cluster: rehearsalCluster, service };
  for (let tries = 0; !ecs.isSteady(name); tries++) {
    if (tries > 500)
      throw new DeployError({
        code: "Bug",
        message: "The simulated service did not become steady before the rehearsal.",
        hint: "Report this to the maintainers of deploy-ecs, with the log of this run.",
      });
    await new Promise((resume) => setTimeout(resume, 10));
  }
}
