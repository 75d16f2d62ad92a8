// How each service fares while Terraform is at work and after it: its deployment is found in ECS, followed, and judged by ECS.

import type { AwsSession } from "../aws/session.ts";
import { followRollouts, leaveUnwatched } from "../deployment/run-rollout.ts";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isJsonObject } from "../json.ts";
import type { SoughtService } from "../plan/check-targets.ts";
import { primaryOf } from "../plan/service/service.ts";
import { planSettings } from "../plan/service/service-settings.ts";
import { diffTaskDefinitions } from "../plan/task-definition/diff.ts";
import { registrableRevision } from "../plan/task-definition/source.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ProvidedImage } from "../run/image.ts";
import type { Journal, ServiceEntry } from "../run/state.ts";
import type { World } from "../runtime/runtime.ts";
import { shortRevision } from "../text/format.ts";
import {
  deploymentOf,
  type FoundDeployment,
  findDeployment,
  lookAt,
  runsOurs,
} from "./find-deployment.ts";
import type { TerraformStanding } from "./supervise.ts";

export interface CoursePorts
  extends Pick<World, "clock" | "random" | "signal" | "reporter" | "handOver"> {
  readonly aws: AwsSession;
  readonly inputs: Inputs;
  readonly journal: Journal;
  readonly image: ProvidedImage;
  /** As the container definitions name it. */
  readonly reference: string;
  readonly tellerOf: (entry: ServiceEntry) => Reporter;
  /** Revisions from before, by ARN. */
  readonly definitions: Readonly<Record<string, ObservedTaskDefinition>>;
  /** What a service that Terraform creates needs once it is there. */
  readonly prepareNew: (entry: ServiceEntry) => Promise<void>;
}

/** The deployment of this service that the apply starts, to its end. Without one nothing is concluded yet. */
export async function followNew(
  sought: SoughtService,
  standing: () => TerraformStanding,
  ports: CoursePorts,
): Promise<void> {
  const { aws, reference, inputs, reporter } = ports;
  const before = sought.observed?.status === "INACTIVE" ? undefined : sought.observed; // deleted: it is created anew
  const found = await findDeployment(
    { cluster: sought.cluster, service: sought.name, before, image: reference },
    { ...ports, ecs: aws.ecs, standing },
  );
  if (!found) return;
  const entry = enter(found, ports);
  warnOfBreaker(found.service, reporter);
  reporter.info(
    `${sought.name}: deployment ${found.deployment.id} has begun, ${shortRevision(found.definition.arn)}.`,
  );
  const followed = inputs.waitForServiceStability
    ? follow(entry, ports)
    : leaveUnwatched([entry], reporter);
  const [prepared, course] = await Promise.allSettled([
    before ? undefined : ports.prepareNew(entry),
    followed,
  ]);
  for (const end of [prepared, course]) if (end.status === "rejected") throw end.reason;
}

/** Where Terraform started nothing on the service: is that because our image runs, or in spite of it, or because Terraform failed before? */
export async function concludeUnmoved(
  sought: SoughtService,
  applied: "whole" | "failed",
  ports: CoursePorts,
): Promise<void> {
  const { aws, reference, inputs, journal } = ports;
  const place = { cluster: sought.cluster, service: sought.name };
  const service = await lookAt(place, aws.ecs);
  const primary = service && primaryOf(service);
  if (!service || !primary) {
    if (applied === "failed") return; // Terraform's own words say why
    throw new DeployError({
      code: "ServiceUnmoved",
      message: `Terraform is through, but there is no service "${sought.name}" in cluster "${sought.cluster}" (${inputs.awsRegion}).`,
      hint: "Are `service` and `cluster` the names that the root gives them?",
    });
  }
  const ours = await runsOurs(primary.taskDefinitionArn, reference, aws.ecs);
  const deployment = deploymentOf(service, { before: undefined });
  if (ours && primary.rolloutState === "IN_PROGRESS")
    return follow(enter({ service, deployment, ...ours }, ports), ports);
  const entry = journal.services.find(({ plan }) => plan.service.arn === service.arn);
  const known = entry ?? newEntry(service, ours?.container ?? "", ports);
  if (!entry) journal.services = [...journal.services, known];
  known.taskDefinitionArn = primary.taskDefinitionArn;
  known.seenLater = service;
  ports.tellerOf(known).output("task-definition-arn", primary.taskDefinitionArn);
  if (ours && primary.rolloutState !== "FAILED") {
    known.conclusion = { outcome: "unchanged" };
    return;
  }
  known.conclusion = {
    outcome: "failed",
    problem: unmoved(sought.name, primary, reference, ours ? "its deployment failed" : applied),
  };
}

