// Which creation template, if any, lets ECR create a repository on push.

import { expect, test } from "vitest";
import { templateOnPush } from "../../../../src/plan/image/creation-template.ts";

const template = (prefix: string, ...appliedFor: readonly string[]) => ({
  prefix,
  appliedFor,
  tagMutability: "MUTABLE",
  mutabilityExclusions: [],
});
const onPush = (prefix: string) => template(prefix, "REPLICATION", "CREATE_ON_PUSH");
const cacheOnly = (prefix: string) => template(prefix, "PULL_THROUGH_CACHE");

test.each([
  ["none", [], undefined],
  ["ROOT", [onPush("ROOT")], "ROOT"],
  ["a prefix", [onPush("ROOT"), onPush("team")], "team"],
  ["a prefix with its slash", [onPush("team/")], "team/"],
  ["the longest prefix", [onPush("team"), onPush("team/shop")], "team/shop"],
  ["the longest prefix decides", [onPush("team"), cacheOnly("team/shop")], undefined],
  ["a prefix that matches is not ROOT's", [onPush("ROOT"), cacheOnly("team")], undefined],
  ["the beginning of a name is no prefix", [onPush("te"), onPush("team/sh")], undefined],
  ["a name that is the prefix itself", [onPush("team/shop/api")], undefined],
] as const)("%s", (_, templates, prefix) => {
  expect(templateOnPush("team/shop/api", templates)?.prefix).toBe(prefix);
});
