// Runs the pre-deploy task before the first service is updated, and the post-deploy task after all
// deployments have succeeded.

import { createRegisterRevision } from "../deployment/register-revision.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { ImagePlan } from "../plan/image/image.ts";
import type { Observed } from "../plan/observed.ts";
import { planPreDeployTask } from "../plan/plan-pre-deploy-task.ts";
import { type DeployHook, placeOfService } from "../plan/service/task.ts";
import { describeChange } from "../report/log-lines.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { RunState, ServiceRun } from "../run/state.ts";
import type { RunTaskPorts } from "./run-task.ts";
import type { TaskRequest } from "./task-request.ts";

interface DeployHookPorts extends Omit<RunTaskPorts, "reporter"> {
  readonly reporter: Reporter;
  readonly phase: (title: string, work: () => Promise<void>) => Promise<void>;
  readonly observed: Observed;
  readonly imagePlan: ImagePlan | undefined;
}

/** The task of a hook, before its revision is registered. */
interface HookTask extends Pick<TaskRequest, "command" | "requested" | "deployed"> {
  /** The services that are updated. The task gets the network of the first. */
  readonly services: readonly [ServiceRun, ...ServiceRun[]];
  readonly register: () => Promise<string>;
}

/**
 * Runs the task of this hook, if there is one: once, with the network of the first service.
 * @throws DeployError unless it succeeds
 */
export async function runDeployHook(
  moment: DeployHook,
  entries: readonly ServiceRun[],
  inputs: Inputs,
  ports: DeployHookPorts,
  runState: RunState,
): Promise<void> {
  const task = hookTask(moment, entries, inputs, ports, runState);
  if (!task) return;
  const { command, requested, deployed, services, register } = task;
  const { service } = services[0].plan;
  const { runTask } = await import("./run-task.ts");
  await ports.phase(`Run the ${moment} task`, async () => {
    const request: TaskRequest = {
      moment,
      command,
      environment: [],
      place: placeOfService(service),
      service: service.name,
      taskDefinitionArn: await register(),
      requested,
      deployed,
      region: inputs.awsRegion,
      minutes: inputs.preDeployTimeoutMinutes,
      minutesInput: "pre-deploy-timeout-minutes",
      stopOnCancel: inputs.onCancel === "rollback-and-stop-task",
      servicesState: describeServicesState(moment, services),
    };
    await withHeartbeat(ports.reporter, ports.clock, (reporter) =>
      runTask(request, { ...ports, reporter }, (entry) => runState.tasks.push(entry)),
    );
  });
}

function hookTask(
  moment: DeployHook,
  entries: readonly ServiceRun[],
  inputs: Inputs,
  ports: DeployHookPorts,
  runState: RunState,
): HookTask | undefined {
  const { preDeployTaskDefinition, preDeployCommand, postDeployCommand } = inputs;
  if (moment === "post-deploy") return revisionTask(postDeployCommand, entries, inputs);
  if (preDeployTaskDefinition) return ownTask(entries, inputs, ports, runState);
  return revisionTask(preDeployCommand, entries, inputs);
}

/** With the revision of the first service. */
function revisionTask(
  command: readonly string[] | undefined,
  entries: readonly ServiceRun[],
  { preDeployTaskDefinition, preDeployContainer }: Inputs,
): HookTask | undefined {
  // A service whose revision could not be registered already has its conclusion.
  const [first, ...others] = entries.filter(
    ({ taskDefinitionArn }) => taskDefinitionArn !== undefined,
  );
  if (!command || !first) return undefined;
  const { plan, taskDefinitionArn = plan.service.taskDefinitionArn } = first;
  return {
    command,
    // With a definition of its own it is a container of that definition.
    requested: preDeployTaskDefinition ? undefined : preDeployContainer,
    deployed: plan.container,
    services: [first, ...others],
    register: async () => taskDefinitionArn,
  };
}

/** With `pre-deploy-task-definition`. */
function ownTask(
  entries: readonly ServiceRun[],
  inputs: Inputs,
  { aws, reporter, observed, imagePlan }: DeployHookPorts,
  { image }: RunState,
): HookTask | undefined {
  const [first, ...others] = entries.filter(({ conclusion }) => !conclusion);
  if (!first || !image || !imagePlan) return undefined;
  const plan = planPreDeployTask(inputs, observed, { plan: imagePlan, digest: image.digest });
  return {
    command: inputs.preDeployCommand ?? [],
    requested: undefined,
    deployed: plan.container,
    services: [first, ...others],
    register: async () => {
      for (const line of plan.changes.map(describeChange)) reporter.info(line);
      return await createRegisterRevision(aws.ecs)(plan);
    },
  };
}

function describeAll(before: boolean, single: boolean): string {
  if (before) {
    if (single) return "The service was not touched";
    return "The services were not touched";
  }
  if (single) return "The service itself is fine";
  return "The services themselves are fine";
}

function describeServicesState(moment: DeployHook, entries: readonly ServiceRun[]): string {
  const before = moment === "pre-deploy";
  const revisions = entries.map(({ plan, taskDefinitionArn }) => {
    const { name, taskDefinitionArn: previousArn } = plan.service;
    return `${name} runs ${shortRevision((before ? previousArn : taskDefinitionArn) ?? "")}`;
  });
  return `${describeAll(before, entries.length === 1)}: ${revisions.join(", ")}.`;
}
