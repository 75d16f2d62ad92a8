// `run-task` of the official deploy action → a command before the deployment, or the verb run-task.
// PURE.

import type { Deployment } from "./facts.ts";
import type { Scope } from "./scope.ts";

export type TaskRun =
  | { readonly command: string; readonly container: string | undefined }
  | { readonly obstacle: string };

/** The one command of `run-task-container-overrides`. */
export function taskRunOf({ step }: Deployment, scope: Scope): TaskRun {
  const given = scope.atJob(step.with.get("run-task-container-overrides") ?? "", step).trim();
  if (given === "") return { obstacle: "`run-task` without a command runs the task's own one" };
  const parsed = parse(given);
  const [only, ...more] = Array.isArray(parsed) ? parsed : [];
  if (typeof only !== "object" || only === null || more.length > 0)
    return { obstacle: "`run-task-container-overrides` is not the command of one container" };
  const { name, command, ...others } = only as Readonly<Record<string, unknown>>;
  if (!Array.isArray(command) || Object.keys(others).length > 0)
    return { obstacle: "`run-task-container-overrides` changes more than a command" };
  return {
    command: `[${command.map((word) => JSON.stringify(word)).join(", ")}]`,
    container: typeof name === "string" ? name : undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Inputs of the official action, and those of the verb run-task that take them. */
export const networkInputs = [
  ["run-task-subnets", "subnets"],
  ["run-task-security-groups", "security-groups"],
  ["run-task-assign-public-IP", "assign-public-ip"],
  ["run-task-launch-type", "launch-type"],
  ["run-task-capacity-provider-strategy", "capacity-provider-strategy"],
] as const;

/** Whether a remark is about an input that the verb run-task has. */
export function isNetworkRemark(text: string): boolean {
  return networkInputs.some(([theirs]) => text.startsWith(`\`${theirs}: `));
}

/** What the verb run-task takes of the step, besides image and task definition. */
export function taskRunInputs({ step }: Deployment, scope: Scope): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>();
  for (const [theirs, ours] of networkInputs) {
    const value = step.with.get(theirs)?.trim();
    if (value) inputs.set(ours, scope.atJob(value, step));
  }
  // A launch type and a strategy exclude each other; the official action ignores the type then.
  if (inputs.has("capacity-provider-strategy")) inputs.delete("launch-type");
  return inputs;
}
