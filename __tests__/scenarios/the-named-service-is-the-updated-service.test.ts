import { describe, expect, test } from "vitest";
import { inputsOf, movesOf } from "./support/changes.ts";
import {
  account,
  clockko,
  type InputTexts,
  type StageOptions,
  setStage,
  useOwnCredentials,
} from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const arn = `arn:aws:ecs:us-east-1:${account}`;

describe("every form of its name finds it", () => {
  test.each<InputTexts>([
    { cluster: "", service: "clockko/clockko-backend" },
    { cluster: "", service: `${arn}:service/clockko/clockko-backend` },
    { cluster: "clockko", service: `${arn}:service/clockko/clockko-backend` },
    { cluster: "clockko", service: `${arn}:service/clockko-backend` },
    { cluster: `${arn}:cluster/clockko`, service: "clockko-backend" },
    {
      cluster: `${arn}:cluster/clockko`,
      service: `clockko/clockko-backend\n${arn}:service/clockko/clockko-backend`,
    },
  ])("%o", async (inputs) => {
    const stage = await setStage();

    const play = await stage.play(inputs);

    expect(play.outcome).toMatchObject({ outcome: "succeeded", services: [clockko] });
    expect(inputsOf(stage, "ecs:UpdateService")).toEqual([
      expect.objectContaining({ cluster: `${arn}:cluster/clockko`, service: "clockko-backend" }),
    ]);
  });
});

const isElsewhere: readonly { name: string; inputs: InputTexts; says: string }[] = [
  {
    name: "a service of another account",
    inputs: { service: "arn:aws:ecs:us-east-1:999999999999:service/clockko/clockko-backend" },
    says: `is in account 999999999999, but role-to-assume is in account ${account}.`,
  },
  {
    name: "a service of another region",
    inputs: { service: `arn:aws:ecs:eu-west-1:${account}:service/clockko/clockko-backend` },
    says: "is in region eu-west-1, but aws-region is us-east-1.",
  },
  {
    name: "a service of another partition",
    inputs: { service: `arn:aws-cn:ecs:us-east-1:${account}:service/clockko/clockko-backend` },
    says: "is in partition aws-cn, but role-to-assume is in partition aws.",
  },
  {
    name: "an ARN of the old form, of another account",
    inputs: { service: "arn:aws:ecs:us-east-1:999999999999:service/clockko-backend" },
    says: "is in account 999999999999",
  },
  {
    name: "a cluster of another account",
    inputs: { cluster: "arn:aws:ecs:us-east-1:999999999999:cluster/clockko" },
    says: "is in account 999999999999",
  },
  {
    name: "a task definition of another region",
    inputs: {
      "task-definition": `arn:aws:ecs:eu-west-1:${account}:task-definition/clockko-backend:1`,
    },
    says: "task-definition: arn:aws:ecs:eu-west-1",
  },
  {
    name: "two clusters for one service",
    inputs: { cluster: "other", service: `${arn}:service/clockko/clockko-backend` },
    says: `"other" is not the cluster of service ${arn}:service/clockko/clockko-backend.`,
  },
];

test.each(isElsewhere)("$name is refused before any call", async ({ inputs, says }) => {
  const stage = await setStage();

  const play = await stage.play(inputs);

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.annotation).toContain(says);
  expect(play.calls).toEqual([]);
});

test("with the job's own credentials the account is known after the sign-in, and nothing is read in it", async () => {
  const stage = await setStage();
  await useOwnCredentials({ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });

  const play = await stage.play({
    "role-to-assume": "",
    service: "arn:aws:ecs:us-east-1:999999999999:service/clockko/clockko-backend",
  });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.calls).toEqual(["sts:GetCallerIdentity"]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-service-of-another-account-is-refused.txt",
  );
});

describe("the outputs of a Terraform root are checked in the same way", () => {
  const play = async (outputs: Readonly<Record<string, string>>, inputs: InputTexts = {}) => {
    const reported = Object.entries(outputs).map(([name, value]) => [
      name,
      { value, sensitive: false },
    ]);
    const terraform: StageOptions["terraform"] = { outputs: Object.fromEntries(reported) };
    const stage = await setStage({ terraform });
    return stage.play({ cluster: "", service: "", ...inputs });
  };

  test("an ARN as service_name needs no cluster_name", async () => {
    const { outcome } = await play({ service_name: `${arn}:service/clockko/clockko-backend` });
    expect(outcome).toMatchObject({ outcome: "succeeded", services: [clockko] });
  });

  test.each([
    {
      service_name: "arn:aws:ecs:us-east-1:999999999999:service/clockko/clockko-backend",
      says: "is in account 99999",
    },
    {
      service_name: "clockko-backend",
      cluster_name: "clockko/x",
      says: "Output cluster_name of the Terraform root: expected",
    },
    {
      service_name: "a b",
      cluster_name: "clockko",
      says: "Output service_name of the Terraform root: expected",
    },
    {
      service_name: "other/clockko-backend",
      cluster_name: "clockko",
      says: '"clockko" is not the cluster of',
    },
  ])("%o is refused before anything is built", async ({ says, ...outputs }) => {
    const refused = await play(outputs);

    expect(refused.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
    expect(refused.annotation).toContain(says);
    expect(movesOf(refused)).toEqual([]);
    expect(refused.dockerCommands).toEqual([]);
  });
});
