// The render steps of a deployment → our inputs for the task definition, PURE.

import { carryInputs, merge, type ReportLine } from "./carry.ts";
import type { Deployment } from "./facts.ts";
import { renderAction } from "./job-facts.ts";
import { setPatch } from "./joined-inputs.ts";
import type { Scope } from "./scope.ts";
import type { Step } from "./source.ts";

export interface DefinitionInputs {
  readonly inputs: ReadonlyMap<string, string>;
  readonly containers: readonly string[];
  readonly remarks: readonly string[];
  /** Why the deployment stays. */
  readonly obstacle: string | undefined;
  readonly report: readonly ReportLine[];
}

const lists = ["environment-variables", "secrets"] as const;

export function definitionInputs({ definition, step }: Deployment, scope: Scope): DefinitionInputs {
  const inputs = new Map<string, string>();
  const patch: Record<string, unknown> = {};
  const remarks: string[] = [];
  const report: ReportLine[] = [];
  let obstacle: string | undefined;
  for (const render of definition.renders) {
    const textOf = (value: string) => scope.atJob(value, render);
    const carried = carryInputs(render, renderAction, textOf);
    report.push(...carried.report);
    remarks.push(...carried.remarks);
    merge(patch, carried.definitionPatch);
    obstacle ??= carried.stays[0] ?? containerPatch(render, carried.containerPatch, patch, textOf);
    if (step.fields.get("if") === undefined && render.fields.has("if"))
      remarks.push(`The task definition was changed only if \`${render.fields.get("if")}\`.`);
  }
  for (const list of lists) {
    const values = definition.renders.map((render) => givenText(render, list, scope));
    const given = new Set(values.filter((value) => value !== undefined));
    if (given.size > 1 || (given.size === 1 && values.includes(undefined)))
      obstacle ??= `\`${list}\` differs by container`;
    const [only] = given;
    if (only !== undefined) inputs.set(list, only);
  }
  setPatch(inputs, "task-definition-patch", patch);
  const containers = [...new Set(definition.images.flatMap((image) => image.containers))];
  return { inputs, containers, remarks, obstacle, report };
}

/** Puts what a render step changes in its container below its name. */
function containerPatch(
  render: Step,
  members: Readonly<Record<string, unknown>>,
  patch: Record<string, unknown>,
  textOf: (value: string) => string,
): string | undefined {
  if (Object.keys(members).length === 0) return undefined;
  const name = textOf(render.with.get("container-name") ?? "").trim();
  if (name === "") return "it names no container";
  for (const each of name.split(/[\s,]+(?![^{]*\}\})/).filter(Boolean))
    merge(patch, { containerDefinitions: { [each]: members } });
  return undefined;
}

function givenText(render: Step, name: string, scope: Scope): string | undefined {
  const given = render.with.get(name);
  if (given === undefined || given.trim() === "") return undefined;
  return scope.atJob(given, render).trimEnd();
}

/** Whether two deployments differ in nothing but service and file. */
export function isSameDefinition(a: DefinitionInputs, b: DefinitionInputs): boolean {
  const text = ({ inputs }: DefinitionInputs) => JSON.stringify([...inputs]);
  return text(a) === text(b);
}
