// The action `run-task`: one task of its own, its log live, its exit code as the result.

import { type Behaviour, exitsWith, runs, sidecarExits } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { migrating } from "./support/migration.ts";
import { changesOf } from "./support/no-changes.ts";
import {
  cancelAfter,
  type InputTexts,
  type Play,
  registry,
  type Stage,
  type StageOptions,
} from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";
import { buildStep, runTaskStep } from "./support/verbs.ts";

const report = {
  family: "nightly-report",
  cpu: "256",
  memory: "512",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
  containerDefinitions: [{ name: "report", image: `${registry}/clockko-backend:v1` }],
};
const files = { "report.json": JSON.stringify(report) };
const asService = { "ecr-repository": "", "task-definition": "clockko-backend" };
const ownPlace = { ...asService, service: "", subnets: "subnet-1", "security-groups": "sg-1" };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function stageOf(behaviour: Behaviour, options: StageOptions = {}): Promise<Stage> {
  return migrating(behaviour, { files, ...options });
}

const play = (stage: Stage, inputs: InputTexts) =>
  stage.play({ ...asService, ...inputs }, runTaskStep);

function runsOf(stage: Stage) {
  return inputsOf(stage, "ecs:RunTask");
}

test("with the network of a service: it runs the command, and touches no service", async () => {
  const stage = await stageOf(exitsWith(0, { after: 20_000, logs: ["12 rows"] }));

  const played = await play(stage, {
    command: "alembic upgrade head",
    "environment-variables": "MODE=night",
  });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(played.outputs).toEqual({
    "task-arn": expect.stringContaining(":task/clockko/"),
    "task-definition-arn": expect.stringMatching(/\/clockko-backend:1$/),
    "exit-code": "0",
    outcome: "succeeded",
    "reason-code": "Succeeded",
    message: expect.stringContaining("ended with exit code 0"),
    "duration-seconds": expect.any(String),
  });
  expect(runsOf(stage)).toMatchObject([
    {
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
      },
      overrides: {
        containerOverrides: [
          {
            name: "app",
            command: ["alembic", "upgrade", "head"],
            environment: [{ name: "MODE", value: "night" }],
          },
        ],
      },
    },
  ]);
  expect(played.log.join("\n")).toContain("12 rows");
  expect(changesOf(played)).toEqual(["ecs:RunTask"]);
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  await expect(transcript(played)).toMatchFileSnapshot("transcripts/verb-run-task.txt");
});

test("with a network of its own and a file: the revision is registered, and its own command runs", async () => {
  const stage = await stageOf(exitsWith(0));

  const played = await play(stage, { ...ownPlace, "task-definition": "report.json" });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(played.outputs["task-definition-arn"]).toMatch(/nightly-report:1$/);
  const [request] = runsOf(stage);
  expect(request).toMatchObject({
    cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/clockko",
    launchType: "FARGATE",
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    },
  });
  expect(request).not.toHaveProperty("overrides");
  expect(changesOf(played)).toEqual(["ecs:RegisterTaskDefinition", "ecs:RunTask"]);
});

test("with a capacity provider strategy, and no launch type beside it", async () => {
  const stage = await stageOf(exitsWith(0));

  const played = await play(stage, {
    ...ownPlace,
    "capacity-provider-strategy": "[{capacityProvider: FARGATE_SPOT, weight: 1}]",
    "assign-public-ip": "ENABLED",
  });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  const [request] = runsOf(stage);
  expect(request).toMatchObject({
    capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
    networkConfiguration: { awsvpcConfiguration: { assignPublicIp: "ENABLED" } },
  });
  expect(request).not.toHaveProperty("launchType");
});

test("build, then run its image", async () => {
  const stage = await stageOf(exitsWith(0));
  const built = await stage.play({}, buildStep);

  const played = await play(stage, { image: built.outputs.image ?? "", command: "migrate" });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toMatchObject([
    { family: "clockko-backend", containerDefinitions: [{ image: built.outputs.image }] },
  ]);
  expect(played.outputs["task-definition-arn"]).toMatch(/clockko-backend:2$/);
  expect(revisionOf(stage)).toBe("clockko-backend:1");
});

test("tags of its definition, and a second container that would run on", async () => {
  const stage = await stageOf(sidecarExits("app", 0, { after: 5_000 }), {
    taskDefinition: {
      tags: [{ key: "team", value: "clock" }],
      containerDefinitions: [
        { name: "proxy", image: "envoy:1", essential: true },
        { name: "app", image: `${registry}/clockko-backend:v1`, essential: false },
      ],
    },
  });

  const played = await play(stage, { "container-name": "app", command: "migrate" });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(played.calls).toContain("ecs:StopTask");
});

