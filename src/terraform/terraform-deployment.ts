// What a deployment with Terraform needs. Types only.

import type { RequestedService } from "../plan/check-targets.ts";
import type { ServiceRun } from "../run/state.ts";
import type { FollowServicePorts } from "./follow-services.ts";
import type { PlanPorts } from "./plan.ts";

export interface TerraformDeployment extends FollowServicePorts, Pick<PlanPorts, "session"> {
  readonly services: readonly RequestedService[];
  /** Value of the image variable. */
  readonly value: string;
  readonly phase: <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;
  /** Runs the pre-deploy command, if there is one, with the revision of the first of these. */
  readonly migrate: (entries: readonly ServiceRun[]) => Promise<void>;
}
