// Supervises a Terraform that holds the state lock: it is never killed, and when the run is
// cancelled the post step knows about it.

import type { DetachedProcess } from "../process/detached.ts";
import type { ProcessResult } from "../process/run-process.ts";
import type { PendingTerraform, PostStateWriter } from "../runtime/runtime.ts";

export interface SupervisePorts {
  readonly directory: string;
  readonly folder: string;
  readonly postState: Pick<PostStateWriter, "terraform">;
  readonly signal: AbortSignal;
}

export type TerraformStatus = "running" | "succeeded" | "failed";

export interface SupervisedProcess {
  /**
   * Rejects when the run is cancelled: Terraform then ends by itself, and the post step waits for
   * it.
   */
  readonly ended: Promise<ProcessResult>;
  readonly status: () => TerraformStatus;
  /** The run was cancelled before Terraform had ended. */
  readonly isInterrupted: () => boolean;
}

export function supervise(
  child: DetachedProcess,
  command: NonNullable<PendingTerraform["command"]>,
  { directory, folder, postState, signal }: SupervisePorts,
): SupervisedProcess {
  if (child.pid !== undefined) postState.terraform({ folder, directory, command, pid: child.pid });
  let status: TerraformStatus = "running";
  let interrupted = false;
  const ended = new Promise<ProcessResult>((resolve, reject) => {
    const cancel = () => {
      child.interrupt();
      interrupted = true;
      reject(signal.reason);
    };
    signal.addEventListener("abort", cancel, { once: true });
    child.ended.then((result) => {
      status = result.exitCode === 0 ? "succeeded" : "failed";
      signal.removeEventListener("abort", cancel);
      // otherwise the post step reports how it ended
      if (!interrupted) postState.terraform({ folder, directory });
      resolve(result);
    }, reject);
    if (signal.aborted) cancel();
  });
  ended.catch(() => {}); // the awaiting function gets the rejection
  return { ended, status: () => status, isInterrupted: () => interrupted };
}
