// `pre-deploy-task-definition`: the migration runs with a task definition of its own, in the network of the first service.

import { type Behaviour, exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { inputsOf, movesOf, revisionOf } from "./support/changes.ts";
import { isUntouched, migrating, movesOfEcs } from "./support/migration.ts";
import { commit, registry, type Stage, type StageOptions } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const app = `${registry}/clockko-backend`;
const succeeds = exitsWith(0, { after: 5_000, logs: ["migrated to 0007"] });

function definition(family: string, image: string, more: object = {}) {
  return {
    family,
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
    containerDefinitions: [{ name: "migrate", image, command: ["alembic", "upgrade", "head"] }],
    ...more,
  };
}

/** A stage with the family `clockko-migrate`, revisions 1 and 2: on a stage the tasks of a revision 1 run on and on. */
async function setFamily(
  image: string,
  { behaviour = succeeds, more = {} }: { behaviour?: Behaviour; more?: object } = {},
  options: StageOptions = {},
): Promise<Stage> {
  const stage = await migrating(behaviour, options);
  for (const _ of ["1", "2"])
    stage.simulator.ecs.registerTaskDefinition(definition("clockko-migrate", image, more) as never);
  return stage;
}

const family = { "pre-deploy-task-definition": "clockko-migrate" };

interface Registered {
  readonly family: string;
  readonly tags?: unknown;
  readonly containerDefinitions: readonly { readonly name: string; readonly image: string }[];
}

function migrationsRegistered(stage: Stage): readonly Registered[] {
  const all = inputsOf(stage, "ecs:RegisterTaskDefinition") as unknown as readonly Registered[];
  return all.filter((one) => one.family === "clockko-migrate");
}

const runTask = (stage: Stage) => inputsOf(stage, "ecs:RunTask")[0];

describe("a migration with a task definition of its own", () => {
  test("its image is the repository's: it gets the new one, and runs its own command", async () => {
    const stage = await setFamily(`${app}:v1`);
    const play = await stage.play(family);
    expect(play.outcome).toMatchObject({
      outcome: "succeeded",
      tasks: [{ moment: "pre-deploy", container: "migrate", exitCode: 0, succeeded: true }],
    });
    expect(migrationsRegistered(stage)).toMatchObject([
      { containerDefinitions: [{ name: "migrate", image: `${app}:${commit}` }] },
    ]);
    expect(runTask(stage)).toMatchObject({
      taskDefinition: expect.stringMatching(/task-definition\/clockko-migrate:3$/),
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
    });
    expect(runTask(stage)).not.toHaveProperty("overrides");
    expect(movesOfEcs(play)).toEqual([
      "ecs:RegisterTaskDefinition ×2",
      "ecs:RunTask",
      "ecs:UpdateService",
    ]);
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/migration-with-a-definition-of-its-own.txt",
    );
  });

  test("an image of its own stays, and nothing is registered; the command is that of the input", async () => {
    const stage = await setFamily("flyway/flyway:11");
    const play = await stage.play({ ...family, "pre-deploy-command": "flyway migrate" });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(migrationsRegistered(stage)).toEqual([]);
    expect(runTask(stage)).toMatchObject({
      taskDefinition: expect.stringMatching(/clockko-migrate:2$/),
      overrides: { containerOverrides: [{ name: "migrate", command: ["flyway", "migrate"] }] },
    });
  });

  test("a file, whose placeholder is the new image; its tags are registered", async () => {
    const tags = [{ key: "team", value: "clock" }];
    const file = JSON.stringify(definition("clockko-migrate", "<IMAGE>", { tags }));
    const stage = await setFamily("busybox", {}, { files: { "deploy/migrate.json": file } });
    const play = await stage.play({
      "pre-deploy-task-definition": "deploy/migrate.json",
      "pin-digest": "true",
    });
    expect(play.outcome.outcome).toBe("succeeded");
    const image = `${app}:${commit}@${play.outputs["image-digest"]}`;
    expect(migrationsRegistered(stage)).toMatchObject([
      { tags, containerDefinitions: [{ image }] },
    ]);
    expect(runTask(stage)?.["taskDefinition"]).toMatch(/clockko-migrate:3$/);
  });

  test("several containers: the one with the new image decides, or pre-deploy-container", async () => {
    const containerDefinitions = [
      { name: "proxy", image: "envoy/envoy:1", essential: true },
      { name: "migrate", image: `${app}:v1`, essential: true },
    ];
    const first = await setFamily("", { more: { containerDefinitions } });
    const play = await first.play(family);
    expect(play.outcome.tasks).toMatchObject([{ container: "migrate" }]);
    const second = await setFamily("", { more: { containerDefinitions } });
    const named = await second.play({ ...family, "pre-deploy-container": "proxy" });
    expect(named.outcome.tasks).toMatchObject([{ container: "proxy" }]);
  });

  test("the post-deploy command runs in the deployed container, as without it", async () => {
    const stage = await setFamily(`${app}:v1`);
    const play = await stage.play({
      ...family,
      "pre-deploy-container": "migrate",
      "post-deploy-command": "warm-up",
    });
    expect(play.outcome.tasks).toMatchObject([
      { moment: "pre-deploy", container: "migrate" },
      { moment: "post-deploy", container: "app", command: ["warm-up"] },
    ]);
    expect(inputsOf(stage, "ecs:RunTask")[1]?.["taskDefinition"]).toMatch(/clockko-backend:2$/);
  });

  test("`container=image` lines: it gets the image of its own repository", async () => {
    const stage = await setFamily(`${app}:v1`);
    stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v2"] });
    const image = `app=${app}:v2`;
    const play = await stage.play({ ...family, "ecr-repository": "", image });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(migrationsRegistered(stage)).toMatchObject([
      { containerDefinitions: [{ image: `${app}:v2` }] },
    ]);
  });

  test("with Terraform it runs before the apply, and Terraform registers nothing for it", async () => {
    const stage = await setFamily(`${app}:v1`, {}, { terraform: {} });
    const play = await stage.play(family);
    expect(play.outcome).toMatchObject({
      outcome: "succeeded",
      tasks: [{ moment: "pre-deploy", container: "migrate", succeeded: true }],
    });
    expect(runTask(stage)?.["taskDefinition"]).toMatch(/clockko-migrate:3$/);
    const applies = play.terraform?.commands.filter((line) => /\bapply\b/.test(line)) ?? [];
    expect(applies).toHaveLength(1);
    const calls = play.calls.map((call) => call.replace(/ .*/, ""));
    expect(calls.indexOf("ecs:RunTask")).toBeLessThan(calls.indexOf("ecs:UpdateService"));
  });

  test("nothing is deployed: it does not run; a rollback runs none", async () => {
    const stage = await setFamily(`${app}:v1`);
    await stage.play(family);
    stage.clock.advance(5 * 60_000);
    const again = await stage.play(family);
    expect(again.outcome.outcome).toBe("unchanged");
    expect(movesOfEcs(again)).toEqual([]);
    const back = await stage.play({ ...family, rollback: "true" });
    expect(back.outcome.outcome).toBe("succeeded");
    expect(movesOfEcs(back)).toEqual(["ecs:UpdateService"]);
  });
});