function unmoved(
  name: string,
  primary: { readonly taskDefinitionArn: string; readonly rolloutStateReason?: string },
  reference: string,
  because: "its deployment failed" | "whole" | "failed",
) {
  const revision = shortRevision(primary.taskDefinitionArn);
  if (because === "failed")
    return {
      code: "TerraformFailed" as const,
      message: `Terraform failed before it started a deployment of ${reference} on ${name}: ${revision} runs there as before.`,
      hint: "Correct what Terraform names, and run the job again.",
    };
  return because === "its deployment failed"
    ? {
        code: "ServiceUnmoved" as const,
        message: `Terraform has nothing to change, but the deployment of ${revision} to ${name} has failed: ${primary.rolloutStateReason ?? "ECS gives no reason"}`,
        hint: "Start it anew: aws ecs update-service with --force-new-deployment, or deploy the next commit.",
      }
    : {
        code: "ServiceUnmoved" as const,
        message: `Terraform is through, but it started no deployment of ${reference} on ${name}: ${revision} runs there as before.`,
        hint: "Does the service have `lifecycle { ignore_changes = [task_definition] }`, or does it take its task definition from elsewhere? Then Terraform registers revisions that nobody deploys: take that out, or deploy without terraform-directory.",
      };
}

/** The service in the journal, now with its deployment. */
function enter(
  { service, deployment, definition, container }: FoundDeployment,
  ports: CoursePorts,
): ServiceEntry {
  const { journal, tellerOf, definitions } = ports;
  const earlier = journal.services.find(({ plan }) => plan.service.arn === service.arn);
  const { plan } = earlier ?? newEntry(service, container, ports);
  const previous = definitions[plan.previousTaskDefinitionArn];
  const changes = previous
    ? diffTaskDefinitions(registrableRevision(previous), registrableRevision(definition))
    : [];
  const entry: ServiceEntry = {
    plan: { ...plan, container, changes },
    taskDefinitionArn: definition.arn,
    deployment,
  };
  journal.services = earlier
    ? journal.services.map((one) => (one === earlier ? entry : one))
    : [...journal.services, entry];
  const teller = tellerOf(entry);
  teller.output("task-definition-arn", definition.arn);
  teller.output("deployment-id", deployment.id);
  return entry;
}

/** A service that was not there before: nothing to go back to. */
function newEntry(
  service: ObservedService,
  container: string,
  { inputs }: CoursePorts,
): ServiceEntry {
  const settings = planSettings(service, inputs);
  return {
    plan: {
      ...{ service, container, settings, changes: [], settled: false },
      ...{ previousTaskDefinitionArn: "", reuse: service.taskDefinitionArn },
    },
  };
}

function follow(
  entry: ServiceEntry,
  { reporter, aws, inputs, image, tellerOf, ...world }: CoursePorts,
): Promise<void> {
  const until = world.clock.now() + inputs.waitForMinutes * 60_000;
  return withHeartbeat(reporter, world.clock, (heard) =>
    followRollouts([entry], inputs, {
      ...{ aws, image, tellerOf, reporter: heard, until },
      ...world,
    }),
  );
}

/** In the root, for what this step would set there is undone by the next apply. */
function warnOfBreaker(
  { name, deploymentConfiguration }: ObservedService,
  reporter: Reporter,
): void {
  const breaker = deploymentConfiguration.deploymentCircuitBreaker;
  if (isJsonObject(breaker) && breaker.enable === true && breaker.rollback === true) return;
  reporter.warning(
    `${name} has no circuit breaker that goes back by itself. Write into its aws_ecs_service: deployment_circuit_breaker { enable = true, rollback = true }`,
  );
}
