import { expect, test } from "vitest";
import {
  redactValues,
  redactWholeWords,
  secretValuesOf,
} from "../../../../src/plan/task-definition/hidden-values.ts";

test.each([
  ["a short value, where it stands alone", "value 'clock' is wrong", "value '(hidden)' is wrong"],
  ["a short value is no part of a name", "role/clockko-task", "role/clockko-task"],
  ["a long value, wherever it stands", "x=hunter2hunter2y", "x=(hidden)y"],
  ["signs of regular expressions", "got a.*b(c", "got (hidden)"],
])("%s", (_what, text, expected) => {
  expect(redactWholeWords(text, ["clock", "hunter2hunter2", "a.*b(c"])).toBe(expected);
});

test("what Terraform calls sensitive is hidden everywhere", () => {
  expect(redactValues("role/clockko-task", ["clock"])).toBe("role/(hidden)ko-task");
});

test("values of variables and labels are hidden, names and images are not", () => {
  const definition = {
    family: "clockko-backend",
    containerDefinitions: [
      {
        name: "app",
        image: "registry/app:v1",
        environment: [{ name: "TOKEN", value: "hunter2" }],
        dockerLabels: { owner: "team-a" },
      },
    ],
  };
  expect(secretValuesOf(definition)).toEqual(["hunter2", "team-a"]);
});