describe("it fails", () => {
  test("with the exit code and the last log lines", async () => {
    const stage = await stageOf(exitsWith(3, { logs: ["KeyError: 'DATABASE_URL'"] }));

    const played = await play(stage, { command: "migrate" });

    expect(verdictOf(played)).toBe("failed TaskFailed");
    expect(played.outputs).toMatchObject({
      "exit-code": "3",
      "task-arn": expect.stringContaining(":task/clockko/"),
    });
    expect(played.annotation).toContain("The task (migrate) failed with exit code 3.");
    expect(played.annotation).toContain("KeyError: 'DATABASE_URL'");
    expect(played.annotation).not.toMatch(/service|undefined/);
    await expect(transcript(played)).toMatchFileSnapshot("transcripts/verb-run-task-fails.txt");
  });

  test("after wait-for-minutes; the task keeps running", async () => {
    const stage = await stageOf(runs());

    const played = await play(stage, { command: "migrate", "wait-for-minutes": "2" });

    expect(verdictOf(played)).toBe("failed TaskTimedOut");
    expect(played.outputs["exit-code"]).toBe("");
    expect(played.annotation).toContain("The task (migrate) did not finish within 2 min.");
    expect(played.annotation).toContain("Raise `wait-for-minutes`, or stop the task:");
    expect(played.calls).not.toContain("ecs:StopTask");
  });

  test("without the permission to start it", async () => {
    const stage = await stageOf(exitsWith(0));
    stage.changePolicy = (statements) =>
      statements.filter(({ Action }) => ![Action].flat().includes("ecs:RunTask"));

    const played = await play(stage, { command: "migrate" });

    expect(verdictOf(played)).toBe("failed PermissionMissing");
    expect(played.annotation).toContain('Allow the action "ecs:RunTask"');
    expect(changesOf(played)).toEqual(["ecs:RunTask → AccessDeniedException"]);
  });

  test("without the permissions to read: all of them are named at once", async () => {
    const stage = await stageOf(exitsWith(0));
    stage.changePolicy = (statements) =>
      statements.filter(({ Sid }) => !/^(Revision|TaskService)$/.test(Sid));

    const played = await play(stage, { command: "migrate" });

    expect(verdictOf(played)).toBe("failed PermissionMissing");
    expect(played.annotation).toContain("ecs:DescribeTaskDefinition");
    expect(played.annotation).toContain("ecs:DescribeServices");
    expect(changesOf(played)).toEqual([]);
  });
});

describe("nothing is registered or started:", () => {
  async function refused(inputs: InputTexts, code: string, text: string): Promise<Play> {
    const played = await play(await stageOf(exitsWith(0)), inputs);
    expect(verdictOf(played)).toBe(`failed ${code}`);
    expect(played.annotation).toContain(text);
    expect(changesOf(played)).toEqual([]);
    return played;
  }

  test("input mistakes, all at once", async () => {
    const played = await refused(
      {
        ...{ "task-definition": "", cluster: "", subnets: "vpc-1", "launch-type": "SPOT" },
        ...{ "environment-variables": "-MODE", "on-cancel": "rollback", service: "" },
      },
      "InvalidInput",
      "6 inputs are wrong",
    );
    for (const name of ["task-definition", "cluster", "subnets", "launch-type", "on-cancel"])
      expect(played.annotation).toContain(`- ${name}: `);
    expect(played.annotation).toContain("- environment-variables: -MODE: ");
  });

  test("a service, and a network beside it", () =>
    refused({ subnets: "subnet-1" }, "InvalidInput", "subnets: cannot be used together with"));

  test("launch type and strategy", () =>
    refused(
      {
        ...ownPlace,
        "launch-type": "EC2",
        "capacity-provider-strategy": "[{capacityProvider: x}]",
      },
      "InvalidInput",
      "launch-type: cannot be used together with capacity-provider-strategy",
    ));

  test("no network, where the definition needs one", () =>
    refused(
      { service: "" },
      "InvalidInput",
      "Input subnets: required. The task definition clockko-backend:1 has the network mode awsvpc",
    ));

  test("the cluster does not exist", () =>
    refused({ ...ownPlace, cluster: "absent" }, "ClusterNotFound", 'There is no cluster "absent"'));

  test("the service does not exist", () =>
    refused({ service: "absent" }, "ServiceNotFound", 'There is no active service "absent"'));

  test("service and task definition do not exist: both are named", async () => {
    const played = await refused(
      { service: "absent", "task-definition": "absent" },
      "ServiceNotFound",
      'There is no task definition "absent"',
    );
    expect(played.annotation).toContain('There is no active service "absent"');
  });

  test("the container does not exist", () =>
    refused({ "container-name": "web", command: "x" }, "ContainerNotFound", '"web"'));

  test("several containers, and none is named", async () => {
    const stage = await stageOf(exitsWith(0), {
      taskDefinition: {
        containerDefinitions: ["app", "proxy"].map((name) => ({ name, image: "busybox:1" })),
      },
    });
    const played = await play(stage, { command: "x" });
    expect(verdictOf(played)).toBe("failed ContainerNotFound");
    expect(played.annotation).toContain('several containers: "app", "proxy"');
    expect(changesOf(played)).toEqual([]);
  });
});

describe("cancelled", () => {
  async function cancelled(inputs: InputTexts) {
    const stage = await stageOf(runs());
    stage.onCall = (call) => call === "ecs:RunTask" && cancelAfter(stage, 40_000);
    const played = await play(stage, { command: "migrate", ...inputs });
    expect(verdictOf(played)).toBe("cancelled Cancelled");
    return { stage, played };
  }

  test("the task keeps running, and the message says how to stop it", async () => {
    const { stage, played } = await cancelled({});
    expect(played.annotation).toContain("It keeps running in ECS, unwatched.");
    expect(played.annotation).toContain("aws ecs stop-task");
    expect(played.calls).not.toContain("ecs:StopTask");
    // As if main had been killed before it could report.
    const lines = await stage.playPost({ "on-cancel": "leave" });
    expect(lines.join("\n")).toContain(
      "The task was running when the main step ended, and no step watches it: arn:aws:ecs:",
    );
  });

  test("with on-cancel: stop-task it is stopped; the post step starts and stops nothing", async () => {
    const { stage, played } = await cancelled({ "on-cancel": "stop-task" });
    expect(played.calls).toContain("ecs:StopTask");
    expect(played.annotation).toContain("ECS was asked to stop it (on-cancel)");
    const before = stage.simulator.calls.length;
    await stage.playPost({ "on-cancel": "stop-task" });
    expect(stage.simulator.calls.slice(before)).toEqual([]);
  });
});
