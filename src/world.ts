// The world outside: what a run needs of it. main.ts has the real one, tests have another. Types only.

import type { AwsSurroundings } from "./aws/session.ts";
import type { StartDetached } from "./detached.ts";
import type { RunProcess } from "./process.ts";
import type { Reporter } from "./report/reporter.ts";

/** What the post step must see to if this process is killed before it has done so itself. */
export interface HandOver {
  readonly privateFolder: (folder: string) => void;
  readonly rollbackIfKilled: (serviceDeploymentArns: readonly string[]) => void;
  /** undefined: nothing is left. */
  readonly terraform: (left: LeftTerraform | undefined) => void;
}

/** Files of Terraform that hold secrets, and maybe a Terraform that is still at work. */
export interface LeftTerraform {
  readonly folder: string;
  readonly directory: string;
  /** Absent: none is at work. */
  readonly pid?: number;
  readonly command?: "plan" | "apply";
}

export interface World extends AwsSurroundings {
  readonly run: RunProcess;
  readonly startDetached: StartDetached;
  readonly reporter: Reporter;
  /** The commit that is deployed, `GITHUB_SHA`. */
  readonly commit: string;
  readonly temporaryFolder: string;
  readonly handOver: HandOver;
}
