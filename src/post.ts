// The post step: finishes what main could not, because it was killed or its time was over. Safe to run twice.

import * as core from "@actions/core";
import { signIn } from "./aws/session.ts";
import { asDeployError } from "./errors.ts";
import { removeDockerConfig } from "./image/docker-config.ts";
import { type InputSurroundings, readInputs } from "./inputs/read.ts";
import { finishTerraform } from "./terraform/leftover.ts";
import type { HandOver, LeftTerraform, World } from "./world.ts";

const folderState = "docker-config";
const rollbackState = "rollback";
const cancelledState = "cancelled";
const terraformState = "terraform";

/** Called by main; the runner hands it to the post step, however main ends. */
export const leaveForPost = {
  privateFolder: (folder: string) => core.saveState(folderState, folder),
  rollbackIfKilled: (arns: readonly string[]) => core.saveState(rollbackState, arns.join("\n")),
  terraform: (left: LeftTerraform | undefined) => core.saveState(terraformState, left ? JSON.stringify(left) : ""),
  cancelled: () => core.saveState(cancelledState, "true"),
} satisfies HandOver & { cancelled: () => void };

export async function post(surroundings: InputSurroundings, world: () => World): Promise<void> {
  const folder = core.getState(folderState);
  if (folder !== "") await removeDockerConfig(folder);
  const arns = core.getState(rollbackState).split("\n").filter(Boolean);
  if (core.getState(cancelledState) === "true" && arns.length > 0) await rollBack(arns, surroundings, world());
  const left = core.getState(terraformState);
  if (left !== "") await finishTerraform(JSON.parse(left) as LeftTerraform, world());
}

/** The run was cancelled, on-cancel is rollback, and ECS had not confirmed the request when main ended. Asked twice it changes nothing. */
async function rollBack(arns: readonly string[], surroundings: InputSurroundings, world: World): Promise<void> {
  const { reporter } = world;
  try {
    const { ecs } = await signIn(await readInputs(surroundings), world);
    for (const arn of arns)
      await ecs.stopServiceDeployment(arn).then(
        () => reporter.info(`ECS was asked to roll back ${arn}.`),
        (error: unknown) => reporter.warning(notAsked(error)),
      );
  } catch (error) {
    reporter.warning(notAsked(error));
  }
}

function notAsked(error: unknown): string {
  const { message, hint } = asDeployError(error);
  return `The rollback that on-cancel asks for could not be requested: ${[message, hint].filter(Boolean).join("\n")}`;
}
