// Terraform made ready before anything is built: the binary is there, the root takes our tag, its backend and providers answer.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { DeployError } from "../errors.ts";
import type { Reporter } from "../report/reporter.ts";
import type { HandOver } from "../world.ts";
import { undeclared } from "./check.ts";
import { findTerraform, type Terraform, type TerraformInputs, type TerraformPorts } from "./cli.ts";

export interface TerraformSession {
  readonly terraform: Terraform;
  readonly directory: string;
  readonly folder: string;
  /** Removes plans and logs. A Terraform that is still at work needs them: then that is the post step's. */
  readonly close: () => Promise<void>;
}

export interface OpenPorts extends Omit<TerraformPorts, "folder"> {
  readonly temporaryFolder: string;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly handOver: Pick<HandOver, "terraform">;
}

/** @throws DeployError `TerraformMissing`, `TerraformVariableIgnored`, `TerraformFailed` */
export async function openTerraform(inputs: TerraformInputs, ports: OpenPorts): Promise<TerraformSession> {
  const { terraformDirectory: directory, terraformImageVariable: variable } = inputs;
  const folder = await mkdtemp(join(ports.temporaryFolder, "deploy-ecs-terraform-"));
  ports.handOver.terraform({ folder, directory });
  const close = async () => {
    if (ports.signal.aborted) return;
    await rm(folder, { recursive: true, force: true });
    ports.handOver.terraform(undefined);
  };
  try {
    const terraform = await findTerraform(inputs, { ...ports, folder }, ports.reporter);
    if (!(await terraform.declares(variable))) throw new DeployError(undeclared(variable, directory));
    await terraform.init();
    return { terraform, directory, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}
