// The action `register`: a revision of a task definition, and no service.

import { describe, expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { changesOf } from "./support/no-changes.ts";
import { type InputTexts, type Play, registry, type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";
import { buildStep, registerStep } from "./support/verbs.ts";

const image = `${registry}/clockko-backend:v2`;
const report = {
  family: "nightly-report",
  cpu: "256",
  memory: "512",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
  containerDefinitions: [{ name: "report", image: "placeholder", essential: true }],
};
const file = { "task-definition": "report.json", service: "", cluster: "", "ecr-repository": "" };
const files = { "report.json": JSON.stringify(report) };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

async function stageWithImage(): Promise<Stage> {
  const stage = await setStage({ files });
  stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v2"] });
  return stage;
}

function registrationsOf(stage: Stage) {
  return inputsOf(stage, "ecs:RegisterTaskDefinition");
}

const play = (stage: Stage, inputs: InputTexts) => stage.play({ ...file, ...inputs }, registerStep);

test("a file and an image: the first revision of its family, and no other change", async () => {
  const stage = await stageWithImage();

  const played = await play(stage, { image, "environment-variables": "MODE=night" });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(played.outputs["task-definition-arn"]).toMatch(/task-definition\/nightly-report:1$/);
  expect(registrationsOf(stage)).toEqual([
    {
      ...report,
      containerDefinitions: [
        {
          ...{ name: "report", essential: true, image },
          environment: [{ name: "MODE", value: "night" }],
        },
      ],
    },
  ]);
  expect(changesOf(played)).toEqual(["ecs:RegisterTaskDefinition"]);
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  await expect(transcript(played)).toMatchFileSnapshot("transcripts/verb-register.txt");
});

test("the same again: unchanged, with the ARN of the revision that has the same content", async () => {
  const stage = await stageWithImage();
  const first = await play(stage, { image });

  const second = await play(stage, { image });

  expect(verdictOf(second)).toBe("unchanged Unchanged");
  expect(second.outputs["task-definition-arn"]).toBe(first.outputs["task-definition-arn"]);
  expect(registrationsOf(stage)).toHaveLength(1);
  expect(second.summary).toContain("Nothing to register: nightly-report:1 has the same content");
});

test("another image: the summary says what is different", async () => {
  const stage = await stageWithImage();
  stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v3"] });
  await play(stage, { image });

  const second = await play(stage, { image: image.replace("v2", "v3") });

  expect(second.outputs["task-definition-arn"]).toMatch(/:2$/);
  expect(second.summary).toMatch(/report.*image: .*v2 → .*v3/);
});

test("build, then register its image", async () => {
  const stage = await setStage({ files });
  const built = await stage.play({}, buildStep);

  const played = await play(stage, { image: built.outputs.image ?? "" });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(registrationsOf(stage)).toMatchObject([
    { containerDefinitions: [{ image: built.outputs.image }] },
  ]);
});

test("a family without an image: its containers keep theirs", async () => {
  const stage = await setStage();

  const same = await play(stage, { "task-definition": "clockko-backend" });
  const changed = await play(stage, {
    "task-definition": "clockko-backend",
    "environment-variables": "GREETING=good night",
  });

  expect(verdictOf(same)).toBe("unchanged Unchanged");
  expect(same.outputs["task-definition-arn"]).toMatch(/clockko-backend:1$/);
  expect(registrationsOf(stage)).toMatchObject([
    {
      containerDefinitions: [
        {
          image: `${registry}/clockko-backend:v1`,
          environment: [{ name: "GREETING", value: "good night" }],
        },
      ],
    },
  ]);
  expect(verdictOf(changed)).toBe("succeeded Succeeded");
});

describe("it fails before it registers anything:", () => {
  async function refused(inputs: InputTexts, code: string): Promise<Play> {
    const played = await play(await stageWithImage(), inputs);
    expect(verdictOf(played)).toBe(`failed ${code}`);
    expect(changesOf(played)).toEqual([]);
    return played;
  }

  test("no task definition is named", async () => {
    const played = await refused({ "task-definition": "", platforms: "none" }, "InvalidInput");
    expect(played.annotation).toContain("task-definition: required, but empty");
    expect(played.calls).toEqual([]);
  });

  test("the file does not exist", () =>
    refused({ "task-definition": "infra/absent.json" }, "InvalidInput"));

  test("the family does not exist", () =>
    refused({ "task-definition": "absent" }, "TaskDefinitionNotFound"));

  test("the image does not exist", () =>
    refused({ image: `${registry}/clockko-backend:absent` }, "ImageNotFound"));

  test("the file has a placeholder for its image, and no image is given", async () => {
    const played = await play(
      await setStage({
        files: {
          "report.json": JSON.stringify({
            ...report,
            containerDefinitions: [{ name: "report", image: "<IMAGE>", essential: true }],
          }),
        },
      }),
      {},
    );
    expect(verdictOf(played)).toBe("failed TaskDefinitionInvalid");
    expect(changesOf(played)).toEqual([]);
  });

  test("a secret does not exist", async () => {
    const played = await refused({ image, secrets: "TOKEN=/report/token" }, "SecretMissing");
    expect(played.annotation).toContain("/report/token");
  });

  test("a container is named that it does not have", () =>
    refused({ image, "container-name": "web" }, "ContainerNotFound"));

  test("the role may read no task definition", async () => {
    const stage = await stageWithImage();
    stage.changePolicy = (statements) => statements.filter(({ Sid }) => Sid !== "Revision");
    const played = await play(stage, { image });
    expect(verdictOf(played)).toBe("failed PermissionMissing");
    expect(played.annotation).toContain("ecs:DescribeTaskDefinition");
    expect(changesOf(played)).toEqual([]);
  });
});

test("without the permission to read log groups, that check is left out", async () => {
  const stage = await setStage();
  stage.changePolicy = (statements) => statements.filter(({ Sid }) => Sid !== "RevisionChecks");

  const played = await play(stage, {
    "task-definition": "clockko-backend",
    "environment-variables": "GREETING=hello",
  });

  expect(verdictOf(played)).toBe("succeeded Succeeded");
  expect(played.log.join("\n")).toContain("Not checked: whether the log group");
});
