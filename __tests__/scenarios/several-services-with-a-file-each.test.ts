// `task-definition` with `service=source` lines: one image, a revision of each service's own source, one update each, watched together.

import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { inputsOf, movesOf, revisionOf } from "./support/changes.ts";
import { commit, registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const worker = "clockko-worker";
const cron = "clockko-cron";

function fileFor(family: string, more: object = {}): string {
  return JSON.stringify({
    family,
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
    containerDefinitions: [{ name: "app", image: "<IMAGE>", ...more }],
  });
}

const files = {
  "deploy/api.json": fileFor("clockko-backend", { command: ["serve"] }),
  "deploy/worker.json": fileFor(worker, { command: ["work"] }),
};

const given = {
  service: `clockko-backend\n${worker}`,
  "task-definition": `clockko-backend=deploy/api.json\n${worker}=deploy/worker.json`,
};

const setServices = (more: Readonly<Record<string, string>> = {}) =>
  setStage({ services: [worker, cron], files: { ...files, ...more } });

interface Registered {
  readonly family: string;
  readonly containerDefinitions: readonly { readonly image: string; readonly command?: unknown }[];
}

describe("several services with a source each", () => {
  test("each gets a revision of its own file with the one new image", async () => {
    const stage = await setServices();
    const play = await stage.play(given);
    expect(play.outcome.services.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    const image = `${registry}/clockko-backend:${commit}`;
    const registered = inputsOf(stage, "ecs:RegisterTaskDefinition") as unknown as Registered[];
    expect(
      registered.map(({ family, containerDefinitions: [app] }) => [
        family,
        app?.image,
        app?.command,
      ]),
    ).toEqual([
      ["clockko-backend", image, ["serve"]],
      [worker, image, ["work"]],
    ]);
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    expect(revisionOf(stage, worker)).toBe(`${worker}:2`);
    expect(play.dockerCommands.filter((line) => /\bbuild\b/.test(line))).toHaveLength(1);
    expect(inputsOf(stage, "ecs:UpdateService")).toHaveLength(2);
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/several-services-with-a-file-each.txt",
    );
  });

  test("a service without a line keeps the source that it runs, and the log says so", async () => {
    const stage = await setServices();
    const play = await stage.play({ ...given, service: `${given.service}\n${cron}` });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.log.join("\n")).toContain(
      `${cron} has no line in task-definition: it is based on ${cron}:1.`,
    );
    expect(revisionOf(stage, cron)).toBe(`${cron}:2`);
  });

  test("a dry run shows the source of each", async () => {
    const stage = await setServices();
    const play = await stage.play({
      service: `${given.service}\n${cron}`,
      "task-definition": `clockko/clockko-backend=deploy/api.json\n${worker}=${worker}:1`,
      "dry-run": "true",
    });
    expect(play.outcome.outcome).toBe("planned");
    const log = play.log.join("\n");
    expect(log).toContain(
      "Would register a new revision of clockko-backend, based on deploy/api.json.",
    );
    expect(log).toContain(`Would register a new revision of ${worker}, based on ${worker}:1.`);
    expect(log).toContain(`Would register a new revision of ${cron}, based on ${cron}:1.`);
    expect(movesOf(play)).toEqual([]);
  });

  test("one of them fails, the other stays on its new revision", async () => {
    const stage = await setStage({
      services: [worker],
      files,
      tasks: ({ family }) => {
        if (family === worker) return exitsWith(1);
        return runs();
      },
    });
    const play = await stage.play(given);
    expect(play.outcome.services.map(({ service, outcome }) => [service, outcome])).toEqual([
      ["clockko-backend", "succeeded"],
      [worker, "rolled-back"],
    ]);
  });
});

describe("several services with a source each: mistakes end the step before anything changes", () => {
  test.each([
    {
      name: "a service that is not one of the step",
      lines: "clockko-backend=deploy/api.json\nclockko-wroker=deploy/worker.json",
      code: "InvalidInput",
      says: [
        `task-definition: "clockko-wroker" is not a service of this step (service: ` +
          `clockko-backend, ${worker}).`,
      ],
    },
    {
      name: "a service with two lines",
      lines: "clockko-backend=deploy/api.json\nclockko/clockko-backend=deploy/worker.json",
      code: "InvalidInput",
      says: ['task-definition: service "clockko/clockko-backend" is given twice'],
    },
    {
      name: "a line without a service",
      lines: `clockko-backend=deploy/api.json\ndeploy/worker.json`,
      code: "InvalidInput",
      says: [
        'task-definition: several task definitions need a service each, but "deploy/worker.json" has none',
      ],
    },
    {
      name: "two files that do not exist, and one that is none",
      lines: `clockko-backend=deploy/a.json\n${worker}=broken.json`,
      code: "InvalidInput",
      says: [
        'task-definition: there is no file at "deploy/a.json"',
        "task-definition: broken.json: ",
      ],
    },
    {
      name: "a family that does not exist, beside a mistake in a file",
      lines: `clockko-backend=no-such-family\n${worker}=mistyped.json`,
      code: "TaskDefinitionNotFound",
      says: [
        'There is no task definition "no-such-family" in us-east-1.',
        "mistyped.json: containerDefinitions[app].essential",
      ],
    },
  ])("$name", async ({ lines, code, says }) => {
    const stage = await setServices({
      "broken.json": "{",
      "mistyped.json": fileFor(worker, { essential: "yes" }),
    });
    const play = await stage.play({ ...given, "task-definition": lines });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: code });
    for (const text of says) expect(play.annotation).toContain(text);
    expect(movesOf(play)).toEqual([]);
  });

  test("one family for several", async () => {
    const stage = await setServices();
    const play = await stage.play({ ...given, "task-definition-family": "shop" });
    expect(play.annotation).toContain("task-definition-family: cannot be used with several lines");
  });

  test("the same name in two clusters", async () => {
    const stage = await setServices();
    const play = await stage.play({
      cluster: "",
      service: "clockko/clockko-backend\nother/clockko-backend",
      "task-definition": "clockko-backend=deploy/api.json",
    });
    expect(play.annotation).toContain(
      '"clockko-backend" could be clockko/clockko-backend or other/clockko-backend: write CLUSTER/SERVICE=FILE',
    );
  });

  test("a path that contains =", async () => {
    const stage = await setStage({ files: { "./env=prod/api.json": files["deploy/api.json"] } });
    const mistaken = await stage.play({ "task-definition": "env=prod/api.json" });
    expect(mistaken.annotation).toContain("For a path that contains =, write ./env=…");
    const play = await stage.play({ "task-definition": "./env=prod/api.json" });
    expect(play.outcome.outcome).toBe("succeeded");
  });
});
