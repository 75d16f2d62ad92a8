// The Terraform rows of the table of permissions, one action at a time: without it the step fails and says what is missing, and nothing
// stands in the table that no run uses.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type FeatureName, features } from "../../src/permissions/permissions.ts";
import type { PolicyStatement } from "../../tools/docs/deploy-policy.ts";
import { state } from "../rig/terraform-stand-in.ts";
import { errorsOf } from "./deployment.ts";
import { openTerraformAccount, type TerraformAccount } from "./terraform-account.ts";
import { statementsOf } from "./terraform-policy.ts";
import { standInPossible } from "./terraform-programs.ts";

const bucket = `arn:aws:s3:::${state.bucket}`;
const [stateFile, lock] = [`${bucket}/${state.key}`, `${bucket}/${state.key}.tflock`];
const ecs = (resource: string) => `arn:aws:ecs:us-east-1:123456789012:${resource}`;
const [cluster, service] = [ecs("cluster/clockko"), ecs("service/clockko/clockko-backend")];
const revisions = ecs("task-definition/clockko-backend:*");
const logGroup = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/clockko-backend";

/** Action, resource as the policy has it, and as the error has it where that is another. In the order in which an apply meets them. */
type Row = readonly [action: string, resource: string, said?: string];

const logGroupRows: readonly Row[] = [
  ["logs:CreateLogGroup", `${logGroup}:*`, `${logGroup}:log-stream:`],
  ["logs:TagResource", logGroup],
  ["logs:PutRetentionPolicy", `${logGroup}:*`, `${logGroup}:log-stream:`],
];

const serviceRows: readonly Row[] = [
  ["ecs:CreateCluster", cluster],
  ["ecs:TagResource", cluster],
  ["ecs:CreateService", service],
  ["ecs:TagResource", service],
];

/** Terraform cannot report these, because it uses HEAD; the action reports them. While there is a state, Terraform 1.11 continues without a list. */
const listStates: Row = ["s3:ListBucket", bucket];
const readState: Row = ["s3:GetObject", stateFile];

const planRows: readonly Row[] = [
  ["s3:PutObject", lock],
  ["ecs:DescribeClusters", cluster],
  ["logs:DescribeLogGroups", "*"],
  ["logs:ListTagsForResource", logGroup],
];

const applyRows: readonly Row[] = [
  ["ecs:TagResource", revisions],
  ["s3:PutObject", stateFile],
];

/** Terraform holds its lock by then: the lock stays, because it could not be released. */
const unlockRows: readonly Row[] = [
  ["s3:GetObject", lock],
  ["s3:DeleteObject", lock],
];

/** What no run here can show, and why. */
const unshown: Readonly<Record<string, string>> = {
  "iam:CreateServiceLinkedRole":
    "AWS asks for it when an account's first cluster is created; the simulator has no IAM API, so no such role",
};

const terraformFeatures = [
  "terraformPlan",
  "terraformApply",
  "terraformCreate",
] as const satisfies readonly FeatureName[];

