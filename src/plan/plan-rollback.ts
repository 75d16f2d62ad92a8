// The plan of going back, PURE: no image, no registration; one UpdateService to a revision that was good.

import type {
  Looked,
  ObservedService,
  ObservedTaskDefinition,
  PastDeployment,
} from "../ecs/observed.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectsOf, stringOf } from "../json.ts";
import { asOneError } from "./check-targets.ts";
import { checkPlaces } from "./checks.ts";
import { distinct, type Finding, refusals } from "./findings.ts";
import { parseImageReference } from "./image/image.ts";
import type { Observed } from "./observed.ts";
import { busyFindings } from "./plan-deploy.ts";
import { findWayBack } from "./rollback-target.ts";
import { checkService } from "./service/check-service.ts";
import { isSettledOn } from "./service/service.ts";
import { planSettings } from "./service/service-settings.ts";
import { checkWait } from "./service/strategy-duration.ts";
import type { Plan, ServicePlan } from "./service-plan.ts";
import { diffTaskDefinitions } from "./task-definition/diff.ts";
import { imageOf } from "./task-definition/revision.ts";
import { registrableRevision } from "./task-definition/source.ts";

export function wayBackOf(
  inputs: Inputs,
  service: ObservedService,
  memory: Pick<Observed, "history" | "named">,
) {
  return findWayBack({
    service,
    to: inputs.to,
    named: memory.named[service.arn],
    history: memory.history[service.arn] ?? { value: [] },
  });
}

/** @throws DeployError with everything that makes it impossible */
export function planGoingBack(inputs: Inputs, observed: Observed): Plan {
  const planned = observed.services.flatMap(({ observed: service }) =>
    service ? [planReturn(inputs, observed, service)] : [],
  );
  const services = planned.flatMap(({ plan }) => plan ?? []);
  const findings = distinct([
    ...checkPlaces(inputs, observed),
    ...planned.flatMap(({ findings: found }) => found),
    ...busyFindings(inputs, observed, services),
    ...checkWait(inputs, services),
  ]);
  const error = asOneError(refusals(findings));
  if (error) throw error;
  return { services, findings };
}

/** Its digest as the reference has it, or as ECS resolved it when the revision was deployed. */
function imageOfRevision(
  { arn, definition }: ObservedTaskDefinition,
  container: string,
  history: Looked<readonly PastDeployment[]> | undefined,
): ServicePlan["image"] {
  const reference = imageOf(definition, container);
  if (reference === undefined) return undefined;
  const past = history && "value" in history ? history.value : [];
  const resolved = past.find(
    ({ taskDefinitionArn, digests }) => taskDefinitionArn === arn && digests?.[reference],
  );
  return {
    reference,
    digest: parseImageReference(reference).digest ?? resolved?.digests?.[reference],
  };
}

function planReturn(
  inputs: Inputs,
  observed: Observed,
  service: ObservedService,
): { readonly plan?: ServicePlan; readonly findings: readonly Finding[] } {
  const way = wayBackOf(inputs, service, observed);
  if ("severity" in way) return { findings: [way] };
  const running = observed.taskDefinitions[service.taskDefinitionArn];
  const target = observed.taskDefinitions[way.taskDefinitionArn];
  if (!running || !target) return { findings: [] };
  const definition = registrableRevision(target);
  const changes = diffTaskDefinitions(registrableRevision(running), definition);
  const settings = planSettings(service, inputs);
  const names = objectsOf(definition.containerDefinitions).map(({ name }) => stringOf(name) ?? "");
  const container =
    names.find((name) => changes.some(({ path }) => path.includes(`[${name}].image`))) ??
    names[0] ??
    "";
  const previousImage = imageOf(running.definition, container);
  const plan: ServicePlan = {
    service,
    container,
    previousTaskDefinitionArn: service.taskDefinitionArn,
    reuse: way.taskDefinitionArn,
    changes,
    settings,
    settled: !settings.other && isSettledOn(service, way.taskDefinitionArn),
    why: way.why,
    image: imageOfRevision(target, container, observed.history[service.arn]),
    ...(previousImage !== undefined && { previousImage }),
  };
  const { shapes } = observed;
  return {
    plan,
    findings: checkService({
      service,
      definition,
      running: running.definition,
      settings,
      inputs,
      shapes,
    }),
  };
}