describe("a migration with a task definition of its own that does not work", () => {
  test("its command fails: the service is not touched", async () => {
    const stage = await setFamily(`${app}:v1`, { behaviour: exitsWith(1, { logs: ["no"] }) });
    const play = await stage.play(family);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TaskFailed" });
    expect(play.annotation).toContain("The pre-deploy task (clockko-migrate:3)");
    expect(isUntouched(stage, play)).toBe(true);
  });

  const twoContainers = {
    containerDefinitions: [
      { name: "a", image: "busybox:1", essential: true },
      { name: "b", image: "busybox:2", essential: true },
    ],
  };

  const withSecret = {
    containerDefinitions: [
      {
        name: "migrate",
        image: `${app}:v1`,
        secrets: [{ name: "DATABASE_URL", valueFrom: "/clockko/database" }],
      },
    ],
  };

  test.each([
    {
      name: "there is none of that name",
      inputs: { "pre-deploy-task-definition": "clockko-migrations" },
      code: "TaskDefinitionNotFound",
      says: [
        'There is no task definition "clockko-migrations" in us-east-1.',
        "Check `pre-deploy-task-definition`",
      ],
    },
    {
      name: "no such file",
      inputs: { "pre-deploy-task-definition": "deploy/migrate.json" },
      code: "InvalidInput",
      says: ['pre-deploy-task-definition: there is no file at "deploy/migrate.json"'],
    },
    {
      name: "of another account",
      inputs: {
        "pre-deploy-task-definition":
          "arn:aws:ecs:us-east-1:999999999999:task-definition/clockko-migrate:1",
      },
      code: "InvalidInput",
      says: ["pre-deploy-task-definition: arn:aws:ecs:us-east-1:999999999999"],
    },
    {
      name: "several containers, and none of them is the repository's",
      inputs: family,
      more: twoContainers,
      code: "ContainerNotFound",
      says: ['Task definition clockko-migrate:2 has several containers: "a", "b".'],
    },
    {
      name: "a container that it does not have",
      inputs: { ...family, "pre-deploy-container": "c" },
      more: twoContainers,
      code: "ContainerNotFound",
      says: ['Task definition clockko-migrate:2 has no container "c"; it has "a", "b".'],
    },
    {
      name: "a log group that does not exist",
      inputs: family,
      more: {
        containerDefinitions: [
          {
            name: "migrate",
            image: `${app}:v1`,
            logConfiguration: {
              logDriver: "awslogs",
              options: {
                "awslogs-group": "/ecs/no",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "m",
              },
            },
          },
        ],
      },
      code: "LogGroupMissing",
      says: ["clockko-migrate:2: containerDefinitions[migrate] logs to /ecs/no"],
    },
    {
      name: "a secret that does not exist",
      inputs: family,
      more: withSecret,
      code: "SecretMissing",
      says: ["clockko-migrate:2: containerDefinitions[migrate].secrets[DATABASE_URL]"],
    },
  ])("$name", async ({ inputs, more = {}, code, says }) => {
    const stage = await setFamily(`${app}:v1`, { more }, { files: {} });
    stage.surroundings.readText = () => undefined;
    const play = await stage.play(inputs);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: code });
    for (const text of says) expect(play.annotation).toContain(text);
    expect(movesOf(play)).toEqual([]);
  });

  test("with Terraform its secrets are checked, too: this action registers it", async () => {
    const stage = await setFamily(`${app}:v1`, { more: withSecret }, { terraform: {} });
    const play = await stage.play(family);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SecretMissing" });
    expect(movesOf(play)).toEqual([]);
  });

  test("the deployed image does not support its CPU", async () => {
    const runtimePlatform = { cpuArchitecture: "ARM64" };
    const stage = await setFamily(`${app}:v1`, { more: { runtimePlatform } });
    stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v2"] });
    const play = await stage.play({ ...family, image: `${app}:v2` });
    expect(play.outcome.reasonCode).toBe("PlatformMismatch");
    expect(movesOf(play)).toEqual([]);
  });

  test("the role may not run it: the service is not touched", async () => {
    const stage = await setFamily(`${app}:v1`);
    stage.changePolicy = (statements) =>
      statements.filter(({ Action }) => !JSON.stringify(Action).includes("ecs:RunTask"));
    const play = await stage.play(family);
    expect(play.outcome.reasonCode).toBe("PermissionMissing");
    expect(play.annotation).toContain("ecs:RunTask");
    expect(isUntouched(stage, play)).toBe(true);
  });
});
