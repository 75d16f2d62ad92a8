// The post step: finishes what main did not, because it was killed or ran out of time, and reports
// what is still in progress. Safe to run twice. It runs in every job, and mostly has nothing to do:
// what only a killed main leaves is imported on demand.

import { tmpdir } from "node:os";
import type { FinishRuntime } from "./deployment/finish-rollouts.ts";
import { asDeployError } from "./errors.ts";
import { removeDockerConfig } from "./image/docker-config.ts";
import { readPostState } from "./runtime/post-state.ts";

/** Never rejects, and never fails the step: what it cannot do is reported. */
export async function post(runtime: FinishRuntime): Promise<void> {
  const { environment, reporter } = runtime;
  const state = readPostState(environment, environment.RUNNER_TEMP || tmpdir());
  const unreadable = state.unreadable.map((name) => `STATE_${name}`).join(", ");
  if (state.main === "none") {
    const why =
      unreadable === ""
        ? "has left no state"
        : `has left no state that can be read (${unreadable})`;
    reporter.info(`The main step ${why}, so the post step does nothing.`);
    return;
  }
  if (unreadable !== "")
    reporter.info(`Left alone, for this version of deploy-ecs has not written it: ${unreadable}.`);
  const { privateFolder, terraform } = state;
  if (privateFolder !== undefined)
    await tryTo(`remove ${privateFolder}`, () => removeDockerConfig(privateFolder), reporter);
  if (state.main === "begun" || state.rollouts.length > 0)
    await tryTo(
      "see to what the main step has left in ECS",
      async () => {
        const { finishRollouts } = await import("./deployment/finish-rollouts.ts");
        await finishRollouts(state, runtime);
      },
      reporter,
    );
  if (terraform)
    await tryTo(
      "finish Terraform",
      async () => {
        const { finishTerraform } = await import("./terraform/post-step.ts");
        await finishTerraform(terraform, runtime);
      },
      reporter,
    );
}

async function tryTo(
  what: string,
  work: () => Promise<void>,
  reporter: FinishRuntime["reporter"],
): Promise<void> {
  try {
    await work();
  } catch (error) {
    reporter.warning(`The post step could not ${what}: ${asDeployError(error).message}`);
  }
}
