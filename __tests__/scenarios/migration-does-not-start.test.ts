// The task of pre-deploy-command never comes to run.

import { failsToStart, pullFails, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { alembic, isUntouched, migrating, movesOfEcs, oneOffTasks } from "./support/migration.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("migration: its image cannot be pulled", async () => {
  const stage = await migrating(pullFails({ image: "registry.example/clockko:2" }));
  const play = await stage.play(alembic);
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TaskNotStarted" });
  expect(play.annotation).toMatch(/never started\.\n.*registry\.example\/clockko:2 does not exist/);
  expect(isUntouched(stage, play)).toBe(true);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/migration-image-cannot-be-pulled.txt",
  );
});

test("migration: an unknown reason is shown verbatim", async () => {
  const stage = await migrating(
    failsToStart("The moon is in the wrong house", { containerReason: "Too bright" }),
  );
  const play = await stage.play(alembic);
  expect(play.annotation).toMatch(/ECS reported: The moon is in the wrong house .*Too bright/);
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: its log group does not exist", async () => {
  const text =
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1";
  const stage = await migrating(failsToStart(text));
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("TaskNotStarted");
  expect(play.annotation).toMatch(/never started\.\n.*log group/i);
  expect(isUntouched(stage, play)).toBe(true);
});

test.each([
  [
    "RESOURCE:CPU",
    /no container instance in the cluster has enough free resources.*\(RESOURCE:CPU\)/,
  ],
  ["AGENT", /no container instance has a connected ECS agent \(AGENT\)/],
  ["MISSING", /a resource that it needs does not exist \(MISSING\)/],
  [
    "Capacity is unavailable at this time. Please try again later or in a different availability zone",
    /capacity/i,
  ],
  ["The stars are wrong", /was not started: The stars are wrong/],
])(
  "migration: ECS starts no task and reports %s in a successful response",
  async (reason, says) => {
    const stage = await migrating(runs());
    stage.simulator.ecs.failPlacement("clockko-backend", reason);
    const play = await stage.play(alembic);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TaskNotStarted" });
    expect(play.annotation).toMatch(says);
    expect(movesOfEcs(play)).toEqual(["ecs:RegisterTaskDefinition", "ecs:RunTask"]);
    expect(isUntouched(stage, play)).toBe(true);
  },
);

test("migration: the role may not start tasks", async () => {
  const stage = await migrating(runs());
  stage.simulator.faults.add("ecs:RunTask", {
    kind: "error",
    name: "AccessDeniedException",
    message:
      "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: ecs:RunTask on resource: x",
  });
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("PermissionMissing");
  expect(play.annotation).toContain('Allow the action "ecs:RunTask"');
  expect(play.annotation).toContain("The service was not touched");
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: ECS refuses the call", async () => {
  const stage = await migrating(runs());
  const message =
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster";
  stage.simulator.faults.add("ecs:RunTask", {
    kind: "error",
    name: "InvalidParameterException",
    message: `${message}.`,
  });
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("TaskNotStarted");
  expect(play.annotation).toContain(message);
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: a client token that was used for another request", async () => {
  const stage = await migrating(runs());
  const message = "The client token was used with other parameters before.";
  stage.simulator.faults.add("ecs:RunTask", { kind: "error", name: "ConflictException", message });
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("TaskNotStarted");
  expect(play.annotation).toContain("a new attempt uses a new client token");
});

test("migration: it is unknown whether the task was started", async () => {
  const stage = await migrating(runs());
  stage.simulator.faults.add("ecs:RunTask", { kind: "lost", operate: true }, 1_000);
  const play = await stage.play(alembic);
  expect(play.outcome.reasonCode).toBe("AwsUnavailable");
  expect(play.annotation).toContain("It may have been started anyway");
  expect(play.annotation).toContain(
    "aws ecs list-tasks --cluster clockko --started-by deploy-ecs/42/1",
  );
  expect(oneOffTasks(stage)).toHaveLength(1);
  expect(isUntouched(stage, play)).toBe(true);
});

test("migration: a container that the task definition does not have is refused before the build", async () => {
  const stage = await setStage();
  const play = await stage.play({ ...alembic, "pre-deploy-container": "migrate" });
  expect(play.outcome.reasonCode).toBe("ContainerNotFound");
  expect(play.annotation).toMatch(/no container "migrate" .*it has "app"\./);
  expect(play.dockerCommands.filter((line) => line.startsWith("docker build"))).toEqual([]);
  expect(movesOfEcs(play)).toEqual([]);
});

test.each([
  [
    { "pre-deploy-command": "migrate && echo done" },
    /pre-deploy-command: no shell runs this, so & would not/,
  ],
  [{ "pre-deploy-command": "migrate\nseed" }, /pre-deploy-command: expected one line, or a list/],
  [
    { "post-deploy-command": "warm", "wait-for-service-stability": "false" },
    /post-deploy-command: needs wait-for/,
  ],
  [
    { "pre-deploy-container": "app" },
    /pre-deploy-container: given, but there is no pre-deploy-command/,
  ],
  [
    { ...alembic, "pre-deploy-timeout-minutes": "0" },
    /pre-deploy-timeout-minutes: expected a whole number/,
  ],
])("migration: %o is refused before any call", async (inputs, says) => {
  const stage = await setStage();
  const play = await stage.play(inputs);
  expect(play.annotation).toMatch(says);
  expect(play.calls).toEqual([]);
});
