// One apply from its start to its end: never cut short, and what is left of it is known to the post step.

import type { ProcessResult } from "../process.ts";
import type { Reporter } from "../report/reporter.ts";
import type { HandOver } from "../world.ts";
import type { PlannedRun, Terraform } from "./cli.ts";

export interface ApplyPorts {
  readonly terraform: Terraform;
  readonly directory: string;
  readonly folder: string;
  readonly handOver: Pick<HandOver, "terraform">;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

export interface Apply {
  /** Rejects when the run is cancelled: Terraform then ends by itself, and the post step waits for it. */
  readonly ended: Promise<ProcessResult>;
  readonly isOver: () => boolean;
  /** The run was cancelled before Terraform was through. */
  readonly isInterrupted: () => boolean;
}

export async function beginApply(plan: PlannedRun, ports: ApplyPorts): Promise<Apply> {
  const { terraform, directory, folder, handOver, signal, reporter } = ports;
  signal.throwIfAborted();
  const child = await terraform.apply(plan, (line) => {
    if (line.trim() !== "") reporter.info(line);
  });
  if (child.pid !== undefined) handOver.terraform({ folder, directory, pid: child.pid });
  let [over, interrupted] = [false, false];
  const ended = new Promise<ProcessResult>((resolve, reject) => {
    const cancel = () => {
      child.interrupt();
      interrupted = true;
      reject(signal.reason);
    };
    signal.addEventListener("abort", cancel, { once: true });
    child.ended.then((result) => {
      over = true;
      signal.removeEventListener("abort", cancel);
      if (!interrupted) handOver.terraform({ folder, directory }); // else the post step tells how it ended
      resolve(result);
    }, reject);
    if (signal.aborted) cancel();
  });
  ended.catch(() => {}); // whoever waits for it hears of it
  return { ended, isOver: () => over, isInterrupted: () => interrupted };
}
