// One apply from its start to its end, told as it goes.

import type { Reporter } from "../reporter/reporter.ts";
import type { PlannedRun, Terraform } from "./cli.ts";
import { type Attended, type AttendPorts, attend } from "./supervise.ts";

export interface ApplyPorts extends AttendPorts {
  readonly terraform: Terraform;
  readonly reporter: Pick<Reporter, "info">;
}

export async function beginApply(plan: PlannedRun, ports: ApplyPorts): Promise<Attended> {
  ports.signal.throwIfAborted();
  const child = await ports.terraform.apply(plan, (line) => {
    if (line.trim() !== "") ports.reporter.info(line);
  });
  return attend(child, "apply", ports);
}
