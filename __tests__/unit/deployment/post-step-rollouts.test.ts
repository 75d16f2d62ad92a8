// What the post step finds of an update that was on its way. With a whole run before it: scenarios/post-step-says-what-goes-on.

import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import type { PostEcs } from "../../../src/aws/post-session.ts";
import { handleUnfinishedRollouts } from "../../../src/deployment/post-step-rollouts.ts";
import type { ClassicDeployment } from "../../../src/ecs/observed.ts";
import { arnOf, classic, service } from "./world.ts";

const sent = {
  cluster: "clockko",
  service: "api",
  startedAt: 1,
  taskDefinitionArn: arnOf("api:2"),
  earlierIds: ["ecs-svc/1"],
};

const unasked = async () => {
  throw new Error("this must not be called");
};

async function found(deployments: readonly ClassicDeployment[]) {
  const ecs: PostEcs = {
    describeClusters: unasked,
    describeTaskDefinition: unasked,
    describeServices: async () => [service({ deployments })],
    describeServiceDeployments: async () => [],
    describeServiceRevisions: async () => [],
    listServiceDeployments: async () => [],
    stopServiceDeployment: async () => {},
  };
  const [one] = await handleUnfinishedRollouts([sent], {
    ecs,
    clock: new VirtualClock(),
    rollBack: false,
  });
  return one;
}

test("a deployment of the same revision that was there before the update is not the one that it began", async () => {
  const old = classic({
    id: "ecs-svc/1",
    taskDefinitionArn: arnOf("api:2"),
    rolloutState: "IN_PROGRESS",
  });
  expect(await found([old])).toMatchObject({
    stillActive: false,
    message: expect.stringContaining("ECS shows no deployment"),
  });
  const own = classic({
    id: "ecs-svc/2",
    taskDefinitionArn: arnOf("api:2"),
    rolloutState: "IN_PROGRESS",
  });
  expect(await found([own, old])).toMatchObject({
    stillActive: true,
    message: expect.stringContaining("ecs-svc/2 continues"),
  });
});
