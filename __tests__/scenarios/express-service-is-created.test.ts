// With `express` a service that does not exist is created in ECS Express Mode.

import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { setExpressStage } from "./support/express.ts";
import { changesOf } from "./support/no-changes.ts";
import { type Play, type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const roles = {
  infrastructureRoleArn: "arn:aws:iam::123456789012:role/clockko-infrastructure",
  executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
};
const express = JSON.stringify({ ...roles, containerPort: 8080, cpu: 256, memory: "512" });
const fresh = { service: "fresh", express };

function creationsOf(stage: Stage): readonly Readonly<Record<string, unknown>>[] {
  return stage.simulator.calls
    .filter(({ operation }) => operation === "CreateExpressGatewayService")
    .map(({ input }) => input as Readonly<Record<string, unknown>>);
}

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

test("it is created with the image, its first deployment is watched, and the URL is an output", async () => {
  const stage = await setStage({
    secrets: { "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf": "hidden" },
  });

  const play = await stage.play({
    ...fresh,
    "environment-variables": "GREETING=hello",
    secrets: "KEY=arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf",
    tags: "team=shop",
  });

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toEqual([
    {
      ...roles,
      cluster: "clockko",
      serviceName: "fresh",
      cpu: "256",
      memory: "512",
      primaryContainer: {
        containerPort: 8080,
        image: play.outputs.image,
        environment: [{ name: "GREETING", value: "hello" }],
        secrets: [
          {
            name: "KEY",
            valueFrom: "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf",
          },
        ],
      },
      tags: [{ key: "team", value: "shop" }],
    },
  ]);
  expect(play.outputs.url).toMatch(/^https:\/\/fr-[0-9a-f]{32}\.ecs\.us-east-1\.on\.aws$/);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/express-service-is-created.txt");
});

test("its resources may not be read: the URL comes from ECS's description", async () => {
  const stage = await setStage();
  stage.simulator.faults.add(
    "ecs:DescribeServiceRevisions",
    { kind: "error", name: "AccessDeniedException", message: "Sorry.", status: 400 },
    100,
  );

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.outputs.url).toMatch(/^https:\/\/fr-/);
});

test("the next commit updates the service that was created", async () => {
  const stage = await setStage();
  await stage.play(fresh);
  stage.commit = "8d3e2f1b0a9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e";

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toHaveLength(1);
  expect(play.log.join("\n")).toContain("fresh exists already: `express` is used only to create");
});

test("the cluster default is created with it", async () => {
  const stage = await setStage();

  const play = await stage.play({ ...fresh, cluster: "" });

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)[0]?.["cluster"]).toBe("default");
});

test("with a task definition of its own", async () => {
  const stage = await setStage();
  const definition = {
    family: "fresh",
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: roles.executionRoleArn,
    containerDefinitions: [
      {
        name: "Main",
        image: "clockko-backend:v1",
        essential: true,
        portMappings: [{ name: "main", containerPort: 8080 }],
      },
    ],
  };
  stage.surroundings.readText = () => JSON.stringify(definition);

  const play = await stage.play({
    service: "fresh",
    "task-definition": "task.json",
    "container-name": "Main",
    express: JSON.stringify({ infrastructureRoleArn: roles.infrastructureRoleArn }),
  });

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)[0]).toMatchObject({
    taskDefinitionArn: expect.stringMatching(/:task-definition\/fresh:1$/),
  });
  expect(creationsOf(stage)[0]).not.toHaveProperty("primaryContainer");
});

test("the first version is bad: FirstDeploymentFailed, and the next commit repairs it", async () => {
  let isGood = false;
  const stage = await setStage({
    tasks: () => (isGood ? runs() : exitsWith(1)),
    firstTasks: () => (isGood ? runs() : exitsWith(1)),
  });

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("failed FirstDeploymentFailed");
  expect(play.annotation).toContain("Service fresh was created and remains");
  expect(play.annotation).toContain("delete-express-gateway-service");
  expect(play.annotation).toContain("exited with code 1");

  isGood = true;
  stage.commit = "8d3e2f1b0a9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e";
  expect(verdictOf(await stage.play(fresh))).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toHaveLength(1);
});

test.each(["assume", "sts", "credentials", "service-linked"] as const)(
  "roles of this minute are tried again: %s",
  async (refusal) => {
    const stage = await setStage();
    stage.onCall = (call) => {
      if (call === "ecs:CreateExpressGatewayService" && creationsOf(stage).length === 1)
        stage.simulator.ecs.refuseRoles(20_000, refusal);
    };
    stage.simulator.ecs.refuseRoles(60 * 60_000, refusal);

    const play = await stage.play(fresh);

    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.log.join("\n")).toContain("ECS cannot use the roles yet");
  },
);

