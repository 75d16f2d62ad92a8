// The workflows of __tests__/migrate-samples, and what our steps in a workflow must be like.

import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { InputSpec } from "../../../src/inputs/input-spec.ts";
import { InputProblem } from "../../../src/inputs/parsers.ts";
import { inputSpecs } from "../../../src/inputs/schema.ts";
import { outputSpecs } from "../../../src/reporter/outputs.ts";

export const root = join(import.meta.dirname, "../../..");
const folder = join(root, "__tests__/migrate-samples");

export interface Sample {
  readonly name: string;
  readonly text: string;
}

export function samplesIn(kind: "projects" | "kinds"): readonly Sample[] {
  return readdirSync(join(folder, kind))
    .sort()
    .map((file) => ({
      name: `${kind}/${file}`,
      text: readFileSync(join(folder, kind, file), "utf8"),
    }));
}

export const samples = [...samplesIn("projects"), ...samplesIn("kinds")];

/** Where the expected result of a sample is. */
export function expectedPath({ name }: Sample): string {
  return join(folder, "expected", name);
}

export interface StepOfOurs {
  readonly id?: string;
  readonly uses: string;
  readonly with: Readonly<Record<string, unknown>>;
}

export interface AnyStep {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export function stepsIn(text: string): readonly AnyStep[] {
  const document: { readonly jobs?: object; readonly runs?: object } = parse(text);
  const jobs: readonly { readonly steps?: readonly AnyStep[] }[] = Object.values(
    document.jobs ?? { runs: document.runs },
  );
  return jobs.flatMap(({ steps = [] }) => steps);
}

export function oursIn(text: string): readonly StepOfOurs[] {
  return stepsIn(text).filter((step): step is StepOfOurs =>
    /\/deploy-ecs[@/]/.test(step.uses ?? ""),
  );
}

/** Inputs of the verbs as their action.yml has them. The verbs below may not be there yet. */
const coming: Readonly<Record<string, readonly string[]>> = {
  build: Object.entries<InputSpec<unknown>>(inputSpecs).flatMap(([name, { group }]) =>
    /^(Credentials|Image|Build)$/.test(group) ? name : [],
  ),
  "run-task": [
    ...["role-to-assume", "aws-region", "image", "task-definition", "container-name", "cluster"],
    ...["command", "subnets", "security-groups", "assign-public-ip", "launch-type"],
    ...["capacity-provider-strategy", "wait-for-minutes", "environment-variables"],
  ],
  register: [
    ...["role-to-assume", "aws-region", "image", "task-definition", "container-name"],
    ...["environment-variables", "secrets", "task-definition-patch"],
  ],
};

/** What is wrong with a step of ours; expressions are not judged. */
export function problemsOf({ uses, with: given }: StepOfOurs): readonly string[] {
  const verb = uses.match(/deploy-ecs\/([\w-]+)@/)?.[1] ?? "deploy";
  const known = inputsOf(verb);
  const names = Object.keys(given);
  const unknown = names.filter((name) => !known.includes(name));
  const isBuilt = "ecr-repository" in given || "image" in given || verb === "register";
  const missing = ["aws-region", ...(verb === "deploy" ? ["cluster", "service"] : [])].filter(
    (name) => !(name in given),
  );
  return [
    ...unknown.map((name) => `${verb} has no input ${name}`),
    ...missing.map((name) => `${verb} lacks ${name}`),
    ...(isBuilt ? [] : [`${verb} has no image`]),
    ...names.flatMap((name) => valueProblem(name, String(given[name]))),
  ];
}

function inputsOf(verb: string): readonly string[] {
  if (verb === "deploy") return Object.keys(inputSpecs);
  const [file] = globSync(`${verb}/action.yml`, { cwd: root });
  if (file === undefined) return coming[verb] ?? [];
  const { inputs }: { readonly inputs: object } = parse(readFileSync(join(root, file), "utf8"));
  return Object.keys(inputs);
}

function valueProblem(name: string, value: string): readonly string[] {
  const spec: InputSpec<unknown> | undefined = Object.hasOwn(inputSpecs, name)
    ? inputSpecs[name as keyof typeof inputSpecs]
    : undefined;
  if (!spec || value.includes("${{")) return [];
  try {
    spec.parse(value.trim());
    return [];
  } catch (error) {
    if (!(error instanceof InputProblem)) throw error;
    return [`${name}: ${error.message}`];
  }
}

/** `steps.ID.outputs.NAME` of our steps that are no outputs of the action. */
export function unknownOutputsIn(text: string): readonly string[] {
  const ids = new Set(oursIn(text).map(({ id }) => id));
  return [...text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(
    ([reference, id = "", name = ""]) =>
      !ids.has(id) || Object.hasOwn(outputSpecs, name) ? [] : [reference],
  );
}
