// Whether a converted text is what it should be: it parses, and what was to stay has stayed. PURE.

import type { JobPlan } from "./plan.ts";
import type { Settlement } from "./settle.ts";
import { NotAWorkflow, readSource, type Source, type Step } from "./source.ts";

interface Planned {
  readonly settlement: Settlement;
  readonly plan: JobPlan;
}

/** What is wrong, one line each. */
export function differences(
  before: Source,
  converted: string,
  planned: readonly Planned[],
): readonly string[] {
  const after = parsed(converted);
  if (typeof after === "string") return [after];
  if (before.jobs.length !== after.jobs.length) return ["the result has other jobs"];
  return planned.flatMap(({ settlement: { scope }, plan }) => {
    const place = before.jobs.indexOf(scope.job);
    const job = after.jobs[place];
    if (!job) return ["the result has other jobs"];
    const kept = scope.job.steps.filter((step) => !plan.removed.has(step));
    const ours = job.steps.filter(({ action }) => action?.startsWith("owner/deploy-ecs"));
    const had = scope.job.steps.filter(({ action }) => action?.startsWith("owner/deploy-ecs"));
    const others = job.steps.filter((step) => !isAdded(step, scope.job.steps));
    const problems: string[] = [];
    if (ours.length !== plan.newSteps.length + had.length)
      problems.push("the result has not the steps of ours that it should have");
    if (others.map(keyOf).join("\n") !== kept.map(keyOf).join("\n"))
      problems.push("a step that should stay is missing or changed");
    return [...problems, ...danglingIn(converted, job.steps, scope.job.steps)];
  });
}

function parsed(text: string): Source | string {
  try {
    return readSource(text);
  } catch (error) {
    if (error instanceof NotAWorkflow) return `the result ${error.message}`;
    throw error;
  }
}

/** A step of ours, or a checkout for it. */
function isAdded({ action }: Step, before: readonly Step[]): boolean {
  if (action?.startsWith("owner/deploy-ecs")) return !before.some((step) => step.action === action);
  return action === "actions/checkout" && !before.some((step) => step.action === action);
}

function keyOf({ action, name, run }: Step): string {
  return JSON.stringify([action, name, run === undefined]);
}

/** Outputs of steps that are no more, and were there before. */
function danglingIn(text: string, steps: readonly Step[], before: readonly Step[]): string[] {
  const ids = new Set(steps.map(({ id }) => id));
  const gone = before.flatMap(({ id }) => (id === undefined || ids.has(id) ? [] : [id]));
  const read = gone.filter((id) =>
    steps.some((step) =>
      JSON.stringify([...step.fields, ...step.with, ...step.env]).includes(`steps.${id}.`),
    ),
  );
  return read
    .map((id) => `the result still reads steps.${id}, which is replaced`)
    .concat(text === "" ? ["the result is empty"] : []);
}
