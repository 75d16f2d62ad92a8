// Follows each service during and after the apply: finds its deployment in ECS and watches it to
// its end.

import type { AwsSession } from "../aws/session.ts";
import type { OpenPauseVerifier } from "../deployment/pause-verdict.ts";
import { skipWait, watchAndConclude } from "../deployment/run-rollout.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isJsonObject } from "../json.ts";
import type { RequestedService } from "../plan/check-targets.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import { planSettings } from "../plan/service/service-settings.ts";
import { diffTaskDefinitions } from "../plan/task-definition/diff.ts";
import { registrableRevision } from "../plan/task-definition/source.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ProvidedImage } from "../run/image.ts";
import { newService, type RunState, type ServiceRun, type StartedRun } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import {
  deploymentOf,
  type FoundDeployment,
  findDeployment,
  findRevisionWithImage,
  readActiveService,
} from "./find-deployment.ts";
import type { TerraformStatus } from "./supervise.ts";

export interface FollowServicePorts
  extends Pick<Runtime, "clock" | "random" | "signal" | "reporter" | "postState"> {
  readonly aws: AwsSession;
  readonly inputs: Inputs;
  readonly runState: RunState;
  readonly image: ProvidedImage;
  /** As the container definitions name it. */
  readonly reference: string;
  readonly reporterFor: (entry: ServiceRun) => Reporter;
  /** The revisions that ran before, by ARN. */
  readonly previousDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
  readonly openPauseVerifier: OpenPauseVerifier | undefined;
  /** Called once for a service that Terraform has created. */
  readonly prepareNewService: (entry: ServiceRun) => Promise<void>;
}

/**
 * Watches the deployment of this service that the apply starts. Without one, there is no conclusion
 * yet.
 */
export async function followService(
  requested: RequestedService,
  status: () => TerraformStatus,
  ports: FollowServicePorts,
): Promise<void> {
  const { aws, reference, inputs, reporter } = ports;
  // deleted: Terraform creates it again
  const before = requested.observed?.status === "INACTIVE" ? undefined : requested.observed;
  const found = await findDeployment(
    { cluster: requested.cluster, service: requested.name, before, image: reference },
    { ...ports, ecs: aws.ecs, status },
  );
  if (!found) return;
  const entry = recordDeployment(found, ports);
  warnWithoutBreaker(found.service, reporter);
  reporter.info(
    `${requested.name}: deployment ${found.deployment.id} has started, ` +
      `${shortRevision(found.definition.arn)}.`,
  );
  const followed = inputs.waitForServiceStability
    ? watchDeployment(entry, ports)
    : skipWait([entry], reporter);
  const [prepared, followedEnd] = await Promise.allSettled([
    before ? undefined : ports.prepareNewService(entry),
    followed,
  ]);
  for (const end of [prepared, followedEnd]) if (end.status === "rejected") throw end.reason;
}

/**
 * Terraform started no deployment of the service: our image already runs, Terraform failed before,
 * or something is wrong.
 */
export async function concludeWithoutDeployment(
  requested: RequestedService,
  applied: "whole" | "failed",
  ports: FollowServicePorts,
): Promise<void> {
  const { aws, reference, inputs, runState } = ports;
  const place = { cluster: requested.cluster, service: requested.name };
  const service = await readActiveService(place, aws.ecs);
  const primary = service && primaryDeploymentOf(service);
  if (!service || !primary) {
    if (applied === "failed") return; // Terraform's error says why
    throw new DeployError({
      code: "ServiceNotUpdated",
      message:
        `Terraform has finished, but there is no service "${requested.name}" in cluster ` +
        `"${requested.cluster}" (${inputs.awsRegion}).`,
      hint: "Do `service` and `cluster` match the names in the Terraform configuration?",
    });
  }
  const ownRevision = await findRevisionWithImage(primary.taskDefinitionArn, reference, aws.ecs);
  const deployment = deploymentOf(service, { before: undefined });
  if (ownRevision && primary.rolloutState === "IN_PROGRESS")
    return watchDeployment(recordDeployment({ service, deployment, ...ownRevision }, ports), ports);
  const entry = runState.services.find(({ plan }) => plan.service.arn === service.arn);
  const serviceRun = entry ?? newServiceRun(service, ownRevision?.container ?? "", ports);
  if (!entry) runState.services = [...runState.services, serviceRun];
  serviceRun.taskDefinitionArn = primary.taskDefinitionArn;
  serviceRun.latestService = service;
  ports.reporterFor(serviceRun).output("task-definition-arn", primary.taskDefinitionArn);
  if (ownRevision && primary.rolloutState !== "FAILED") {
    serviceRun.conclusion = { outcome: "unchanged" };
    return;
  }
  serviceRun.conclusion = {
    outcome: "failed",
    problem: unmovedProblem(
      requested.name,
      primary,
      reference,
      ownRevision ? "its deployment failed" : applied,
    ),
  };
}

