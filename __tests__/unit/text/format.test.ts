import { expect, test } from "vitest";
import { mayShowChange } from "../../../src/report/changes.ts";
import { formatDuration, formatElapsed, pluralize } from "../../../src/text/format.ts";

test.each([
  { milliseconds: -5, expected: "0.0 s" },
  { milliseconds: 340, expected: "0.3 s" },
  { milliseconds: 9_949, expected: "9.9 s" },
  { milliseconds: 9_950, expected: "10 s" },
  { milliseconds: 59_499, expected: "59 s" },
  { milliseconds: 59_500, expected: "1 min" },
  { milliseconds: 187_000, expected: "3 min 7 s" },
  { milliseconds: 3_600_000, expected: "1 h 0 min" },
  { milliseconds: 3_750_000, expected: "1 h 2 min" },
])("$milliseconds ms are $expected", ({ milliseconds, expected }) => {
  expect(formatDuration(milliseconds)).toBe(expected);
});

test("counts have a noun in singular or plural", () => {
  expect([pluralize(1, "task"), pluralize(3, "task")]).toEqual(["1 task", "3 tasks"]);
});

test.each([
  { path: "cpu", from: "256", to: "512", shown: true },
  { path: "containerDefinitions[app].image", from: "app:1", to: "app:2", shown: true },
  { path: "containerDefinitions[app].image", from: "(hidden)", to: "app:2", shown: false },
  {
    path: "containerDefinitions[app].environment[A]",
    from: "(none)",
    to: "(hidden)",
    shown: false,
  },
  { path: "containerDefinitions[app].environment[A]", from: "1", to: "2", shown: false },
])("$path from $from to $to is shown: $shown", ({ shown, ...change }) => {
  expect(mayShowChange(change)).toBe(shown);
});

test.each([
  { input: 0, expected: "0:00" },
  { input: -5, expected: "0:00" },
  { input: 59_999, expected: "0:59" },
  { input: 187_000, expected: "3:07" },
  { input: 3_600_000, expected: "1:00:00" },
  { input: 3_765_000, expected: "1:02:45" },
])("$input ms is $expected", ({ input, expected }) => {
  expect(formatElapsed(input)).toBe(expected);
});
