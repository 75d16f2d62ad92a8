import { expect, test } from "vitest";
import { matchesWildcard } from "../../../src/text/wildcard.ts";

test.each([
  ["latest", "latest"],
  ["*", ""],
  ["*", "anything"],
  ["v*", "v1"],
  ["*-dev", "a-dev"],
  ["a*b*c", "aXbYc"],
  ["a*b*c", "abc"],
  ["**a**", "xax"],
  ['module.*["a*b"]', 'module.x["a1b"]'],
])("%s matches %j", (pattern, text) => {
  expect(matchesWildcard(pattern, text)).toBe(true);
});

test.each([
  ["latest", "latest1"],
  ["", "a"],
  ["a*a", "a"],
  ["ab*ba", "aba"],
  ["a*b*c", "acb"],
  ["a.c", "abc"],
  ["*b*b", "ab"],
])("%s does not match %j", (pattern, text) => {
  expect(matchesWildcard(pattern, text)).toBe(false);
});

test("many wildcards on a long text take little time", () => {
  expect(matchesWildcard(`${"*a".repeat(1_000)}b`, "a".repeat(100_000))).toBe(false);
});
