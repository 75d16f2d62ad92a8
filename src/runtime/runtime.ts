// What a run needs from its environment. main.ts creates the real one, tests a simulated one. Types
// only.

import type { AwsPorts } from "../aws/authenticate.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { TaskMoment } from "../plan/service/task.ts";
import type { StartDetached } from "../process/detached.ts";
import type { RunProcess } from "../process/run-process.ts";
import type { Reporter } from "../reporter/reporter.ts";

/** What the post step must finish if this process is killed before. The last call counts. */
export interface PostStateWriter {
  readonly privateFolder: (folder: string) => void;
  /**
   * A deployment that continues in ECS if this process ends now. Called before its update is sent,
   * and again when more is known; once per service.
   */
  readonly rolloutInProgress: (rollout: InProgressRollout) => void;
  /** ECS has decided it, or has refused the update. */
  readonly rolloutEnded: (rollout: Pick<InProgressRollout, "cluster" | "service">) => void;
  /**
   * A one-off task that continues in ECS if this process ends now. Called before it is started, and
   * again with its ARN.
   */
  readonly taskInProgress: (task: InProgressTask) => void;
  /** It has ended, or was never started. */
  readonly taskEnded: (task: Pick<InProgressTask, "moment" | "cluster" | "service">) => void;
  /** undefined: nothing is left to do. */
  readonly terraform: (pending: PendingTerraform | undefined) => void;
}

export interface InProgressRollout extends Omit<OwnDeployment, "id"> {
  /** Absent: the update was sent, and there is no response yet. */
  readonly id?: string | undefined;
  /** ECS has confirmed the rollback that on-cancel requests. */
  readonly rollbackRequested?: boolean | undefined;
  /**
   * on-cancel does not roll it back: it has reached the stage of `wait-until`, or is a rollback
   * itself.
   */
  readonly leftToEcs?: boolean | undefined;
}

export interface InProgressTask {
  readonly moment: TaskMoment;
  readonly cluster: string;
  /** undefined: a task of its own. */
  readonly service: string | undefined;
  /** Absent: it was being started, and there is no response of ECS yet. */
  readonly arn?: string | undefined;
}

/** Terraform's files that contain secrets, and a Terraform that may still be running. */
export interface PendingTerraform {
  readonly folder: string;
  readonly directory: string;
  /** Absent: none is running. */
  readonly pid?: number | undefined;
  readonly command?: "plan" | "apply" | undefined;
}

/** The answer to one GET. Redirects are not followed. */
export interface ProbeAnswer {
  readonly status: number;
  /** Where a redirect leads, as the header has it. */
  readonly location: string | undefined;
  readonly body: string;
  /** The body is longer. */
  readonly truncated: boolean;
}

/**
 * One GET, not through AWS's client.
 * @param maxBytes of the body that are read
 * @throws what Node's client throws (`ECONNREFUSED` …), or the reason of the signal
 */
export type Probe = (url: string, maxBytes: number, signal: AbortSignal) => Promise<ProbeAnswer>;

export interface Runtime extends AwsPorts {
  readonly run: RunProcess;
  /** Only a run that verifies URLs needs it: loaded on demand. */
  readonly openProbe: () => Promise<Probe>;
  readonly startDetached: StartDetached;
  readonly reporter: Reporter;
  /** The commit that is deployed, `GITHUB_SHA`. */
  readonly commit: string;
  readonly temporaryFolder: string;
  readonly postState: PostStateWriter;
}
