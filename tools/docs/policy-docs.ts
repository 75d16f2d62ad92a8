// The written forms of the table of permissions: the policies and the table of docs/iam.md, and the example's Terraform.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { partitionOf } from "../../src/aws/partitions.ts";
import { type InputSource, readInputs } from "../../src/inputs/read.ts";
import {
  readBuildInputs,
  readRegisterInputs,
  readRunTaskInputs,
} from "../../src/inputs/read-verb.ts";
import type { InputName } from "../../src/inputs/schema.ts";
import {
  type Feature,
  type FeatureName,
  featureNames,
  features,
  featuresFor,
} from "../../src/permissions/permissions.ts";
import {
  buildFeaturesFor,
  registerFeaturesFor,
  runTaskFeaturesFor,
} from "../../src/permissions/verb-features.ts";
import { policyFor, statementsFor, terraformPolicy } from "./deploy-policy.ts";

const root = resolve(import.meta.dirname, "../..");

type Texts = Readonly<Partial<Record<InputName, string>>>;

/** The default path: a service that exists. */
const example: Texts = {
  "role-to-assume": "arn:aws:iam::123456789012:role/clockko-gha-role",
  "aws-region": "us-east-1",
  "ecr-repository": "clockko-backend",
  cluster: "clockko",
  service: "clockko-backend",
};

/** What a run on the default path needs, with other inputs where `texts` has them. */
export async function neededFor(texts: Texts): Promise<readonly FeatureName[]> {
  return featuresFor(await readInputs(sourceOf(texts)));
}

function sourceOf(texts: Texts): InputSource<string> {
  const given: Readonly<Record<string, string>> = { ...example, ...texts };
  return {
    environment: {},
    get: (name) => given[name] ?? "",
    kindOf: (path) => (/Dockerfile$/.test(path) ? "file" : "folder"),
    hostExists: async () => true,
    partitionOf,
    readText: () => undefined,
  };
}

/** What the actions that deploy nothing need, as docs/verbs.md uses them. */
async function verbPolicies(): Promise<Readonly<Record<string, string>>> {
  const family = { "task-definition": "clockko-backend" };
  const image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/clockko-backend:v1";
  const register = await readRegisterInputs(sourceOf({ ...family, image }));
  return {
    "build-policy": json(policyFor(buildFeaturesFor(await readBuildInputs(sourceOf({}))))),
    "register-policy": json(policyFor(registerFeaturesFor(register))),
    "run-task-policy": json(
      policyFor(runTaskFeaturesFor(await readRunTaskInputs(sourceOf(family)))),
    ),
  };
}

const planOnly: Texts = { "terraform-directory": "infra", "dry-run": "true" };
const terraform: readonly FeatureName[] = ["terraformPlan", "terraformApply", "terraformCreate"];

/** By the names of their markers. */
export async function policySections(): Promise<Readonly<Record<string, string>>> {
  const defaults = await neededFor({});
  const more = featureNames().filter(
    (name) => !defaults.includes(name) && !terraform.includes(name),
  );
  return {
    "default-policy": json(policyFor(defaults)),
    features: featureTable(defaults),
    "more-statements": json(statementsFor(more, {}, defaults)),
    "terraform-statements": json(statementsFor(terraform, {}, defaults)),
    "plan-policy": json(policyFor(await neededFor(planOnly))),
    ...(await verbPolicies()),
  };
}

function json(value: unknown): string {
  return `\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`;
}

function featureTable(defaults: readonly FeatureName[]): string {
  const rows = featureNames().map((name) => {
    const { title, when, whenMissing: without, optional, permissions }: Feature = features[name];
    const actions = [...new Set(permissions.flatMap((row) => row.actions))].map(
      (action) => `\`${action}\``,
    );
    const shown = defaults.includes(name) ? `**${title}**` : title;
    return `| ${shown}${optional ? " (optional)" : ""} | ${when} | ${actions.join(", ")} | ${without} |`;
  });
  return `\n| feature | asked for by | actions | without them |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

/** Names as bootstrap/ knows them. */
const clockkoNames = {
  REGION: reference("var.region"),
  ACCOUNT: reference("local.account_id"),
  CLUSTER: reference("local.cluster_name"),
  SERVICE: reference("local.service_name"),
  FAMILY: reference("local.task_definition_family"),
  REPOSITORY: reference("local.ecr_repository_name"),
  LOG_GROUP: reference("local.log_group_name"),
  TASK_ROLE: reference("aws_iam_role.task.name"),
  EXECUTION_ROLE: reference("aws_iam_role.execution.name"),
  STATE_BUCKET: reference("local.state_bucket_name"),
  STATE_KEY: reference("local.service_state_key"),
};

function reference(name: string): string {
  return `\${${name}}`;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** The inputs of a job's step in the example's workflow; what an expression would say is left to its default. */
function inputsOf(job: string): Texts {
  const text = readFileSync(join(root, "examples/clockko/.github/workflows/deploy.yml"), "utf8");
  const step = (parse(text) as Workflow).jobs[job]?.steps.find(({ uses }) =>
    uses?.includes("/deploy-ecs@"),
  );
  const given = Object.entries(step?.with ?? {}).filter(
    ([, value]) => !String(value).includes("${{"),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/**
 * What the jobs of its workflow use the deploy role for, going back included. That Terraform's default tags are on the task definition,
 * and that the first apply creates, no input tells.
 */
export async function clockkoFeatures(): Promise<readonly FeatureName[]> {
  const deploy = inputsOf("deploy");
  const ways = [deploy, { ...deploy, rollback: "true" }, { ...deploy, to: "a-tag" }].map(neededFor);
  const used = new Set((await Promise.all(ways)).flat());
  return featureNames().filter(
    (name) => used.has(name) || ["tags", "taskTags", "terraformCreate"].includes(name),
  );
}

export async function clockkoPolicies(): Promise<string> {
  const deploy = await clockkoFeatures();
  const plan = await neededFor(inputsOf("plan"));
  return [
    "",
    "# What the job `deploy` of .github/workflows/deploy.yml asks for: image, migration, deployment, rollback; Terraform's own calls.",
    terraformPolicy("deploy", deploy, clockkoNames),
    "",
    "# What its job `plan` asks for: reads, and the lock of the state.",
    terraformPolicy("plan", plan, clockkoNames),
    "",
  ].join("\n");
}
