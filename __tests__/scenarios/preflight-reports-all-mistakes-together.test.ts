import { expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import { setStage } from "./support/stage.ts";

test("all mistakes of a broken setup are reported together", async () => {
  const stage = await setStage({
    service: {
      deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 100 },
      loadBalancers: [
        {
          targetGroupArn: "arn:aws:elasticloadbalancing:x",
          containerName: "web",
          containerPort: 80,
        },
      ],
    },
  });

  const play = await stage.play({
    "ecr-repository": "clockko-typo",
    service: "clockko-backend\nnot-there",
    "container-name": "app",
    "task-definition-patch":
      '{"cpu":"256","memory":"4096","taskRoleArn":"arn:aws:iam::999999999999:role/x","containerDefinitions":{"app":{"logConfiguration":{"options":{"awslogs-group":"/ecs/typo"}}}}}',
  });

  expect(play.outcome.outcome).toBe("failed");
  for (const words of [
    "clockko-typo",
    "not-there",
    "memory 4096",
    "999999999999",
    "/ecs/typo",
    '"web"',
    "maximumPercent 100",
  ])
    expect(play.annotation).toContain(words);
  expect(changesOf(play)).toEqual([]);
});
