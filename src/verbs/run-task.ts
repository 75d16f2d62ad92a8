// The step of the action `run-task`: one task of its own, watched until it ends.

import { createRegisterRevision } from "../deployment/register-revision.ts";
import type { InputSource } from "../inputs/read.ts";
import { readRunTaskInputs } from "../inputs/read-verb.ts";
import { type RunTaskInputs, toRevisionInputs } from "../inputs/run-task-inputs.ts";
import { runStep } from "../main.ts";
import { observeOneOffTask } from "../observe/observe-one-off-task.ts";
import { connect } from "../observe/sign-in.ts";
import { planOneOffTask } from "../plan/plan-one-off-task.ts";
import { describeChange } from "../report/log-lines.ts";
import { reportFindings } from "../reporter/findings.ts";
import { withHeartbeat } from "../reporter/heartbeat.ts";
import type { Outcome } from "../run/outcome.ts";
import { startRun } from "../run/phases.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type TaskRequest, taskNameOf } from "../task/task-request.ts";

/** The step with any runtime: never rejects; every failure is in the outcome. */
export async function runRunTask(source: InputSource<string>, runtime: Runtime): Promise<Outcome> {
  return await runStep("run-task", runtime, async (checked, runState) =>
    runOneOffTask(source, checked, runState),
  );
}

async function runOneOffTask(
  source: InputSource<string>,
  runtime: Runtime,
  runState: RunState,
): Promise<void> {
  const inputs = await readRunTaskInputs(source);
  const { reporter, commit, clock } = runtime;
  const shared = toRevisionInputs(inputs);
  const { environmentVariables } = inputs;
  const phase = startRun({ ...shared, environmentVariables }, runtime, runState);
  const { aws, registry } = await phase("Sign in to AWS", () => connect(shared, runtime));
  const { observed, draft, at } = await phase("Read the current state", () =>
    observeOneOffTask(inputs, aws, { registry, commit }),
  );
  const plan = planOneOffTask(inputs, observed, draft, at);
  reportFindings(plan, reporter);
  const registerRevision = createRegisterRevision(aws.ecs);
  const taskDefinitionArn = plan.register
    ? await phase("Register the revision", () => {
        for (const line of plan.changes.map(describeChange)) reporter.info(line);
        return registerRevision(plan);
      })
    : plan.reuseArn;
  reporter.output("task-definition-arn", taskDefinitionArn);
  const { place, container } = plan;
  const request = { ...requestOf(inputs), place, deployed: container, taskDefinitionArn };
  const { runTask } = await import("../task/run-task.ts");
  await phase("Run the task", () =>
    withHeartbeat(reporter, clock, (withBeat) =>
      runTask(request, { ...runtime, aws, reporter: withBeat }, (entry) =>
        runState.tasks.push(entry),
      ),
    ),
  );
  const headline = `${taskNameOf(request)} ended with exit code 0`;
  runState.result = { headline, changed: true, notes: [] };
}

function requestOf(
  inputs: RunTaskInputs,
): Omit<TaskRequest, "place" | "deployed" | "taskDefinitionArn"> {
  return {
    moment: "one-off",
    command: inputs.command ?? [],
    environment: inputs.environmentVariables,
    service: undefined,
    requested: undefined,
    region: inputs.awsRegion,
    minutes: inputs.waitForMinutes,
    minutesInput: "wait-for-minutes",
    stopOnCancel: inputs.onCancel === "stop-task",
    servicesState: "",
  };
}
