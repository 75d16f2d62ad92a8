// The step of the action `register`: a revision of a task definition, and no service.

import { createRegisterRevision } from "../deployment/register-revision.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { InputSource } from "../inputs/read.ts";
import { readRegisterInputs } from "../inputs/read-verb.ts";
import { runStep } from "../main.ts";
import { observeRevision } from "../observe/observe-revision.ts";
import { connect } from "../observe/sign-in.ts";
import { planRegister, type RegisterPlan } from "../plan/plan-register.ts";
import { describeChange } from "../report/log-lines.ts";
import { reportFindings } from "../reporter/findings.ts";
import type { Outcome, VerbResult } from "../run/outcome.ts";
import { startRun } from "../run/phases.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The step with any runtime: never rejects; every failure is in the outcome. */
export async function runRegister(source: InputSource<string>, runtime: Runtime): Promise<Outcome> {
  return await runStep("register", runtime, async (checked, runState) =>
    register(source, checked, runState),
  );
}

async function register(
  source: InputSource<string>,
  runtime: Runtime,
  runState: RunState,
): Promise<void> {
  const inputs = await readRegisterInputs(source);
  const { reporter, commit } = runtime;
  const phase = startRun(inputs, runtime, runState);
  const { aws, registry } = await phase("Sign in to AWS", () => connect(inputs, runtime));
  const { observed, draft } = await phase("Read the current state", () =>
    observeRevision(inputs, aws, { registry, commit }),
  );
  const plan = planRegister(inputs, observed, draft);
  reportFindings(plan, reporter);
  const arn = await phase("Register the revision", async () => {
    for (const line of plan.changes.map(describeChange)) reporter.info(line);
    return await createRegisterRevision(aws.ecs)(plan);
  });
  reporter.output("task-definition-arn", arn);
  runState.result = registerResult(plan, shortRevision(arn));
}

function registerResult({ register, changes }: RegisterPlan, revision: string): VerbResult {
  if (!register)
    return {
      headline: `Nothing to register: ${revision} has the same content`,
      changed: false,
      notes: [],
    };
  return { headline: `Registered ${revision}`, changed: true, notes: changes.map(describeChange) };
}