function unmovedProblem(
  name: string,
  primary: { readonly taskDefinitionArn: string; readonly rolloutStateReason?: string | undefined },
  reference: string,
  reason: "its deployment failed" | "whole" | "failed",
) {
  const revision = shortRevision(primary.taskDefinitionArn);
  if (reason === "failed")
    return {
      code: "TerraformFailed" as const,
      message:
        `Terraform failed before it started a deployment of ${reference} on ${name}: it still ` +
        `runs ${revision}.`,
      hint: "Fix the error that Terraform reported, and run the job again.",
    };
  if (reason === "its deployment failed")
    return {
      code: "ServiceNotUpdated" as const,
      message:
        `Terraform reports no changes, but the deployment of ${revision} to ${name} failed: ` +
        `${primary.rolloutStateReason ?? "ECS gave no reason"}`,
      hint:
        "Start a new deployment (aws ecs update-service with --force-new-deployment), or deploy " +
        "the next commit.",
    };
  return {
    code: "ServiceNotUpdated" as const,
    message:
      `Terraform has finished, but it started no deployment of ${reference} on ${name}: it still ` +
      `runs ${revision}.`,
    hint:
      "Does the service have `lifecycle { ignore_changes = [task_definition] }`, or does it get " +
      "its task definition from elsewhere? Then Terraform registers revisions that are never " +
      "deployed: remove that, or deploy without terraform-directory.",
  };
}

/** Records the service with its deployment in the run state. */
function recordDeployment(
  { service, deployment, definition, container }: FoundDeployment,
  ports: FollowServicePorts,
): StartedRun {
  const { runState, reporterFor, previousDefinitions } = ports;
  const existing = runState.services.find(({ plan }) => plan.service.arn === service.arn);
  const { plan } = existing ?? newServiceRun(service, container, ports);
  const previous = previousDefinitions[plan.previousTaskDefinitionArn];
  const changes = previous
    ? diffTaskDefinitions(registrableRevision(previous), registrableRevision(definition))
    : [];
  const entry: StartedRun = {
    ...newService({ ...plan, container, changes }),
    taskDefinitionArn: definition.arn,
    deployment,
  };
  runState.services = existing
    ? runState.services.map((one) => (one === existing ? entry : one))
    : [...runState.services, entry];
  const teller = reporterFor(entry);
  teller.output("task-definition-arn", definition.arn);
  teller.output("deployment-id", deployment.id);
  return entry;
}

/** A service that did not exist before: there is nothing to roll back to. */
function newServiceRun(
  service: ObservedService,
  container: string,
  { inputs }: FollowServicePorts,
): ServiceRun {
  const settings = planSettings(service, inputs);
  return newService({
    service,
    container,
    settings,
    changes: [],
    upToDate: false,
    previousTaskDefinitionArn: "",
    reuseArn: service.taskDefinitionArn,
  });
}

function watchDeployment(entry: StartedRun, ports: FollowServicePorts): Promise<void> {
  const until = ports.clock.now() + ports.inputs.waitForMinutes * 60_000;
  ports.runState.waitEndsAt = until;
  return watchAndConclude([entry], ports.inputs, { ...ports, until });
}

/** It must be set in the Terraform configuration: the next apply would undo what this step sets. */
function warnWithoutBreaker(
  { name, deploymentConfiguration }: ObservedService,
  reporter: Reporter,
): void {
  const breaker = deploymentConfiguration.deploymentCircuitBreaker;
  if (isJsonObject(breaker) && breaker.enable === true && breaker.rollback === true) return;
  reporter.warning(
    `${name} has no circuit breaker with rollback. Add to its aws_ecs_service: ` +
      "deployment_circuit_breaker { enable = true, rollback = true }",
  );
}
