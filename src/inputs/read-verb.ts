// The inputs of each verb: which rows of the tables it has.

import type { InputSpec } from "./input-spec.ts";
import { type PreviewInputs, previewInputs } from "./preview-inputs.ts";
import { type InputSource, readTable, type StepNeeds } from "./read.ts";
import { type RegisterInputs, registerInputs } from "./register-inputs.ts";
import { type RehearseInputs, rehearseInputs } from "./rehearse-inputs.ts";
import { type RunTaskInputs, runTaskInputs, taskPlaceProblems } from "./run-task-inputs.ts";
import { type Inputs, inputSpecs } from "./schema.ts";
import type { Verb } from "./verbs.ts";

type Table = Readonly<Record<string, InputSpec<unknown>>>;

/** Rows of one verb alone; they replace shared ones of the same name. */
const ownRows: Readonly<Partial<Record<Verb, Table>>> = {
  preview: previewInputs,
  register: registerInputs,
  "run-task": runTaskInputs,
  rehearse: rehearseInputs,
};

function tableFor(verb: Verb): Table {
  return { ...inputSpecs, ...ownRows[verb] };
}

/** The rows that the verb has, in the order of its documentation. */
export function inputsOf(verb: Verb): readonly (readonly [string, InputSpec<unknown>])[] {
  return Object.entries(tableFor(verb)).filter(([, spec]) => spec.verbs.includes(verb));
}

/** The text of an input; "" if the verb does not have it, also if a workflow gives it. */
function textsOf(verb: Verb, source: InputSource<string>): InputSource<string>["get"] {
  const table = tableFor(verb);
  return (name) => {
    if (table[name]?.verbs.includes(verb)) return source.get(name);
    return "";
  };
}

/** Rows that the verb does not have get their defaults. */
async function readVerb(
  verb: Verb,
  source: InputSource<string>,
  needs: StepNeeds,
): Promise<Inputs> {
  return await readTable(tableFor(verb), { ...source, get: textsOf(verb, source) }, needs);
}

/**
 * @param closes the event closes a pull request: a deletion needs neither a checkout nor an image
 * @throws DeployError `InvalidInput` with one line for each mistake
 */
export async function readPreviewInputs(
  source: InputSource<string>,
  closes = false,
): Promise<PreviewInputs> {
  const isDeletion = textsOf("preview", source)("preview-delete").trim() === "true";
  const needs = { image: !closes && !isDeletion, target: "services" } as const;
  return (await readVerb("preview", source, needs)) as PreviewInputs;
}

/** @throws DeployError `InvalidInput` with one line for each mistake */
export async function readBuildInputs(source: InputSource<string>): Promise<Inputs> {
  return await readVerb("build", source, { image: true, target: "none" });
}

/** @throws DeployError `InvalidInput` with one line for each mistake */
export async function readRegisterInputs(source: InputSource<string>): Promise<RegisterInputs> {
  return (await readVerb("register", source, { image: false, target: "none" })) as RegisterInputs;
}

/** @throws DeployError `InvalidInput` with one line for each mistake */
export async function readRunTaskInputs(source: InputSource<string>): Promise<RunTaskInputs> {
  const needs = { image: false, target: "cluster", problemsOf: taskPlaceProblems } as const;
  return (await readVerb("run-task", source, needs)) as unknown as RunTaskInputs;
}

/** @throws DeployError `InvalidInput` with one line for each mistake */
export async function readRehearseInputs(source: InputSource<string>): Promise<RehearseInputs> {
  // No name is resolved: a region that the SDK does not list is taken as it is.
  const offline = { ...source, hostExists: async () => undefined };
  const needs = { image: true, target: "none" } as const;
  return (await readVerb("rehearse", offline, needs)) as unknown as RehearseInputs;
}
