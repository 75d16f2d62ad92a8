// Every odd form that real repositories have, as files: __tests__/corpus.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inputsOf } from "../scenarios/support/changes.ts";
import { changesOf } from "../scenarios/support/no-changes.ts";
import { commit, registry, setStage } from "../scenarios/support/stage.ts";

const folder = join(import.meta.dirname, "../corpus");
const filesIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
const image = `${registry}/clockko-backend:${commit}`;

const onEc2 = {
  taskDefinition: { networkMode: "bridge", requiresCompatibilities: ["EC2"] },
  service: { launchType: "EC2" },
};

test.each(filesIn(folder))("%s is registered with the new image, and deployed", async (name) => {
  const stage = await setStage({
    files: { [`infra/${name}`]: readFileSync(join(folder, name), "utf8") },
    parameters: { "/dummy/db": "x" },
    ...(name.includes("ec2") && onEc2),
  });

  const play = await stage.play({ "task-definition": `infra/${name}`, "container-name": "app" });

  expect(play.outcome.problem).toBeUndefined();
  expect(play.outcome.outcome).toBe("succeeded");
  const [registered = {}] = inputsOf(stage, "ecs:RegisterTaskDefinition");
  expect(registered).toMatchObject({ family: "clockko-backend" });
  const containers = registered["containerDefinitions"] as readonly {
    name: string;
    image: string;
  }[];
  expect(containers.find((one) => one.name === "app")?.image).toBe(image);
  const text = JSON.stringify(registered);
  expect(text).not.toMatch(/:null|"revision"|"registeredAt"|"requiresAttributes"|"aws:/);
});

const broken: Readonly<Record<string, string>> = {
  "a-list.json": "expected an object in YAML or JSON (`name: value`), got a list",
  "account-placeholder.json":
    "executionRoleArn is not the ARN of a role: arn:aws:iam::<AWS_ACCOUNT_ID>:role/execution",
  "cpu-placeholder.json": "Fargate has no size with cpu <CPU> and memory <MEMORY>",
  "empty.json": "Task definition clockko-backend has no containers",
  "jinja.json.j2": "task-definition: infra/jinja.json.j2: line 1, column",
  "log-group-template.json":
    'logConfiguration.options.awslogs-group holds template text: "app-<ENV>-ecs"',
  "memory-above-task.json": "containerDefinitions[app].memory is 1024, more than the task's 512",
  "no-execution-role.json": "executionRoleArn is missing, but an image is in ECR",
  "no-network-mode.json": "networkMode is missing, and Fargate only has awsvpc",
  "no-containers.yaml": "Task definition app has no containers",
  "port-as-text.json":
    'infra/port-as-text.json: containerDefinitions[app].portMappings[0].containerPort: expected a number (without quotes), got a text: "8000"',
  "sidecar-placeholder.json":
    'containerDefinitions[worker].image holds "WORKER_IMAGE", which is no image',
  "sidecar-template.json": "containerDefinitions[otel].image is empty",
  "tags-as-object.json":
    'tags: expected a list, each like {"key": "team", "value": "clock"}, got an object',
  "template-unquoted.json": "task-definition: infra/template-unquoted.json: line 1, column",
};

test.each(filesIn(join(folder, "broken")))(
  "broken/%s is refused before anything is built",
  async (name) => {
    const stage = await setStage({
      files: { [`infra/${name}`]: readFileSync(join(folder, "broken", name), "utf8") },
    });

    const play = await stage.play({ "task-definition": `infra/${name}` });

    expect(play.outcome.outcome).toBe("failed");
    expect(play.annotation).toContain(broken[name] ?? "this file has no sentence here");
    expect(changesOf(play)).toEqual([]);
  },
);

test("a missing file is reported with the other mistakes, before sign-in", async () => {
  const play = await (await setStage()).play({
    "task-definition": "infra/typo.json",
    "desired-count": "many",
  });
  expect(play.annotation).toContain('task-definition: there is no file at "infra/typo.json"');
  expect(play.annotation).toContain("desired-count: expected a whole number");
  expect(play.calls).toEqual([]);
});
