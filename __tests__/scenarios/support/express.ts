// The stage with an Express Mode service `shop` beside the service of every scenario.

import { registry, type Stage, type StageOptions, setStage } from "./stage.ts";

/** Inputs that deploy it. */
export const shop = { service: "shop" };

export interface ExpressStageOptions extends StageOptions {
  /** Members of the container Main beside name, image and port. */
  readonly main?: Readonly<Record<string, unknown>>;
}

export async function setExpressStage(options: ExpressStageOptions = {}): Promise<Stage> {
  const stage = await setStage(options);
  const { simulator, clock } = stage;
  simulator.ecs.registerTaskDefinition({
    family: "clockko-shop",
    cpu: "1024",
    memory: "2048",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: `arn:aws:iam::${simulator.accountId}:role/clockko-execution`,
    containerDefinitions: [
      {
        name: "Main",
        image: `${registry}/clockko-backend:v1`,
        essential: true,
        portMappings: [{ name: "main-80-tcp", containerPort: 80, protocol: "tcp" }],
        ...options.main,
      },
    ],
  });
  simulator.ecs.createExpressService({
    cluster: "clockko",
    serviceName: "shop",
    taskDefinition: "clockko-shop:1",
    desiredCount: 1,
  });
  clock.advance(10 * 60_000);
  return stage;
}
