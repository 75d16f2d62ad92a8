// Reads what a task of its own needs: its revision, and the service or cluster where it runs.

import { collectDeniedReads } from "../aws/access-denied.ts";
import { resourceId } from "../ecs/arn.ts";
import type { RegistryPorts } from "../image/registry.ts";
import { type RunTaskInputs, toRevisionInputs } from "../inputs/run-task-inputs.ts";
import type { ObservedTaskPlace } from "../plan/observed.ts";
import { collectingRefusals, type ObservedAws } from "./observe.ts";
import { observeRevision } from "./observe-revision.ts";
import { observeClusters, observeServices } from "./observe-services.ts";

interface OneOffTaskPorts {
  readonly registry: RegistryPorts;
  readonly commit: string;
}

type OneOffTaskObservation = Awaited<ReturnType<typeof observeRevision>> & {
  readonly at: ObservedTaskPlace;
};

/** @throws DeployError `PermissionMissing` that names every read that the role may not make */
export async function observeOneOffTask(
  inputs: RunTaskInputs,
  session: ObservedAws,
  ports: OneOffTaskPorts,
): Promise<OneOffTaskObservation> {
  const refusals = collectDeniedReads();
  const aws = { ...session, ...collectingRefusals(refusals, session) };
  const [revision, at] = await Promise.all([
    observeRevision(toRevisionInputs(inputs), aws, ports),
    observeTaskPlace(inputs, aws.ecs),
  ]);
  refusals.throwIfDenied();
  return { ...revision, at };
}

/** A service that is found has a cluster. */
async function observeTaskPlace(
  inputs: RunTaskInputs,
  ecs: ObservedAws["ecs"],
): Promise<ObservedTaskPlace> {
  if (inputs.service.length === 0) {
    const cluster = resourceId(inputs.cluster);
    const clusters = await observeClusters([{ cluster, name: "", observed: undefined }], [], ecs);
    if ("error" in clusters) return { services: [], clusters };
    return { services: [], clusters: { value: { [cluster]: "MISSING", ...clusters.value } } };
  }
  const { services, missingClusters } = await observeServices(inputs, ecs);
  const missing = missingClusters.map((cluster) => [cluster, "MISSING"]);
  return { services, clusters: { value: Object.fromEntries(missing) } };
}