describe.skipIf(!standInPossible)("the Terraform rows of the table of permissions", () => {
  let account: TerraformAccount;
  /** Terraform makes log group and cluster at the same time: what one attempt leaves out of the one, it makes of the other. */
  let other: TerraformAccount;
  beforeAll(async () => {
    account = await openTerraformAccount(["v1", "v2"]);
    other = await openTerraformAccount(["v1"]);
  });
  afterAll(async () => {
    await account?.close();
    await other?.close();
  });

  afterEach(async () => {
    await rm(join(account.directory, "errored.tfstate"), { force: true });
    account.simulator.s3.remove(state.bucket, `${state.key}.tflock`);
  });

  /** A step without one row; what it says, on one line. */
  const attempt = async ([action, resource]: Row, where = account) => {
    const step = await where.deploy("v1", {
      inputs: { "terraform-lock-timeout": "1s" },
      policy: (statements) => statements.flatMap(without(action, resource)),
    });
    return {
      code: step.outputs["reason-code"],
      said: errorsOf(step).join(" ").replace(/\s+/g, " "),
    };
  };
  const sentence = ([action, resource, said = resource]: Row) =>
    `not authorized to perform: ${action} on resource: ${said} `;
  const bare = (text: string) => text.replace(/on resource: "([^"]+)"/g, "on resource: $1");
  const each = (rows: readonly Row[]) =>
    test.each(rows.map((row) => ({ action: row[0], resource: row[1], row })));

  const expectWordless = ({ code, said }: Awaited<ReturnType<typeof attempt>>) => {
    expect(said).toContain(`Unable to access object "${state.key}" in S3 bucket "${state.bucket}"`);
    expect(said).toContain(`needs s3:GetObject on ${stateFile}, and s3:ListBucket on ${bucket}:`);
    expect(code).toBe("TerraformFailed");
  };

  test("without s3:ListBucket, while there is no state", async () =>
    expectWordless(await attempt(listStates)));

  each(logGroupRows)("first apply without $action on $resource", async ({ row }) => {
    const { code, said } = await attempt(row, other);
    expect(bare(said)).toContain(sentence(row));
    expect(code).toBe("TerraformFailed");
  });

  each(serviceRows)("first apply without $action on $resource", async ({ row }) => {
    const { code, said } = await attempt(row);
    expect(bare(said)).toContain(sentence(row));
    expect(code).toBe("TerraformFailed");
  });

  test("the first apply with all of them, and a second one", async () => {
    for (const tag of ["v1", "v2"]) expect(errorsOf(await account.deploy(tag))).toEqual([]);
  });

  each([...planRows, ...applyRows])("without $action on $resource", async ({ row }) => {
    const { code, said } = await attempt(row);
    expect(bare(said)).toContain(sentence(row));
    expect(code).toBe("TerraformFailed");
  });

  test("without s3:GetObject on the state", async () => expectWordless(await attempt(readState)));

  each(unlockRows)("without $action on $resource the lock stays", async ({ row }) => {
    const { said } = await attempt(row);
    expect(bare(said)).toContain(sentence(row));
    expect(account.simulator.s3.read(state.bucket, `${state.key}.tflock`)).toBeDefined();
  });

  test("every row was used by a run, and every run is covered by a row", async () => {
    const tried = [
      ...logGroupRows,
      ...serviceRows,
      ...planRows,
      ...applyRows,
      ...unlockRows,
      listStates,
      readState,
    ];
    const rows = terraformFeatures.flatMap((name) =>
      statementsOf([name], account.simulator).flatMap(({ Action, Resource }) =>
        [Action]
          .flat()
          .flatMap((action) => [Resource].flat().map((resource) => `${action} on ${resource}`)),
      ),
    );
    const shown = rows.filter((row) => !((row.split(" ")[0] ?? "") in unshown));
    expect(shown.toSorted()).toEqual(
      tried.map(([action, resource]) => `${action} on ${resource}`).toSorted(),
    );
    const allowed = account.simulator.iam.decisions
      .filter((one) => one.allowed)
      .map(({ action }) => action);
    const actions = terraformFeatures.flatMap((name) =>
      features[name].permissions.flatMap((row) => [...row.actions]),
    );
    expect([...new Set(actions)].filter((action) => !allowed.includes(action))).toEqual(
      Object.keys(unshown),
    );
  });
});

/** Takes one action on one resource out of a statement; its other actions and resources stay. */
function without(
  action: string,
  resource: string,
): (statement: PolicyStatement) => readonly PolicyStatement[] {
  return (statement) => {
    const [actions, resources] = [[statement.Action].flat(), [statement.Resource].flat()];
    if (!actions.includes(action) || !resources.includes(resource)) return [statement];
    const [otherActions, otherResources] = [
      actions.filter((one) => one !== action),
      resources.filter((one) => one !== resource),
    ];
    return [
      ...(otherActions.length > 0 ? [{ ...statement, Action: otherActions }] : []),
      ...(otherResources.length > 0
        ? [{ ...statement, Action: [action], Resource: otherResources }]
        : []),
    ];
  };
}
