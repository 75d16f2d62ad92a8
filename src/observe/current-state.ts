// Reads the current state before anything is planned, and with which inputs: a rollback with
// Terraform is the deployment of an earlier tag.

import { collectDeniedReads } from "../aws/access-denied.ts";
import { isExpressService } from "../ecs/express.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import { requestedServices } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import { assertTagExists, rollbackTagOf, toRedeployInputs } from "../plan/plan-terraform.ts";
import { describeObserved } from "../report/log-lines.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Observation, observe } from "./observe.ts";
import { assertAccountAndRegion, type Connection } from "./sign-in.ts";
import { mustWait, waitForActiveDeployments } from "./wait-until-idle.ts";

export interface CurrentState extends Observation {
  /** As they hold from here on. */
  readonly inputs: Inputs;
}

/**
 * @throws DeployError `PermissionMissing` that names every read that the role may not make;
 * `InvalidInput`, `NoRollbackTarget`, `ImageNotFound`
 */
export async function readCurrentState(
  requested: Inputs,
  { aws, registry }: Connection,
  world: Runtime,
  runState: RunState,
): Promise<CurrentState> {
  const { clock, signal, reporter, run, environment, commit } = world;
  assertAccountAndRegion(requested, aws);
  runState.requested = requestedServices(requested).map(
    ({ cluster, name }) => `${cluster}/${name}`,
  );
  // A denied read is reported below, together with all other denied reads.
  const waitPorts = { ecs: aws.ecs, clock, signal, reporter };
  if (requested.whenBusy === "wait")
    await collectDeniedReads().required(waitForActiveDeployments(requested, waitPorts), undefined);
  const ports = { registry, run, environment, commit, clock };
  let found = await observe(requested, aws, ports);
  const isBusy = found.observed.services.some((one) => mustWait(requested, one.observed));
  if (requested.whenBusy === "auto" && isBusy) {
    await waitForActiveDeployments(requested, waitPorts, isExpressService);
    found = await observe(requested, aws, ports);
  }
  reporter.info(`${describeObserved(found.observed, requested)}.`);
  if (requested.terraformDirectory === undefined || !isRollback(requested))
    return { inputs: requested, ...found };
  const { tag, why } = rollbackTagOf(requested, found.observed);
  reporter.info(`Rolling back to the image tag ${tag}: ${why}.`);
  const inputs = toRedeployInputs(requested, tag);
  // The tag's image belongs to another commit, as intended: there is no commit to compare it with.
  const again = await observe(inputs, aws, { ...ports, commit: "" });
  assertTagExists(inputs, again.observed);
  return { inputs, ...again };
}
