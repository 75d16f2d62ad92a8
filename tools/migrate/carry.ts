// The inputs of one step of the chain → what the table says about each of them, PURE.

import type { Step } from "./source.ts";
import type { Patch } from "./table/row.ts";
import { type ChainAction, rowOf } from "./table/table.ts";

export interface ReportLine {
  readonly step: Step;
  readonly input: string;
  readonly text: string;
}

export interface Carried {
  readonly inputs: Map<string, string>;
  readonly env: Map<string, string>;
  /** Members of the task definition itself, and of the container that the step names. */
  readonly definitionPatch: Record<string, unknown>;
  readonly containerPatch: Record<string, unknown>;
  readonly servicePatch: Record<string, unknown>;
  /** Why the step stays. */
  readonly stays: string[];
  /** What a comment must say. */
  readonly remarks: string[];
  readonly report: ReportLine[];
}

/** @param textOf the value, as it must be written where our step stands */
export function carryInputs(
  step: Step,
  action: ChainAction,
  textOf: (value: string) => string,
): Carried {
  const carried: Carried = {
    inputs: new Map(),
    env: new Map(),
    definitionPatch: {},
    containerPatch: {},
    servicePatch: {},
    stays: [],
    remarks: [],
    report: [],
  };
  for (const [input, given] of step.with) {
    if (given.trim() === "") continue;
    const text = carryOne(carried, action, input, textOf(given).trim());
    carried.report.push({ step, input, text });
  }
  return carried;
}

/** What the report says about the input. */
function carryOne(carried: Carried, action: ChainAction, input: string, value: string): string {
  const row = rowOf(action, input);
  if (!row) {
    carried.stays.push(`\`${input}\` is no input that ${action} has today`);
    return "unknown input";
  }
  const { treatment, note } = row;
  const missing = (): string => {
    carried.remarks.push(`\`${input}: ${shortened(value)}\` is not carried over. ${note}`);
    return `comment: ${note}`;
  };
  const patch = (target: Record<string, unknown>, members: Patch | undefined, to: string) => {
    if (!members) return missing();
    merge(target, members);
    return `→ ${to}`;
  };
  switch (treatment.kind) {
    case "input": {
      const text = treatment.convert ? treatment.convert(value) : value;
      if (text === undefined) {
        carried.stays.push(`\`${input}: ${shortened(value)}\`: ${note}`);
        return `stays: ${note}`;
      }
      const before = carried.inputs.get(treatment.to);
      carried.inputs.set(treatment.to, before === undefined ? text : `${before}\n${text}`);
      return `→ ${treatment.to}`;
    }
    case "environment":
      carried.env.set(treatment.to, value);
      return `→ env ${treatment.to}`;
    case "joined":
      return `→ ${treatment.to.join(", ")}`;
    case "task-definition-patch":
      return patch(
        treatment.inContainer ? carried.containerPatch : carried.definitionPatch,
        treatment.patch(value),
        "task-definition-patch",
      );
    case "service-patch":
      return patch(carried.servicePatch, treatment.patch(value), "service-patch");
    case "automatic":
      return `not needed: ${note}`;
    case "stays":
      if (treatment.unless?.includes(value)) return "not needed: it is the default";
      carried.stays.push(`\`${input}\`: ${note}`);
      return `stays: ${note}`;
    case "comment":
      if (treatment.unless?.includes(value)) return "not needed: it is the default";
      return missing();
  }
}

/** Adds members; objects are merged, everything else is replaced. */
export function merge(target: Record<string, unknown>, members: Patch): void {
  for (const [name, value] of Object.entries(members)) {
    const before = target[name];
    if (isObject(before) && isObject(value)) merge(before, value);
    else target[name] = isObject(value) ? { ...value } : value;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One line, for a comment. */
function shortened(value: string): string {
  const [first = "", ...more] = value.split("\n");
  const line = first.length > 60 ? `${first.slice(0, 60)}…` : first;
  return more.length > 0 ? `${line} …` : line;
}
