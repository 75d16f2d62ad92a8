import { expect, test } from "vitest";
import { batchRevisions } from "../../../src/aws/batch-revisions.ts";
import type { ServiceRevision } from "../../../src/ecs/deployment.ts";
import { DeployError } from "../../../src/errors.ts";

const denied = new DeployError(
  { code: "PermissionMissing", message: "AWS refused ecs:DescribeServiceRevisions" },
  { cause: Object.assign(new Error("not authorized"), { name: "AccessDeniedException" }) },
);

function revision(arn: string): ServiceRevision {
  return { arn, taskDefinitionArn: "", images: [] };
}

/** Refuses a call that names one of `refused`. */
function ecs(refused: readonly string[] = []) {
  const calls: (readonly string[])[] = [];
  const describeServiceRevisions = async (arns: readonly string[]) => {
    calls.push(arns);
    if (arns.some((arn) => refused.includes(arn))) throw denied;
    return arns.filter((arn) => !arn.startsWith("unknown")).map(revision);
  };
  return { calls, batched: batchRevisions({ describeServiceRevisions }) };
}

test("what is asked at the same time is asked in calls of twenty; each gets its own answer", async () => {
  const { calls, batched } = ecs();
  const arns = Array.from({ length: 45 }, (_, index) => `r${index}`);
  const answers = await Promise.all(arns.map((arn) => batched.describeServiceRevisions([arn])));
  expect(answers.map(([first]) => first?.arn)).toEqual(arns);
  expect(calls.map(({ length }) => length)).toEqual([20, 20, 5]);
});

test("an unknown revision is missing in its own answer only", async () => {
  const { batched } = ecs();
  const [known, unknown] = await Promise.all([
    batched.describeServiceRevisions(["r1"]),
    batched.describeServiceRevisions(["unknown"]),
  ]);
  expect([known.length, unknown.length]).toEqual([1, 0]);
});

test("where one is denied, each is read by itself", async () => {
  const { batched } = ecs(["r2"]);
  const [first, second] = await Promise.allSettled([
    batched.describeServiceRevisions(["r1"]),
    batched.describeServiceRevisions(["r2"]),
  ]);
  expect(first).toMatchObject({ status: "fulfilled", value: [{ arn: "r1" }] });
  expect(second).toMatchObject({ status: "rejected", reason: denied });
});
