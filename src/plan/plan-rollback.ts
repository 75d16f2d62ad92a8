// The plan of a rollback, PURE: no image, no registration; one UpdateService to a revision that was
// deployed successfully.

import type {
  Lookup,
  ObservedService,
  ObservedTaskDefinition,
  PastDeployment,
} from "../ecs/observed.ts";
import type { Inputs } from "../inputs/schema.ts";
import { toSingleError } from "./check-targets.ts";
import { checkTargetsExist } from "./checks.ts";
import { blockingProblems, distinctFindings, type PlanFinding } from "./findings.ts";
import { parseImageReference } from "./image/image.ts";
import type { Observed } from "./observed.ts";
import { checkActiveDeployments } from "./plan-deploy.ts";
import { findRollbackTarget } from "./rollback-target.ts";
import { checkService } from "./service/check-service.ts";
import { checkWaitUntil } from "./service/check-wait-until.ts";
import { isUpToDate } from "./service/service.ts";
import { planSettings } from "./service/service-settings.ts";
import { checkWaitMinutes } from "./service/strategy-duration.ts";
import type { Plan, ServicePlan } from "./service-plan.ts";
import { containerNamesOf } from "./task-definition/containers.ts";
import { diffTaskDefinitions } from "./task-definition/diff.ts";
import { imageOf } from "./task-definition/revision.ts";
import { registrableRevision } from "./task-definition/source.ts";

export function rollbackTargetOf(
  inputs: Inputs,
  service: ObservedService,
  observed: Pick<Observed, "history" | "rollbackRevisions">,
) {
  return findRollbackTarget({
    service,
    to: inputs.to,
    requestedRevision: observed.rollbackRevisions[service.arn],
    history: observed.history[service.arn] ?? { value: [] },
  });
}

/** @throws DeployError with everything that makes it impossible */
export function planRollback(inputs: Inputs, observed: Observed): Plan {
  const planned = observed.services.flatMap(({ observed: service }) => {
    if (service) return [planServiceRollback(inputs, observed, service)];
    return [];
  });
  const services = planned.flatMap(({ plan }) => plan ?? []);
  const findings = distinctFindings([
    ...checkTargetsExist(inputs, observed),
    ...planned.flatMap(({ findings: found }) => found),
    ...checkActiveDeployments(inputs, observed, services),
    ...checkWaitMinutes(inputs, services),
    ...checkWaitUntil(inputs, services),
  ]);
  const error = toSingleError(blockingProblems(findings));
  if (error) throw error;
  return { services, findings };
}

/** Its digest as the reference has it, or as ECS resolved it when the revision was deployed. */
function imageOfRevision(
  { arn, definition }: ObservedTaskDefinition,
  container: string,
  history: Lookup<readonly PastDeployment[]> | undefined,
): ServicePlan["image"] {
  const reference = imageOf(definition, container);
  if (reference === undefined) return undefined;
  const deployments = history && "value" in history ? history.value : [];
  const resolved = deployments.find(
    ({ taskDefinitionArn, digests }) => taskDefinitionArn === arn && digests?.[reference],
  );
  return {
    reference,
    digest: parseImageReference(reference).digest ?? resolved?.digests?.[reference],
  };
}

/** What a revision that exists changes, and the images of the container that gets another one. */
export function compareRevisions(
  running: ObservedTaskDefinition,
  target: ObservedTaskDefinition,
  history: Lookup<readonly PastDeployment[]> | undefined,
): Pick<ServicePlan, "container" | "changes" | "image" | "previousImage"> {
  const definition = registrableRevision(target);
  const changes = diffTaskDefinitions(registrableRevision(running), definition);
  const names = containerNamesOf(definition);
  const container =
    names.find((name) => changes.some(({ path }) => path.includes(`[${name}].image`))) ??
    names[0] ??
    "";
  return {
    container,
    changes,
    image: imageOfRevision(target, container, history),
    previousImage: imageOf(running.definition, container),
  };
}

function planServiceRollback(
  inputs: Inputs,
  observed: Observed,
  service: ObservedService,
): { readonly plan?: ServicePlan; readonly findings: readonly PlanFinding[] } {
  const rollbackTarget = rollbackTargetOf(inputs, service, observed);
  if ("severity" in rollbackTarget) return { findings: [rollbackTarget] };
  const running = observed.taskDefinitions[service.taskDefinitionArn];
  const target = observed.taskDefinitions[rollbackTarget.taskDefinitionArn];
  if (!running || !target) return { findings: [] };
  const definition = registrableRevision(target);
  const settings = planSettings(service, inputs);
  const comparison = compareRevisions(running, target, observed.history[service.arn]);
  const plan: ServicePlan = {
    ...comparison,
    service,
    previousTaskDefinitionArn: service.taskDefinitionArn,
    reuseArn: rollbackTarget.taskDefinitionArn,
    settings,
    upToDate: !settings.changed && isUpToDate(service, rollbackTarget.taskDefinitionArn),
    why: rollbackTarget.why,
    infrastructure: observed.infrastructure[service.arn],
  };
  const { schemas } = observed;
  return {
    plan,
    findings: checkService({
      service,
      definition,
      running: running.definition,
      settings,
      inputs,
      shapes: schemas,
      gateway: observed.gateways[service.arn],
    }),
  };
}
