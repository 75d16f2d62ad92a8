// When a one-off task runs, and how the services stand meanwhile: before the first of them is updated, or when all of them are good.

import type { DeployHook } from "../plan/service/task.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { RunState, ServiceRun } from "../run/state.ts";
import { shortRevision } from "../text/format.ts";
import { type RunTaskPorts, runTask, type TaskInputs } from "./run-task.ts";

export interface DeployHookPorts extends Omit<RunTaskPorts, "reporter"> {
  readonly reporter: Reporter;
  readonly phase: (title: string, work: () => Promise<void>) => Promise<void>;
}

/**
 * Runs the command of this moment, if one was given: once, with the revision and the network of the first service.
 * @throws DeployError when it did not end well
 */
export async function runDeployHook(
  moment: DeployHook,
  entries: readonly ServiceRun[],
  inputs: TaskInputs & TaskCommands,
  ports: DeployHookPorts,
  journal: RunState,
): Promise<void> {
  const command = moment === "pre-deploy" ? inputs.preDeployCommand : inputs.postDeployCommand;
  // One whose revision could not be registered has its conclusion already.
  const registered = entries.filter(({ taskDefinitionArn }) => taskDefinitionArn !== undefined);
  const [first] = registered;
  if (!command || !first) return;
  const { plan, taskDefinitionArn = plan.service.taskDefinitionArn } = first;
  const { service, container: deployed } = plan;
  const request = {
    moment,
    command,
    service,
    taskDefinitionArn,
    deployed,
    servicesState: describeServicesState(moment, registered),
  };
  await ports.phase(`Run the ${moment} task`, () =>
    withHeartbeat(ports.reporter, ports.clock, (reporter) =>
      runTask(request, inputs, { ...ports, reporter }, (entry) => journal.tasks.push(entry)),
    ),
  );
}

interface TaskCommands {
  readonly preDeployCommand: readonly string[] | undefined;
  readonly postDeployCommand: readonly string[] | undefined;
}

function describeServicesState(moment: DeployHook, entries: readonly ServiceRun[]): string {
  const before = moment === "pre-deploy";
  const revisions = entries.map(({ plan, taskDefinitionArn }) => {
    const now = before ? plan.service.taskDefinitionArn : taskDefinitionArn;
    return `${plan.service.name} runs ${shortRevision(now ?? "")}`;
  });
  const subject = entries.length === 1 ? "The service" : "Each service";
  return `${subject} ${before ? "is untouched" : "itself is good"}: ${revisions.join(", ")}.`;
}
