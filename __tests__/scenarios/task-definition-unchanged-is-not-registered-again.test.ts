import { expect, test } from "vitest";
import { byAnotherUser, inputsOf, revisionOf } from "./support/changes.ts";
import { commit, registry, setStage } from "./support/stage.ts";

/** What the running revision says, in other words: defaults left out, other order, sizes with their units. */
const sameInOtherWords = `
family: clockko-backend
cpu: .25 vCPU
memory: 0.5 GB
networkMode: awsvpc
requiresCompatibilities: [FARGATE]
executionRoleArn: arn:aws:iam::123456789012:role/clockko-execution
volumes: []
containerDefinitions:
  - name: app
    image: anything
    cpu: 0
    environment: [{ name: GREETING, value: "" }]
    portMappings: [{ containerPort: 8000 }]
    healthCheck: { command: [CMD, "true"], retries: 3 }
    logConfiguration:
      logDriver: awslogs
      options: { awslogs-group: /ecs/clockko-backend, awslogs-region: us-east-1, awslogs-stream-prefix: app }
`;

test("an equivalent file registers no revision", async () => {
  const stage = await setStage({
    container: {
      portMappings: [{ containerPort: 8000 }],
      healthCheck: { command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3 },
    },
    files: { "td.yaml": sameInOtherWords },
  });
  await stage.play();
  stage.clock.advance(10 * 60_000);

  const again = await stage.play({ "task-definition": "td.yaml" });

  expect(again.outcome).toMatchObject({ outcome: "unchanged", services: [{ changes: [] }] });
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toHaveLength(1);
});

test("an identical existing revision is reused", async () => {
  const stage = await setStage();
  await stage.play();
  byAnotherUser(stage, "UpdateService", {
    cluster: "clockko",
    service: "clockko-backend",
    taskDefinition: "clockko-backend:1",
  });
  stage.clock.advance(10 * 60_000);

  const play = await stage.play({ "task-definition": "clockko-backend:2" });

  expect(play.outcome.outcome).toBe("succeeded");
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toHaveLength(1);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(play.log.join("\n")).toContain("reusing clockko-backend:2 (it has all of that already)");
});

test("a template managed by Terraform is registered under the family of the service", async () => {
  const stage = await setStage();
  stage.simulator.ecs.registerTaskDefinition({
    family: "clockko-template",
    cpu: "512",
    memory: "1024",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
    containerDefinitions: [
      {
        name: "app",
        image: "public.ecr.aws/docker/library/busybox:latest",
        environment: [{ name: "FROM_TERRAFORM", value: "1" }],
      },
    ],
  });

  const play = await stage.play({
    "task-definition": "clockko-template",
    "task-definition-family": "clockko-backend",
  });

  expect(play.outcome.outcome).toBe("succeeded");
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toMatchObject([
    {
      family: "clockko-backend",
      cpu: "512",
      containerDefinitions: [
        {
          image: `${registry}/clockko-backend:${commit}`,
          environment: [{ name: "FROM_TERRAFORM", value: "1" }],
        },
      ],
    },
  ]);
});
