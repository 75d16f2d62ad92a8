import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json.ts";
import {
  checkPlan,
  type ExpectedPlan,
  isSameImageReference,
} from "../../../src/terraform/plan-checks.ts";
import { parsePlanJson } from "../../../src/terraform/plan-json.ts";

const change = (
  address: string,
  actions: readonly string[],
  more: JsonObject = {},
): JsonObject => ({
  ...{ address, mode: "managed", type: address.split(".").at(-2) ?? "" },
  change: { actions, ...more },
});

describe("a plan as Terraform's JSON has it", () => {
  test.each([
    [["create"], "create"],
    [["update"], "update"],
    [["delete"], "delete"],
    [["forget"], "forget"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["no-op"], undefined],
    [["read"], undefined],
  ])("actions %j are %s", (actions, action) => {
    const { changes } = parsePlanJson({
      resource_changes: [change("aws_ecs_service.app", actions)],
    });
    expect(changes).toEqual(
      action === undefined
        ? []
        : [{ address: "aws_ecs_service.app", type: "aws_ecs_service", action }],
    );
  });

  test("data sources are no changes", () => {
    const data = { ...change("data.aws_vpc.main", ["delete"]), mode: "data" };
    expect(parsePlanJson({ resource_changes: [data] }).changes).toEqual([]);
  });

  test.each<[string, JsonObject]>([
    ["a JSON text", { container_definitions: '[{"name": "app", "image": "r/app:1"}]' }],
    ["a list", { container_definitions: [{ name: "app", image: "r/app:1" }] }],
    [
      "deeper down",
      { input: { nested: [{ container_definitions: [{ name: "app", image: "r/app:1" }] }] } },
    ],
  ])("containers are found in %s", (_, after) => {
    const { containers } = parsePlanJson({
      resource_changes: [change("module.app.x.y", ["no-op"], { after })],
    });
    expect(containers).toEqual([{ address: "module.app.x.y", name: "app", image: "r/app:1" }]);
  });

  test("definitions that are known only after the apply are listed, not guessed", () => {
    const after_unknown = { container_definitions: true };
    const plan = parsePlanJson({
      resource_changes: [change("a.b", ["create"], { after: {}, after_unknown })],
    });
    expect(plan).toMatchObject({ containers: [], unknownContainers: ["a.b"] });
  });

  test("hidden are sensitive members, sensitive variables and outputs, and variables whose name says secret", () => {
    const containers = [
      {
        name: "app",
        environment: [
          { name: "DB_PASSWORD", value: "environ-1" },
          { name: "LANG", value: "C.UTF-8" },
        ],
      },
    ];
    const gone = { name: "DB_PASSWORD", value: "environ-0" };
    const { sensitiveValues } = parsePlanJson({
      resource_changes: [
        change("a.b", ["update"], {
          before: { input: { token: "before-1", list: ["open-1", "before-2"] } },
          before_sensitive: { input: { token: true, list: [false, true] } },
          after: {
            pin: 918_273,
            secret: { a: "after-1", b: ["after-2"] },
            container_definitions: JSON.stringify(containers),
          },
          after_sensitive: { secret: true, pin: true },
        }),
        change("c.d", ["delete"], { before: { container_definitions: [{ environment: [gone] }] } }),
      ],
      resource_drift: [
        change("e.f", ["update"], { before: { key: "drift-1" }, before_sensitive: { key: true } }),
      ],
      output_changes: { key: { after: "output-1", after_sensitive: true } },
      variables: {
        api: { value: "variable-1" },
        image_tag: { value: "v1.2.3" },
        short: { value: "abc" },
      },
      configuration: {
        root_module: {
          variables: { api: { sensitive: true }, image_tag: {}, short: { sensitive: true } },
        },
      },
    });
    expect(sensitiveValues.toSorted()).toEqual([
      "918273",
      "after-1",
      "after-2",
      "before-1",
      "before-2",
      "drift-1",
      "environ-0",
      "environ-1",
      "output-1",
      "variable-1",
    ]);
  });
});

