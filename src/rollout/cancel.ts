// What becomes of a rollout when the run is cancelled: left to ECS, or taken back, within the few seconds that the runner leaves us.

import type { Ecs } from "../aws/ecs.ts";
import { asDeployError } from "../errors.ts";
import { identify } from "./look.ts";
import type { OurDeployment } from "./snapshot.ts";

export type LastCalls = Pick<Ecs, "listServiceDeployments" | "describeServiceRevisions" | "stopServiceDeployment">;

export interface RollbackRequest {
  readonly deployment: OurDeployment;
  /** Absent: ECS has taken the request. */
  readonly refused?: string;
}

/** Patience for a second try, no more: the runner's next signal is near. */
const patience = { patienceMilliseconds: 2_000 };

/** Asks ECS to roll back each deployment, all at once. Asked twice, ECS changes nothing. */
export async function requestRollbacks(
  deployments: readonly OurDeployment[],
  ecs: LastCalls,
): Promise<readonly RollbackRequest[]> {
  return Promise.all(
    deployments.map(async (deployment) => {
      try {
        const arn = deployment.serviceDeploymentArn ?? (await identify(ecs, [deployment], patience)).get(deployment.id);
        if (arn === undefined) return { deployment, refused: "ECS has not recorded the deployment yet." };
        await ecs.stopServiceDeployment(arn, patience);
        return { deployment };
      } catch (error) {
        return { deployment, refused: asDeployError(error).message };
      }
    }),
  );
}
