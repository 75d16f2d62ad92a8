// From the table of permissions to policies: as IAM takes them, and as Terraform writes them. Pure.

import type { PolicyDocument } from "ecs-simulator/iam";
import {
  type Feature,
  type FeatureName,
  featureNames,
  features,
  type Permission,
  type ResourceName,
  resourcePatterns,
} from "../../src/permissions/permissions.ts";

/** What stands for the words in capitals; several: one resource for each. */
export type Names = Readonly<Record<string, string | readonly string[]>>;

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

interface NamedPermission extends Permission {
  readonly sid: string;
}

/** The permissions of these features, each action once for the same resources; `base` has its own already. */
function permissionsOf(
  names: readonly FeatureName[],
  base: readonly FeatureName[] = [],
): readonly NamedPermission[] {
  const given = new Set<string>();
  const inOrder = (some: readonly FeatureName[]) =>
    featureNames().filter((name) => some.includes(name));
  const rowsOf = (some: readonly FeatureName[]) =>
    inOrder(some).flatMap((name) => {
      const rows = (features[name] as Feature).permissions.map((permission) => {
        const { resources: on, condition } = permission;
        const key = (action: string) => JSON.stringify([action, on, condition]);
        const actions = permission.actions.filter((action) => !given.has(key(action)));
        for (const action of actions) given.add(key(action));
        return { ...permission, actions };
      });
      const some = rows.filter(({ actions }) => actions.length > 0);
      return some.map((row, at) => ({
        ...row,
        sid: `${capital(name)}${some.length > 1 ? at + 1 : ""}`,
      }));
    });
  rowsOf(base);
  return rowsOf(names);
}

/** `names` that are not given stay in capitals, but for PARTITION: nearly all are in `aws`. */
export function statementsFor(
  chosen: readonly FeatureName[],
  names: Names = {},
  base: readonly FeatureName[] = [],
): readonly PolicyStatement[] {
  return permissionsOf(chosen, base).map(({ sid, actions, resources: on, condition }) => ({
    Sid: sid,
    Effect: "Allow",
    Action: oneOrMore(actions),
    Resource: oneOrMore(
      on.flatMap((resource) => fill(resourcePatterns[resource], { ...commonest, ...names })),
    ),
    ...(condition && {
      Condition: {
        [condition.test]: {
          [condition.key]: oneOrMore(
            condition.values.flatMap((value) => fill(value, { ...commonest, ...names })),
          ),
        },
      },
    }),
  }));
}

const commonest: Names = { PARTITION: "aws" };

export function policyFor(chosen: readonly FeatureName[], names?: Names): PolicyDocument {
  return { Version: "2012-10-17", Statement: statementsFor(chosen, names) };
}

/** `data "aws_iam_policy_document"`, as `terraform fmt` wants it. */
export function terraformPolicy(
  label: string,
  chosen: readonly FeatureName[],
  names: Names,
): string {
  const statements = permissionsOf(chosen).map((permission) =>
    terraformStatement(permission, { ...commonest, ...names }),
  );
  return [`data "aws_iam_policy_document" "${label}" {`, statements.join("\n\n"), "}"].join("\n");
}

function terraformStatement(
  { sid, actions, resources: on, condition }: NamedPermission,
  names: Names,
): string {
  const lines = [
    ...aligned([
      ["sid", [`"${sid}"`], false],
      ["actions", quoted(actions), true],
      [
        "resources",
        quoted(on.flatMap((resource: ResourceName) => fill(resourcePatterns[resource], names))),
        true,
      ],
    ]),
    ...(condition
      ? [
          "",
          "condition {",
          ...aligned([
            ["test", [`"${condition.test}"`], false],
            ["variable", [`"${condition.key}"`], false],
            ["values", quoted(condition.values.flatMap((value) => fill(value, names))), true],
          ]).map((line) => `  ${line}`),
          "}",
        ]
      : []),
  ];
  return ["  statement {", ...lines.map((line) => (line === "" ? "" : `    ${line}`)), "  }"].join(
    "\n",
  );
}

type Attribute = readonly [name: string, values: readonly string[], isList: boolean];

/** terraform fmt aligns the equals signs of attributes that stand on neighbouring lines; a list of several lines stands alone. */
function aligned(attributes: readonly Attribute[]): readonly string[] {
  const isLong = ([, values]: Attribute) => values.length > 1;
  const groups: Attribute[][] = [];
  for (const attribute of attributes) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last && before && !isLong(before) && !isLong(attribute)) last.push(attribute);
    else groups.push([attribute]);
  }
  return groups.flatMap((group) => {
    const width = Math.max(...group.map(([name]) => name.length));
    return group.flatMap(([name, values, isList]) => {
      const head = `${name.padEnd(width)} =`;
      if (!isList) return [`${head} ${values[0]}`];
      if (values.length === 1) return [`${head} [${values[0]}]`];
      return [`${head} [`, ...values.map((value) => `  ${value},`), "]"];
    });
  });
}

function quoted(values: readonly string[]): readonly string[] {
  return values.map((value) => `"${value}"`);
}

/** One text for each way to fill it. */
function fill(pattern: string, names: Names): readonly string[] {
  const word = pattern.match(/[A-Z]{2,}(?:_[A-Z]+)*/g)?.find((one) => Object.hasOwn(names, one));
  if (word === undefined) return [pattern];
  const values = [names[word] ?? []].flat();
  return values.flatMap((value) => {
    const [before = "", ...after] = pattern.split(word);
    const rest = fill(after.join(word), names);
    return rest.map((text) => `${before}${value}${text}`);
  });
}

function oneOrMore(values: readonly string[]): string | readonly string[] {
  const [only = ""] = values;
  return values.length === 1 ? only : values;
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