describe("whether it may be applied", () => {
  const expected: ExpectedPlan = {
    ...{
      directory: "infra",
      variable: "image_tag",
      value: "v2",
      image: "r.example/app:v2",
      guard: [],
      services: ["app"],
    },
  };
  const definitions = (image: string) => ({
    after: { container_definitions: [{ name: "app", image }] },
  });
  const planOf = (...changes: readonly JsonObject[]) =>
    parsePlanJson({ variables: { image_tag: { value: "v2" } }, resource_changes: changes });
  const good = change(
    "aws_ecs_task_definition.app",
    ["delete", "create"],
    definitions("r.example/app:v2"),
  );
  const codes = (...changes: readonly JsonObject[]) =>
    checkPlan(planOf(...changes), expected).map(({ code }) => code);

  test("a new revision with our image may be", () => {
    expect(codes(good, change("aws_ecs_service.app", ["update"]))).toEqual([]);
  });

  test("all problems are reported at once", () => {
    expect(codes(change("aws_ecs_service.app", ["delete"]))).toEqual([
      "TerraformImageNotPlanned",
      "TerraformPlanBlocked",
    ]);
  });

  test("another tag of the same repository is not our image", () => {
    expect(
      codes(change("aws_ecs_task_definition.app", ["no-op"], definitions("r.example/app:v1"))),
    ).toEqual(["TerraformImageNotPlanned"]);
  });

  test.each([
    ["aws_ecs_service.app", true],
    ["aws_ecs_service", true],
    ["aws_ecs_*", true],
    ["aws_ecs_service.ap", false],
    ["aws_ecs_service.app2", false],
    ["aws.ecs_service.app", false],
  ])("the guard %s allows the service to be replaced: %s", (allowed, passes) => {
    const plan = planOf(good, change("aws_ecs_service.app", ["delete", "create"]));
    expect(checkPlan(plan, { ...expected, guard: [allowed] })).toHaveLength(passes ? 0 : 1);
  });

  test("resources are named with their module and their key, and so allowed", () => {
    const plan = planOf(good, change('module.db["main"].aws_db_instance.this[0]', ["delete"]));
    expect(checkPlan(plan, { ...expected, guard: ['module.db["main"].*'] })).toEqual([]);
    expect(checkPlan(plan, expected)[0]?.hint).toContain(
      'module.db["main"].aws_db_instance.this[0]',
    );
  });

  test("an existing service is not created again: the state is the wrong one", () => {
    const create = (name: string) => change("aws_ecs_service.app", ["create"], { after: { name } });
    expect(codes(good, create("app"))).toEqual(["TerraformPlanBlocked"]);
    expect(codes(good, create("worker"))).toEqual([]);
  });

  test.each([
    [{ skip_destroy: true }, []],
    [{ skip_destroy: false }, ["aws_ecs_task_definition.app"]],
    [{}, ["aws_ecs_task_definition.app"]],
  ])("a revision from before with %j is deregistered: %j", (before, deregistered) => {
    expect(
      planOf(change("aws_ecs_task_definition.app", ["delete", "create"], { before })).deregistered,
    ).toEqual(deregistered);
    expect(planOf(change("aws_ecs_task_definition.app", ["create"])).deregistered).toEqual([]);
  });

  test("off lets everything through", () => {
    expect(
      checkPlan(planOf(good, change("aws_db_instance.a", ["delete"])), {
        ...expected,
        guard: "off",
      }),
    ).toEqual([]);
  });
});

test.each([
  ["r/app:1", "r/app:1", true],
  ["r/app:1@sha256:aa", "r/app:1", true],
  ["r/app@sha256:aa", "r/app:1@sha256:aa", true],
  ["r/app:1@sha256:aa", "r/app:1@sha256:bb", false],
  ["r/app:1", "r/app:2", false],
  ["r/app:1", "s/app:1", false],
  ["r/app", "r/app", false],
])("%s and %s are the same image: %s", (one, other, same) => {
  expect(isSameImageReference(one, other)).toBe(same);
});
