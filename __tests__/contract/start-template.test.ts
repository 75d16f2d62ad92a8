// examples/start: what AWS's own linter says of the template, its deploy role held to the table of permissions, its workflow.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  type Feature,
  type FeatureName,
  features,
  resourcePatterns,
} from "../../src/permissions/permissions.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { readText } from "./source.ts";

const template = readText("examples/start/template.yaml");
const linter = pythonPackages("linter");
if (!linter && env["CI"] === "true") throw new Error("cfn-lint is not installed");

describe.skipIf(!linter)("by cfn-lint (needs Python with pip)", () => {
  test("the template has no finding, in any of three partitions", async () => {
    expect(await lint(template)).toEqual([]);
  });

  test("planted mistakes are found", async () => {
    const mistakes = [
      ["ScanOnPush:", "ScanOnPus:", "E3002"],
      ["!GetAtt DeployRole.Arn", "!GetAtt DeployRol.Arn", "E6101"],
      ["!Ref ServiceName", "!Ref Service", "E1020"],
      ["MaxSessionDuration: 3600", "MaxSessionDuration: 36", "E3034"],
    ] as const;
    for (const [from] of mistakes) expect(template).toContain(from);
    const wrong = mistakes.reduce((text, [from, to]) => text.replace(from, to), template);
    expect(await lint(wrong)).toEqual(expect.arrayContaining(mistakes.map(([, , rule]) => rule)));
  });
});

/** The rules that the template breaks. */
async function lint(text: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "template-"));
  const file = join(folder, "template.yaml");
  writeFileSync(file, text);
  const regions = ["us-east-1", "us-gov-west-1", "cn-north-1"];
  const program = "import sys; from cfnlint.runner import main; sys.exit(main())";
  const args = ["-c", program, "--format", "json", "--regions", ...regions, "--", file];
  const answer = await promisify(execFile)("python3", args, {
    env: { ...env, PYTHONPATH: linter },
  }).catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  rmSync(folder, { recursive: true });
  const findings: readonly { readonly Rule: { readonly Id: string } }[] = JSON.parse(answer.stdout);
  return findings.map(({ Rule }) => Rule.Id);
}

/** What a first deployment and every later one of the workflow do. */
const usedFeatures: readonly FeatureName[] = [
  ...(["service", "repository", "push", "platformCheck", "imageOrigin", "latestTag"] as const),
  ...(["taskDefinition", "tags", "update", "verdict", "preflight", "diagnosis"] as const),
  ...(["express", "expressCreate", "expressFirst"] as const),
];

/** What stands in the template for the words of the table. */
const words: Readonly<Record<string, readonly string[]>> = {
  PARTITION: [reference("AWS::Partition")],
  REGION: [reference("AWS::Region")],
  ACCOUNT: [reference("AWS::AccountId")],
  INFRASTRUCTURE_ROLE: [reference("InfrastructureRole")],
  EXECUTION_ROLE: [reference("ExecutionRole")],
  TASK_ROLE: [], // it has none
  LOG_GROUP: [`/aws/ecs/default/${reference("ServiceName")}-*`],
  REPOSITORY: [reference("ServiceName")],
  CLUSTER: ["default"],
  SERVICE: [reference("ServiceName")],
  FAMILY: [`default-${reference("ServiceName")}`, `default-${reference("ServiceName")}-*`],
};

