// When a one-off task runs, and how the services stand meanwhile: before the first of them is updated, or when all of them are good.

import type { DeployHook } from "../plan/service/task.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Journal, ServiceEntry } from "../run/state.ts";
import { shortRevision } from "../text/format.ts";
import { type RunTaskPorts, runTask, type TaskInputs } from "./run-task.ts";

export interface BeforeAndAfterPorts extends RunTaskPorts {
  readonly phase: (title: string, work: () => Promise<void>) => Promise<void>;
}

/**
 * Runs the command of this moment, if one was given: once, with the revision and the network of the first service.
 * @throws DeployError when it did not end well
 */
export async function runTaskOf(
  moment: DeployHook,
  entries: readonly ServiceEntry[],
  inputs: TaskInputs & TaskCommands,
  ports: BeforeAndAfterPorts,
  journal: Journal,
): Promise<void> {
  const command = moment === "pre-deploy" ? inputs.preDeployCommand : inputs.postDeployCommand;
  // One whose revision could not be registered has its conclusion already.
  const able = entries.filter(({ taskDefinitionArn }) => taskDefinitionArn !== undefined);
  const [first] = able;
  if (!command || !first) return;
  const { plan, taskDefinitionArn = plan.service.taskDefinitionArn } = first;
  const { service, container: deployed } = plan;
  const job = {
    moment,
    command,
    service,
    taskDefinitionArn,
    deployed,
    standing: standingOf(moment, able),
  };
  await ports.phase(`Run the ${moment} task`, () =>
    withHeartbeat(ports.reporter, ports.clock, (reporter) =>
      runTask(job, inputs, { ...ports, reporter }, (entry) => journal.tasks.push(entry)),
    ),
  );
}

interface TaskCommands {
  readonly preDeployCommand: readonly string[] | undefined;
  readonly postDeployCommand: readonly string[] | undefined;
}

function standingOf(moment: DeployHook, entries: readonly ServiceEntry[]): string {
  const before = moment === "pre-deploy";
  const revisions = entries.map(({ plan, taskDefinitionArn }) => {
    const now = before ? plan.service.taskDefinitionArn : taskDefinitionArn;
    return `${plan.service.name} runs ${shortRevision(now ?? "")}`;
  });
  const of = entries.length === 1 ? "The service" : "Each service";
  return `${of} ${before ? "is untouched" : "itself is good"}: ${revisions.join(", ")}.`;
}
