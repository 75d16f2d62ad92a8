// The AWS account that the bench measures against: a simulator with one cluster, one repository, one role, and services that run
// revision 1 of one task definition.

import { createSimulator, type Simulator, type SimulatorClock, type Timing } from "ecs-simulator";
import { putDeployRole } from "ecs-simulator/iam";
import { type ScriptedOptions, scriptedRunner } from "ecs-simulator/tasks";

export const region = "us-east-1";
export const cluster = "bench";
export const repository = "app";
const accountId = "123456789012";
export const role = `arn:aws:iam::${accountId}:role/deploy`;

export interface AccountOptions {
  readonly clock: SimulatorClock;
  readonly services: readonly string[];
  readonly behaviour?: ScriptedOptions["behaviour"];
  readonly timing?: Partial<Timing>;
}

export function createAccount({ clock, services, behaviour, timing }: AccountOptions): Simulator {
  const simulator = createSimulator({
    clock,
    region,
    accountId,
    runner: scriptedRunner({ clock, ...(behaviour && { behaviour }) }),
    ...(timing && { ecs: { timing } }),
  });
  putDeployRole(simulator, { name: "deploy" });
  simulator.ecr.repositories.createRepository(repository);
  simulator.ecr.repositories.putImage(repository, { tags: ["v1"] });
  simulator.ecs.createCluster(cluster);
  const taskDefinition = registerRevision(simulator);
  for (const serviceName of services)
    simulator.ecs.createService({
      cluster,
      serviceName,
      taskDefinition,
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
    });
  return simulator;
}

/** The next revision of the one task definition; gives its ARN. */
export function registerRevision(simulator: Simulator): string {
  const { taskDefinitionArn = "" } = simulator.ecs.registerTaskDefinition({
    family: "app",
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: `arn:aws:iam::${accountId}:role/execution`,
    containerDefinitions: [
      {
        name: "app",
        image: `${accountId}.dkr.ecr.${region}.amazonaws.com/${repository}:v1`,
        essential: true,
        healthCheck: { command: ["CMD", "/healthy"] },
      },
    ],
  });
  return taskDefinitionArn;
}
