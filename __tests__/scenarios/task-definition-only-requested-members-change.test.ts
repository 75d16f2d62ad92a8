import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

const container = {
  environment: [
    { name: "GREETING", value: "" },
    { name: "OLD", value: "x" },
    { name: "TOKEN", value: "in-the-clear" },
  ],
  secrets: [{ name: "API", valueFrom: "/clockko/api" }],
  stopTimeout: 30,
  membersOfTomorrow: { kept: [1] },
  healthCheck: { command: ["CMD", "true"] },
};

const parameters = { "/clockko/api": "of-the-parameter" };
const token = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf";

test("variables, secrets, a patch and tags; values are only in the request", async () => {
  const stage = await setStage({
    container,
    taskDefinition: { tags: [{ key: "team", value: "clock" }] },
    secrets: { [token]: "of-the-secret" },
    parameters,
  });

  const play = await stage.play({
    "environment-variables": "RULE=Host=a.b=c\nCERT<<END\n  -----\n  line=2\n  END\n-OLD",
    secrets: `TOKEN=${token}`,
    "task-definition-patch":
      "cpu: '512'\nmemory: '1024'\ncontainerDefinitions:\n  app: {stopTimeout: null, command: [serve]}\n  redis: {image: 'redis:7', essential: false}",
    tags: "cost center=42",
  });

  expect(play.outcome.outcome).toBe("succeeded");
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toMatchObject([
    {
      cpu: "512",
      memory: "1024",
      tags: [
        { key: "team", value: "clock" },
        { key: "cost center", value: "42" },
      ],
      containerDefinitions: [
        {
          name: "app",
          command: ["serve"],
          membersOfTomorrow: { kept: [1] },
          environment: [
            { name: "GREETING", value: "" },
            { name: "RULE", value: "Host=a.b=c" },
            { name: "CERT", value: "-----\nline=2" },
          ],
          secrets: [
            { name: "API", valueFrom: "/clockko/api" },
            { name: "TOKEN", valueFrom: token },
          ],
        },
        { name: "redis", image: "redis:7", essential: false },
      ],
    },
  ]);
  expect(JSON.stringify(inputsOf(stage, "ecs:RegisterTaskDefinition"))).not.toContain(
    "stopTimeout",
  );
  const reported = JSON.stringify([play.log, play.summary, play.annotation, play.outputs]);
  expect(reported).toContain("containerDefinitions[app].environment[RULE]: added (hidden)");
  expect(reported).toContain("cpu: 256 → 512");
  expect(reported).toContain("containerDefinitions[app].stopTimeout: 30 → (none)");
  for (const value of ["Host=a.b", "line=2", "in-the-clear", "of-the-", "token-AbCdEf"])
    expect(reported).not.toContain(value);
});

test("-* removes all others", async () => {
  const stage = await setStage({ container, parameters });
  await stage.play({ "environment-variables": "-*\nONLY=1" });
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toMatchObject([
    {
      containerDefinitions: [
        { environment: [{ name: "ONLY", value: "1" }], secrets: container.secrets },
      ],
    },
  ]);
});

test("one image for several containers, named one per line", async () => {
  const app = { name: "app", image: "REPLACE_ME" };
  const stage = await setStage({
    files: {
      "td.json": JSON.stringify({
        cpu: "256",
        memory: "512",
        networkMode: "awsvpc",
        executionRoleArn: "arn:aws:iam::123456789012:role/x",
        containerDefinitions: [
          app,
          { ...app, name: "worker" },
          { name: "redis", image: "redis:7" },
        ],
      }),
    },
  });
  const play = await stage.play({ "task-definition": "td.json", "container-name": "app\nworker" });
  expect(play.outcome.outcome).toBe("succeeded");
  const [{ containerDefinitions } = { containerDefinitions: [] }] = inputsOf(
    stage,
    "ecs:RegisterTaskDefinition",
  );
  expect(
    (containerDefinitions as { image: string }[]).map(({ image }) => image.split(":")[0]),
  ).toEqual([
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/clockko-backend",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/clockko-backend",
    "redis",
  ]);
});