function reference(name: string): string {
  return `\${${name}}`;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe("the policy of its deploy role", () => {
  const expected = new Set(usedFeatures.flatMap((name) => grantsOf(features[name])));

  test("allows what the table lists for the workflow, and nothing else", () => {
    expect(expected.size).toBeGreaterThan(30);
    expect([...grantsIn(template)].toSorted()).toEqual([...expected].toSorted());
  });

  test.each([
    ["a missing action", "- ecr:PutImage\n", "- ecr:BatchGetImage\n"],
    ["an action too many", "Action: ecs:UpdateService", "Action: [ecs:UpdateService, ecs:RunTask]"],
    ["a wider resource", ":cluster/default\n", ":cluster/*\n"],
    ["another condition", "PassedToService: ecs.", "PassedToService: ec2."],
    ["a denial", "Sid: Update\n                Effect: Allow", "Effect: Deny"],
  ])("%s is found", (_what, from, to) => {
    expect(template).toContain(from);
    const wrong = grantsIn(template.replace(from, to));
    expect([...wrong].toSorted()).not.toEqual([...expected].toSorted());
  });
});

/** One line for each action on each resource. */
function grantsOf({ permissions }: Feature): readonly string[] {
  return permissions.flatMap(({ actions, resources, condition }) => {
    const conditions = condition
      ? { [condition.test]: { [condition.key]: condition.values.flatMap(filled) } }
      : {};
    const targets = resources.flatMap((name) => filled(resourcePatterns[name]));
    return actions.flatMap((action) =>
      targets.map((target) => grant("Allow", action, target, conditions)),
    );
  });
}

function grantsIn(text: string): ReadonlySet<string> {
  const role = readTemplate(text).Resources["DeployRole"];
  const policies: readonly { readonly PolicyDocument: { readonly Statement: Statement[] } }[] =
    role?.Properties["Policies"];
  const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return new Set(
    statements.flatMap(({ Effect, Action, Resource, Condition = {} }) =>
      [Action]
        .flat()
        .flatMap((action) =>
          [Resource].flat().map((resource) => grant(Effect, action, resource, listed(Condition))),
        ),
    ),
  );
}

function grant(effect: string, action: string, resource: string, conditions: object): string {
  return [effect, action, resource, JSON.stringify(conditions)].join(" ");
}

/** Every value as a list, as the table has it. */
function listed(conditions: NonNullable<Statement["Condition"]>): object {
  const lists = Object.entries(conditions).map(([name, keys]) => [
    name,
    Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, [value].flat()])),
  ]);
  return Object.fromEntries(lists);
}

function filled(pattern: string): readonly string[] {
  return Object.entries(words).reduce<readonly string[]>(
    (texts, [word, values]) =>
      texts.flatMap((text) => {
        const parts = text.split(new RegExp(`\\b${word}\\b(?!_)`));
        return parts.length === 1 ? text : values.map((value) => parts.join(value));
      }),
    [pattern],
  );
}

describe("its workflow", () => {
  const workflow = readText("examples/start/.github/workflows/deploy.yml");

  test("is the output `Workflow`, with names of an account", () => {
    const names: Readonly<Record<string, string>> = {
      GitHubBranch: "main",
      "AWS::Region": "us-east-1",
      "DeployRole.Arn": "arn:aws:iam::123456789012:role/hello-deploy",
      "InfrastructureRole.Arn": "arn:aws:iam::123456789012:role/hello-infrastructure",
      "ExecutionRole.Arn": "arn:aws:iam::123456789012:role/hello-execution",
      Repository: "hello",
      ServiceName: "hello",
      ContainerPort: "8080",
    };
    const output = String(readTemplate(template).Outputs["Workflow"]?.Value);
    const text = output.replace(/\$\{([\w:.]+)\}/g, (_, name: string) => names[name] ?? name);
    expect(text).toBe(workflow);
  });

  test("deploys in seven lines and one document, whose texts are texts", () => {
    const { steps } = parse(workflow).jobs.deploy;
    const { with: inputs } = steps.at(-1);
    expect(Object.keys(inputs)).toHaveLength(5);
    expect(parse(inputs.express)).toEqual({
      infrastructureRoleArn: expect.stringMatching(/^arn:aws:iam::/),
      executionRoleArn: expect.stringMatching(/^arn:aws:iam::/),
      containerPort: 8080,
      healthCheckPath: "/",
      cpu: "256",
      memory: "512",
    });
  });

  test("asks for the port on which the example listens", () => {
    expect(readText("examples/start/Dockerfile")).toContain('"-p", "8080"');
  });
});

interface Template {
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties
  readonly Resources: Readonly<Record<string, { readonly Properties: any }>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** The template with the arguments of its functions in place of the functions. */
function readTemplate(text: string): Template {
  const names = ["Sub", "Ref", "GetAtt", "If", "Equals", "Not", "Select", "Split"];
  const tags = names.flatMap((name) => [
    { tag: `!${name}`, resolve: (argument: string) => argument },
    { tag: `!${name}`, collection: "seq" as const },
  ]);
  return parse(text, { customTags: tags });
}
