// Small forms of what real repositories hold, and what each must lead to.

import { expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { inputsOf } from "./support/changes.ts";
import { account, commit, type InputTexts, registry, setStage } from "./support/stage.ts";

const image = `${registry}/clockko-backend:${commit}`;
const ours = `${registry}/clockko-backend:x`;

function file(members: JsonObject, ...containers: readonly JsonObject[]): string {
  return JSON.stringify({
    ...{ family: "clockko-backend", cpu: "256", memory: "512", networkMode: "awsvpc" },
    ...{
      requiresCompatibilities: ["FARGATE"],
      executionRoleArn: `arn:aws:iam::${account}:role/clockko-execution`,
    },
    ...members,
    containerDefinitions: containers,
  });
}

async function deploy(text: string, inputs: InputTexts = {}) {
  const stage = await setStage({
    files: { "td.json": text },
    secrets: { "find-your-way/prod": "x" },
    parameters: { "/dummy/db": "x" },
  });
  const play = await stage.play({ "task-definition": "td.json", ...inputs });
  const [registered] = inputsOf(stage, "ecs:RegisterTaskDefinition");
  return { play, registered: registered as JsonObject | undefined };
}

const secret = `arn:aws:secretsmanager:us-east-1:${account}:secret:find-your-way/prod`;
const names: readonly (readonly [name: string, text: string, inputs: InputTexts])[] = [
  [
    "a secret",
    file({}, { name: "app", image: "x", secrets: [{ name: "DB", valueFrom: secret }] }),
    {},
  ],
  [
    "a parameter",
    file({}, { name: "app", image: "x", secrets: [{ name: "DB", valueFrom: "/dummy/db" }] }),
    {},
  ],
  [
    "a sidecar's image",
    file(
      {},
      { name: "app", image: "x" },
      { name: "side", image: "ghcr.io/choose-your-own/app:1", essential: false },
    ),
    { "container-name": "app" },
  ],
  [
    "an image of a public registry",
    file(
      {},
      { name: "app", image: "x" },
      { name: "side", image: "public.ecr.aws/acme/dummy:1", essential: false },
    ),
    { "container-name": "app" },
  ],
];

test.each(names)(
  "an English word in the name of %s does not make it a placeholder",
  async (_, text, inputs) => {
    const { play } = await deploy(text, inputs);
    expect(play.annotation).toBe("");
    expect(play.outcome.outcome).toBe("succeeded");
  },
);

test("two containers from one repository both get the image", async () => {
  const { play, registered } = await deploy(
    file({}, { name: "app", image: ours }, { name: "worker", image: ours }),
  );
  expect(play.outcome.outcome).toBe("succeeded");
  expect(registered).toMatchObject({ containerDefinitions: [{ image }, { image }] });
});

test("the image in the file selects the container if the running revision has another image", async () => {
  const stage = await setStage({
    container: { image: "nginx:1" },
    files: {
      "td.json": file(
        {},
        { name: "app", image: ours },
        { name: "otel", image: "public.ecr.aws/acme/otel:1" },
      ),
    },
  });
  const play = await stage.play({ "task-definition": "td.json" });
  expect(play.outcome.outcome).toBe("succeeded");
  const [registered] = inputsOf(stage, "ecs:RegisterTaskDefinition");
  expect(registered).toMatchObject({
    containerDefinitions: [{ image }, { image: "public.ecr.aws/acme/otel:1" }],
  });
});

test("empty strings are omitted like nulls; a variable may be empty", async () => {
  const { play, registered } = await deploy(
    file(
      {
        pidMode: "",
        ipcMode: "",
        taskRoleArn: "",
        placementConstraints: [],
        runtimePlatform: { cpuArchitecture: "" },
      },
      {
        ...{ name: "app", image: "", user: "", command: ["serve", ""] },
        environment: [{ name: "GREETING", value: "" }],
        dockerLabels: { empty: "" },
        repositoryCredentials: { credentialsParameter: "" },
        portMappings: [{ containerPort: 8080, appProtocol: "" }],
      },
    ),
  );
  expect(play.outcome.outcome).toBe("succeeded");
  expect(registered).toEqual({
    ...JSON.parse(file({ placementConstraints: [] }, {})),
    containerDefinitions: [
      {
        ...{
          name: "app",
          image,
          command: ["serve", ""],
          environment: [{ name: "GREETING", value: "" }],
        },
        dockerLabels: { empty: "" },
        portMappings: [{ containerPort: 8080 }],
      },
    ],
  });
});

test("empty strings returned by ECS are not a change", async () => {
  const stage = await setStage();
  await stage.play();
  stage.clock.advance(10 * 60_000);
  const play = await stage.play({
    "task-definition-patch": '{"pidMode": "", "taskRoleArn": ""}',
    "image-tag": commit,
  });
  expect(play.outcome.outcome).toBe("unchanged");
});

test("the name of a table is not treated as a secret", async () => {
  const variable = {
    name: "ENVIRONMENTS_API_KEY_TABLE_NAME_DYNAMO",
    value: "environments_api_key",
  };
  const { play } = await deploy(file({}, { name: "app", image: "x", environment: [variable] }));
  expect(play.log.join("\n")).not.toContain("clear text");
});
