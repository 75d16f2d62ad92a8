// The checks of one verification: the URLs first, then the command, as long as none fails.

import { shortRevision } from "../ecs/arn.ts";
import { asDeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { placeOfService } from "../plan/service/task.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type { VerificationOutcome } from "../run/outcome.ts";
import type { RunState, ServiceRun } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { RunTaskPorts } from "../task/run-task.ts";
import type { TaskRequest } from "../task/task-request.ts";
import { budgetMilliseconds } from "./limits.ts";
import { verifyUrls } from "./verify-urls.ts";

export interface CheckPorts extends Omit<RunTaskPorts, "reporter"> {
  readonly openProbe: Runtime["openProbe"];
}

interface CheckRequest {
  /** The command runs with its revision, in its network. */
  readonly entry: ServiceRun;
  /** When the verification must have ended, in milliseconds since the Unix epoch. */
  readonly until: number;
  readonly signal: AbortSignal;
  readonly reporter: HeartbeatReporter;
}

/**
 * @returns the results, those that failed last
 * @throws DeployError if the command could not be run for a reason that says nothing about the
 * version: a missing permission, AWS unavailable, a cancel
 */
export async function runChecks(
  { entry, until, signal, reporter }: CheckRequest,
  inputs: Inputs,
  ports: CheckPorts,
  runState: RunState,
): Promise<readonly VerificationOutcome[]> {
  const results: VerificationOutcome[] = [];
  if (inputs.verifyUrl.length > 0) {
    const probe = await ports.openProbe();
    const limit = Math.min(until, ports.clock.now() + budgetMilliseconds);
    const found = await verifyUrls(inputs.verifyUrl, limit, { ...ports, probe, signal, reporter });
    results.push(...found.toSorted((a, b) => Number(b.passed) - Number(a.passed)));
  }
  if (inputs.verifyCommand && results.every(({ passed }) => passed))
    results.push(
      await runCommand(
        { entry, until, signal, reporter },
        inputs.verifyCommand,
        inputs,
        ports,
        runState,
      ),
    );
  for (const line of results.flatMap(({ text }) => text.split("\n"))) reporter.info(line);
  runState.verification.push(...results);
  return results;
}

/** What the end of a task says about the version; any other error says something about AWS. */
const taskFailures: ReadonlySet<string> = new Set(["TaskFailed", "TaskTimedOut", "TaskNotStarted"]);

async function runCommand(
  { entry, until, signal, reporter }: CheckRequest,
  command: readonly string[],
  inputs: Inputs,
  ports: CheckPorts,
  runState: RunState,
): Promise<VerificationOutcome> {
  const { plan, taskDefinitionArn = plan.service.taskDefinitionArn } = entry;
  const { service, container: deployed } = plan;
  const left = Math.max(1, Math.floor((until - ports.clock.now()) / 60_000));
  const request: TaskRequest = {
    moment: "verification",
    command,
    environment: [],
    place: placeOfService(service),
    service: service.name,
    taskDefinitionArn,
    requested: inputs.preDeployTaskDefinition ? undefined : inputs.preDeployContainer,
    deployed,
    region: inputs.awsRegion,
    minutes: Math.min(inputs.preDeployTimeoutMinutes, left),
    minutesInput: "pre-deploy-timeout-minutes",
    stopOnCancel: inputs.onCancel === "rollback-and-stop-task",
    servicesState: `It was run to verify ${shortRevision(taskDefinitionArn)} on ${service.name}.`,
  };
  // On demand, so that the bundle of a plain deployment does not have it.
  const { runTask } = await import("../task/run-task.ts");
  try {
    await runTask(request, { ...ports, signal, reporter }, (run) => runState.tasks.push(run));
  } catch (error) {
    const { code, message, hint } = asDeployError(error);
    if (!taskFailures.has(code)) throw error;
    return { passed: false, text: [message, hint].filter(Boolean).join("\n") };
  }
  return { passed: true, text: `${command.join(" ")} exited with 0.` };
}
