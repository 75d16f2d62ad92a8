// How the demo runs a step and what it prints of it.

import { rm } from "node:fs/promises";
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
