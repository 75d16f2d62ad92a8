// Runs the pre-deploy task before the first service is updated, and the post-deploy task after all
// deployments have succeeded.

import { shortRevision } from "../ecs/arn.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type DeployHook, placeOfService } from "../plan/service/task.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { RunState, ServiceRun } from "../run/state.ts";
import type { RunTaskPorts } from "./run-task.ts";
import type { TaskRequest } from "./task-request.ts";

interface DeployHookPorts extends Omit<RunTaskPorts, "reporter"> {
  readonly reporter: Reporter;
  readonly phase: (title: string, work: () => Promise<void>) => Promise<void>;
}

/**
 * Runs the command of this hook, if one is set: once, with the revision and the network of the
 * first service.
 * @throws DeployError unless it succeeds
 */
export async function runDeployHook(
  moment: DeployHook,
  entries: readonly ServiceRun[],
  inputs: TaskInputs,
  ports: DeployHookPorts,
  runState: RunState,
): Promise<void> {
  const command = moment === "pre-deploy" ? inputs.preDeployCommand : inputs.postDeployCommand;
  // A service whose revision could not be registered already has its conclusion.
  const registered = entries.filter(({ taskDefinitionArn }) => taskDefinitionArn !== undefined);
  const [first] = registered;
  if (!command || !first) return;
  const { plan, taskDefinitionArn = plan.service.taskDefinitionArn } = first;
  const { service, container: deployed } = plan;
  const request: TaskRequest = {
    moment,
    command,
    environment: [],
    place: placeOfService(service),
    service: service.name,
    taskDefinitionArn,
    requested: inputs.preDeployContainer,
    deployed,
    region: inputs.awsRegion,
    minutes: inputs.preDeployTimeoutMinutes,
    minutesInput: "pre-deploy-timeout-minutes",
    stopOnCancel: inputs.onCancel === "rollback-and-stop-task",
    servicesState: describeServicesState(moment, registered),
  };
  const { runTask } = await import("./run-task.ts");
  await ports.phase(`Run the ${moment} task`, () =>
    withHeartbeat(ports.reporter, ports.clock, (reporter) =>
      runTask(request, { ...ports, reporter }, (entry) => runState.tasks.push(entry)),
    ),
  );
}

type TaskInputs = Pick<
  Inputs,
  | "awsRegion"
  | "onCancel"
  | "preDeployCommand"
  | "preDeployContainer"
  | "preDeployTimeoutMinutes"
  | "postDeployCommand"
>;

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
