// Workflows of every kind that real repositories have, converted: the results are in
// __tests__/migrate-samples/expected/.

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { convert } from "../../../tools/migrate/convert.ts";
import { isChainAction } from "../../../tools/migrate/table/table.ts";
import {
  expectedPath,
  oursIn,
  problemsOf,
  samples,
  samplesIn,
  stepsIn,
  unknownOutputsIn,
} from "./samples.ts";

test("there are at least 25 samples, 20 of them like the workflows of maintained projects", () => {
  expect(samples.length).toBeGreaterThanOrEqual(25);
  expect(samplesIn("projects")).toHaveLength(20);
});

describe.each(samples)("$name", (sample) => {
  const { text, report } = convert(sample.text);

  test("becomes what is expected", async () => {
    await expect(text).toMatchFileSnapshot(expectedPath(sample));
    await expect(`${report.join("\n")}\n`).toMatchFileSnapshot(
      expectedPath(sample).replace(/\.yml$/, ".report.txt"),
    );
  });

  test("is YAML, with steps of ours whose inputs exist and are valid", () => {
    expect(() => parse(text)).not.toThrow();
    for (const step of oursIn(text)) expect(problemsOf(step), step.uses).toEqual([]);
    expect(unknownOutputsIn(text)).toEqual([]);
  });

  test("does not change when it is converted a second time", () => {
    expect(convert(text).text).toBe(text);
  });

  test("keeps the line breaks of Windows", () => {
    const ofWindows = (unix: string) => unix.replaceAll("\n", "\r\n");
    expect(convert(ofWindows(sample.text)).text).toBe(ofWindows(text));
  });
});

test("of 20 workflows like those of maintained projects, 16 become one or two steps of ours", () => {
  const complete = samplesIn("projects").filter((sample) => {
    const { text } = convert(sample.text);
    const ours = oursIn(text).length;
    return (ours === 1 || ours === 2) && !stays(text);
  });
  expect(complete.length).toBeGreaterThanOrEqual(16);
});

/** Whether a step of the chain is left that builds or deploys. */
function stays(text: string): boolean {
  const left = stepsIn(text).filter(({ uses, run = "" }) => {
    const action = uses?.replace(/@.*/, "");
    const isSupport = /configure-aws-credentials|amazon-ecr-login/.test(action ?? "");
    return (
      (isChainAction(action) && !isSupport) ||
      /docker (build|push)|aws ecs update-service/.test(run)
    );
  });
  return left.length > 0;
}

test("a step with a wrong input would be found", () => {
  const uses = "OWNER/deploy-ecs@v1";
  const given = { "aws-region": "us-east-1", cluster: "a", service: "b", image: "c:1" };
  expect(problemsOf({ uses, with: given })).toEqual([]);
  expect(problemsOf({ uses, with: { ...given, clustr: "a" } })).toEqual([
    "deploy has no input clustr",
  ]);
  expect(problemsOf({ uses, with: { "aws-region": "mars", cluster: "a", image: "c:1" } })).toEqual([
    "deploy lacks service",
    expect.stringMatching(/^aws-region: expected the name of an AWS region/),
  ]);
});
