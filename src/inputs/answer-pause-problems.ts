// Inputs that have no meaning with answer-pause, PURE: they would be ignored in silence.

import type { InputSpec } from "./input-spec.ts";

const groupsInUse: ReadonlySet<InputSpec<unknown>["group"]> = new Set(["Credentials", "Rollout"]);
const inputsInUse: ReadonlySet<string> = new Set(["cluster", "service", "dry-run"]);

/**
 * At most one problem, with the names of all these inputs.
 * @param textOf the text of an input; one that equals its default counts as not given
 */
export function answerPauseProblems(
  answer: unknown,
  table: Readonly<Record<string, InputSpec<unknown>>>,
  textOf: (name: string) => string,
): readonly string[] {
  if (answer === undefined) return [];
  const unused = Object.entries(table)
    .filter(([name, { group }]) => !groupsInUse.has(group) && !inputsInUse.has(name))
    .filter(([name, spec]) => !["", spec.default ?? ""].includes(textOf(name).trim()))
    .map(([name]) => name);
  if (unused.length === 0) return [];
  return [
    `answer-pause: answers a deployment that waits already, and builds, registers and updates ` +
      `nothing. Remove from this step: ${unused.join(", ")}`,
  ];
}
