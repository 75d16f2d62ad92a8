// The world outside: what a run needs of it. main.ts has the real one, tests have another. Types
// only.

import type { AwsPorts } from "../aws/authenticate.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { DeployHook } from "../plan/service/task.ts";
import type { StartDetached } from "../process/detached.ts";
import type { RunProcess } from "../process/run-process.ts";
import type { Reporter } from "../reporter/reporter.ts";

/**
 * What the post step must see to if this process is killed before it has done so itself. What is
 * told last counts.
 */
export interface PostStateWriter {
  readonly privateFolder: (folder: string) => void;
  /**
   * A deployment that ECS carries on with if this process ends now. Told before its update is sent,
   * and again with all that is known of it since; one for each service.
   */
  readonly rolloutInProgress: (rollout: InProgressRollout) => void;
  /** ECS has decided it, or has refused the update. */
  readonly rolloutEnded: (rollout: Pick<InProgressRollout, "cluster" | "service">) => void;
  /**
   * A one-off task that goes on in ECS if this process ends now. Told before it is started, and
   * again with its ARN.
   */
  readonly taskInProgress: (task: InProgressTask) => void;
  /** It has ended, or was never started. */
  readonly taskEnded: (task: Pick<InProgressTask, "moment" | "cluster" | "service">) => void;
  /** undefined: nothing is left. */
  readonly terraform: (pending: PendingTerraform | undefined) => void;
}

export interface InProgressRollout extends Omit<OwnDeployment, "id"> {
  /** Absent: the update was sent, and its answer is not in. */
  readonly id?: string | undefined;
  /** ECS has confirmed that it rolls back, as on-cancel asks. */
  readonly rollbackRequested?: boolean | undefined;
}

export interface InProgressTask {
  readonly moment: DeployHook;
  readonly cluster: string;
  readonly service: string;
  /** Absent: it was being started, and ECS's answer is not in. */
  readonly arn?: string | undefined;
}

/** Files of Terraform that hold secrets, and maybe a Terraform that is still at work. */
export interface PendingTerraform {
  readonly folder: string;
  readonly directory: string;
  /** Absent: none is at work. */
  readonly pid?: number | undefined;
  readonly command?: "plan" | "apply" | undefined;
}

export interface Runtime extends AwsPorts {
  readonly run: RunProcess;
  readonly startDetached: StartDetached;
  readonly reporter: Reporter;
  /** The commit that is deployed, `GITHUB_SHA`. */
  readonly commit: string;
  readonly temporaryFolder: string;
  readonly postState: PostStateWriter;
}
