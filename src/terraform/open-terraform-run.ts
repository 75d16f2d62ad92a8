// Most deployments are without Terraform: the rest of this room is imported on demand.

import type { AwsSession } from "../aws/session.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { RunPhase } from "../run/phases.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TerraformRun } from "./terraform-run.ts";

export type { TerraformRun };

/** @returns undefined: this run is without Terraform */
export async function openTerraformRun(
  requested: Inputs,
  { aws }: { readonly aws: AwsSession },
  runtime: Runtime,
  runState: RunState,
  phase: RunPhase,
): Promise<TerraformRun | undefined> {
  const { terraformDirectory } = requested;
  if (terraformDirectory === undefined) return undefined;
  const { prepareTerraform } = await import("./terraform-run.ts");
  return prepareTerraform({ ...requested, terraformDirectory }, aws, runtime, runState, phase);
}
