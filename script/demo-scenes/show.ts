// How the demo runs a step and what it prints of it, and what it checks afterwards.

import { rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { runStep, type Step, type StepResult } from "../../__tests__/rig/actions-runner.ts";

/** Deploys with dist/index.js as a runner would, and shows what a user sees. */
export async function play(step: Omit<Step, "onLine">): Promise<StepResult> {
  const result = await runStep({
    ...step,
    environment: { ...step.environment, ...docker() },
    onLine: (line) => console.log(`  │ ${line.replaceAll("\n", "\n  │ ")}`),
  });
  await rm(result.folder, { recursive: true });
  console.log(
    `\nThe step ended with exit code ${result.exitCode} (post step: ${result.postExitCode}).`,
  );
  return result;
}

/** Where the Docker engine is: a runner's job would have it in its environment, too. */
function docker(): Record<string, string> {
  const host = process.env["DOCKER_HOST"];
  return host === undefined ? {} : { DOCKER_HOST: host };
}

export interface Check {
  readonly what: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

/** Prints each on a line of its own; answers whether all are right. */
export function showChecks(checks: readonly Check[]): boolean {
  for (const check of checks) console.log(asLine(check));
  return checks.every(isRight);
}

/** The outcomes on lines of their own, and whether all went as it should; answers the exit status. */
export function showVerdict(outcomes: readonly string[], allRight: boolean): number {
  console.log(`\n${outcomes.join("\n")}`);
  console.log(
    allRight
      ? "All went as it should."
      : "Not all went as it should: see the lines that begin with WRONG.",
  );
  return allRight ? 0 : 1;
}

function isRight({ wanted, found }: Check): boolean {
  return isDeepStrictEqual(found, wanted);
}

function asLine(check: Check): string {
  const found = `${check.what}: ${JSON.stringify(check.found)}`;
  return isRight(check)
    ? `  right  ${found}`
    : `  WRONG  ${found}, not ${JSON.stringify(check.wanted)}`;
}