test("roles that ECS still refuses after a minute: nothing was created", async () => {
  const stage = await setStage();
  stage.simulator.ecs.refuseRoles(60 * 60_000);

  const play = await stage.play(fresh);

  expect(play.outcome.outcome).toBe("failed");
  expect(play.annotation).toContain("Cannot assume role");
  expect(creationsOf(stage).length).toBeGreaterThan(5);
});

test("the load balancer is denied: InfrastructureNotReady names the permission", async () => {
  const stage = await setStage();
  stage.simulator.ecs.denyLoadBalancers();

  const play = await stage.play({ ...fresh, "wait-for-minutes": "10" });

  expect(verdictOf(play)).toBe("timed-out InfrastructureNotReady");
  expect(play.annotation).toContain("ec2:DescribeAccountAttributes");
  expect(play.summary).toMatch(/Not ready: load balancer: PROVISIONING/);
});

test("the answer of the creation is lost: it is not sent again, and the service is found", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:CreateExpressGatewayService", { kind: "lost", operate: true });

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toHaveLength(1);
});

test("the creation does not arrive: it is not sent again, and the step says what is unknown", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:CreateExpressGatewayService", { kind: "reset" });

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("failed AwsUnavailable");
  expect(play.annotation).toContain("Whether ECS created service fresh is unknown");
  expect(creationsOf(stage).length).toBeLessThan(2);
});

describe("the name is taken", () => {
  test("by a service that is being deleted: the step waits, then creates", async () => {
    const stage = await setExpressStage();
    const arn = "arn:aws:ecs:us-east-1:123456789012:service/clockko/shop";
    byAnotherUser(stage, "DeleteExpressGatewayService", { serviceArn: arn });

    const play = await stage.play({ service: "shop", express });

    expect(play.log.join("\n")).toContain("shop (it is being deleted)");
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(creationsOf(stage)).toHaveLength(1);
  });

  test("by a service that is not in Express Mode: refused before the build", async () => {
    const stage = await setStage();

    const play = await stage.play({ express });

    expect(verdictOf(play)).toBe("failed InvalidInput");
    expect(play.annotation).toContain("exists and is not an Express Mode service");
    expect(changesOf(play)).toEqual([]);
  });
});

test.each([
  [
    "no infrastructure role",
    { executionRoleArn: roles.executionRoleArn },
    "infrastructureRoleArn is missing",
  ],
  [
    "no execution role",
    { infrastructureRoleArn: roles.infrastructureRoleArn },
    "executionRoleArn is missing",
  ],
  [
    "a role that is none",
    { ...roles, taskRoleArn: "me" },
    "taskRoleArn: expected the ARN of a role",
  ],
  [
    "a member of ours",
    { ...roles, serviceName: "x" },
    "serviceName cannot be set here: use service",
  ],
  [
    "a wrong type",
    { ...roles, scalingTarget: { minTaskCount: "two" } },
    "scalingTarget.minTaskCount",
  ],
])("%s is refused before the build", async (_, document, said) => {
  const stage = await setStage();

  const play = await stage.play({ service: "fresh", express: JSON.stringify(document) });

  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain(said);
  expect(changesOf(play)).toEqual([]);
});

test.each([
  ["pre-deploy-command", "migrate"],
  ["task-definition-patch", "{cpu: '512'}"],
  ["desired-count", "2"],
])("%s is refused while the service does not exist", async (input, value) => {
  const stage = await setStage();

  const play = await stage.play({ ...fresh, [input]: value });

  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain(
    `Input ${input} cannot be used while the service does not exist`,
  );
  expect(changesOf(play)).toEqual([]);
});

test("a dry run creates nothing and says what would be created", async () => {
  const stage = await setStage();

  const play = await stage.play({ ...fresh, "dry-run": "true" });

  expect(verdictOf(play)).toBe("planned Planned");
  expect(play.log.join("\n")).toContain(
    "Would create the Express Mode service clockko/fresh (256 CPU units, 512 MiB, port 8080).",
  );
  expect(changesOf(play)).toEqual([]);
});

test("without express a missing service is an error, as ever", async () => {
  const stage = await setStage();

  const play = await stage.play({ service: "fresh" });

  expect(verdictOf(play)).toBe("failed ServiceNotFound");
});
