// The table of permissions and the code: what src/aws/ calls is in it, and what is in it is called, by us or by what we start.

import { expect, test } from "vitest";
import { actionUse, type Feature, features } from "../../src/permissions/permissions.ts";
import { readSources } from "./source.ts";

/** Needs no permission. */
const free = new Set(["sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity"]);

/** Asked for by AWS beside a call's own action, and by builders at the registry. */
const notCalledByName = new Set([
  "iam:PassRole",
  "ecs:TagResource",
  "ecr:BatchCheckLayerAvailability",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:GetDownloadUrlForLayer",
  "ecr:CreateRepository",
]);

/** Of the first service of an account: AWS asks for them beside CreateExpressGatewayService. */
const onlyByFirst = new Set(["ecs:CreateCluster", "iam:CreateServiceLinkedRole"]);

const called = new Set(
  [...readSources("src/aws")]
    .filter(([path]) => path !== "src/permissions/permissions.ts")
    .flatMap(([, text]) => text.match(/(?<=\bcall\(\s*")[a-z]+:[A-Z]\w+(?=")/g) ?? []),
);

test("every call of src/aws/ is in the table", () => {
  expect(called.size).toBeGreaterThan(20);
  expect(
    [...called].filter((action) => !free.has(action) && actionUse(action) === undefined),
  ).toEqual([]);
});

test("every action of the table is called, except Terraform's", () => {
  const ours = Object.entries<Feature>(features).filter(([name]) => !name.startsWith("terraform"));
  const actions = ours.flatMap(([, { permissions }]) =>
    permissions.flatMap((permission) => permission.actions),
  );
  const missing = actions.filter((action) => !called.has(action) && !notCalledByName.has(action));
  expect([...new Set(missing)].filter((action) => !onlyByFirst.has(action))).toEqual([]);
});
