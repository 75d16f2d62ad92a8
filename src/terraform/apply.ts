// One apply from its start to its end, told as it goes.

import type { Reporter } from "../reporter/reporter.ts";
import type { PlannedRun, Terraform } from "./cli.ts";
import { type SupervisedProcess, type SupervisePorts, supervise } from "./supervise.ts";

export interface ApplyPorts extends SupervisePorts {
  readonly terraform: Terraform;
  readonly reporter: Pick<Reporter, "info">;
}

export async function startApply(plan: PlannedRun, ports: ApplyPorts): Promise<SupervisedProcess> {
  ports.signal.throwIfAborted();
  const child = await ports.terraform.apply(plan, (line) => {
    if (line.trim() !== "") ports.reporter.info(line);
  });
  return supervise(child, "apply", ports);
}
