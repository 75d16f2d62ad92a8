// A Terraform that holds the state's lock: never cut short, and what is left of it when the run is cancelled is known to the post step.

import type { DetachedProcess } from "../process/detached.ts";
import type { ProcessResult } from "../process/run-process.ts";
import type { HandOver, LeftTerraform } from "../runtime/runtime.ts";

export interface AttendPorts {
  readonly directory: string;
  readonly folder: string;
  readonly handOver: Pick<HandOver, "terraform">;
  readonly signal: AbortSignal;
}

export type TerraformStanding = "at work" | "through" | "failed";

export interface Attended {
  /** Rejects when the run is cancelled: Terraform then ends by itself, and the post step waits for it. */
  readonly ended: Promise<ProcessResult>;
  readonly standing: () => TerraformStanding;
  /** The run was cancelled before Terraform was through. */
  readonly isInterrupted: () => boolean;
}

export function attend(
  child: DetachedProcess,
  command: NonNullable<LeftTerraform["command"]>,
  { directory, folder, handOver, signal }: AttendPorts,
): Attended {
  if (child.pid !== undefined) handOver.terraform({ folder, directory, command, pid: child.pid });
  let standing: TerraformStanding = "at work";
  let interrupted = false;
  const ended = new Promise<ProcessResult>((resolve, reject) => {
    const cancel = () => {
      child.interrupt();
      interrupted = true;
      reject(signal.reason);
    };
    signal.addEventListener("abort", cancel, { once: true });
    child.ended.then((result) => {
      standing = result.exitCode === 0 ? "through" : "failed";
      signal.removeEventListener("abort", cancel);
      if (!interrupted) handOver.terraform({ folder, directory }); // else the post step tells how it ended
      resolve(result);
    }, reject);
    if (signal.aborted) cancel();
  });
  ended.catch(() => {}); // whoever waits for it hears of it
  return { ended, standing: () => standing, isInterrupted: () => interrupted };
}
