import { expect, test } from "vitest";
import { diffTaskDefinitions, noValue } from "../../../../src/plan/task-definition/diff.ts";

test("requiresCompatibilities that only one side has is added or removed, whatever its order", () => {
  const without = { family: "app" };
  const both = { ...without, requiresCompatibilities: ["FARGATE", "EC2"] };

  expect(diffTaskDefinitions(without, both)[0]).toMatchObject({ from: noValue });
  expect(diffTaskDefinitions(both, without)[0]).toMatchObject({ to: noValue });
  const otherOrder = { ...without, requiresCompatibilities: ["EC2", "FARGATE"] };
  expect(diffTaskDefinitions(both, otherOrder)).toEqual([]);
});
