import { describe, expect, test } from "vitest";
import { clientTokenOf, startedByOf } from "../../../src/task/idempotency-token.ts";

const task = {
  moment: "pre-deploy",
  clusterArn: "c",
  taskDefinitionArn: "td:2",
  container: "app",
  command: ["a"],
};
const run = {
  GITHUB_RUN_ID: "42",
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_JOB: "deploy",
  GITHUB_ACTION: "__run",
};

describe("the token", () => {
  const token = clientTokenOf(task, run, 0);

  test("is the same for the same, at any time, and fits", () => {
    expect(clientTokenOf({ ...task }, { ...run, OTHER: "x" }, 99)).toBe(token);
    expect(token).toMatch(/^[!-~]{1,64}$/);
  });

  test.each([
    ["revision", { ...task, taskDefinitionArn: "td:3" }, run],
    ["moment", { ...task, moment: "post-deploy" }, run],
    ["command", { ...task, command: ["b"] }, run],
    ["words", { ...task, command: ["a", ""] }, run],
    ["cluster", { ...task, clusterArn: "d" }, run],
    ["run", task, { ...run, GITHUB_RUN_ID: "43" }],
    ["attempt", task, { ...run, GITHUB_RUN_ATTEMPT: "2" }],
    ["job", task, { ...run, GITHUB_JOB: "other" }],
    ["step", task, { ...run, GITHUB_ACTION: "__run_2" }],
  ])("is another one for another %s", (_, other, environment) => {
    expect(clientTokenOf(other, environment, 0)).not.toBe(token);
  });

  test("without a run, the time of the start makes it one of its own", () => {
    expect(clientTokenOf(task, {}, 1)).not.toBe(clientTokenOf(task, {}, 2));
  });
});

test.each([
  [run, "deploy-ecs/42/1"],
  [{}, "deploy-ecs/local/1"],
  [{ GITHUB_RUN_ID: "a b:c" }, "deploy-ecs/a-b-c/1"],
  [{ GITHUB_RUN_ID: "9".repeat(200) }, `deploy-ecs/${"9".repeat(117)}`],
])("startedBy of %o", (environment, startedBy) => {
  expect(startedByOf(environment)).toBe(startedBy);
  expect(startedBy.length).toBeLessThanOrEqual(128);
});
