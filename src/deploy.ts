// The whole deployment, from a commit to an outcome, in the order of the README's flow; each step
// is a function of a room.

import { deployServices } from "./deployment/deploy-services.ts";
import { imagePortsOf, moveLatest, provideScannedImage } from "./image/provide-image.ts";
import type { Inputs } from "./inputs/schema.ts";
import { type CurrentState, readCurrentState } from "./observe/current-state.ts";
import { type Connection, connect } from "./observe/sign-in.ts";
import { type Plan, pinDigest, planRun } from "./plan/plan.ts";
import { describeDuration, describeImagePlan, describePlan } from "./report/plan-lines.ts";
import { reportDecisions, reportFindings } from "./reporter/findings.ts";
import { setPreviousOutputs, setRollbackImageOutputs } from "./run/outputs.ts";
import { type RunPhase, startRun } from "./run/phases.ts";
import { hasFailed, newService, type RunState, type ServiceRun } from "./run/state.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { runDeployHook } from "./task/deploy-hooks.ts";
import { openTerraformRun, type TerraformRun } from "./terraform/open-terraform-run.ts";
import { openVerification } from "./verification/open-verification.ts";

/**
 * Deploys a commit. Everything that becomes known is written into the run state at once.
 * @throws DeployError when it cannot continue; a failed rollout is no error here, but a conclusion
 * in the run state
 */
export async function deploy(
  requested: Inputs,
  runtime: Runtime,
  runState: RunState,
): Promise<void> {
  const phase = startRun(requested, runtime, runState);
  const connection = await phase("Sign in to AWS", () => connect(requested, runtime));
  if (requested.answerPause !== undefined) {
    const { answerPause } = await import("./deployment/answer-pause.ts");
    const ports = { ...runtime, aws: connection.aws, phase };
    return await answerPause(requested.answerPause, requested, ports, runState);
  }
  const terraform = await openTerraformRun(requested, connection, runtime, runState, phase);
  try {
    const located = { ...requested, ...terraform?.place };
    const current = await phase("Read the current state", () =>
      readCurrentState(located, connection, runtime, runState),
    );
    const plan = planRun(current.inputs, current.observed, current.drafts);
    reportFindings(plan, runtime.reporter);
    reportDecisions(plan, current.drafts, runtime.reporter);
    runState.services = plan.services.map(newService);
    const run = { ...current, ...connection, plan, terraform, phase, runState, runtime };
    if (current.inputs.dryRun) await reportPlan(run);
    else await executePlan(run);
  } finally {
    await terraform?.close();
  }
}

/** Everything has been read and planned; nothing has changed. */
interface DeployContext extends CurrentState, Connection {
  readonly plan: Plan;
  readonly terraform: TerraformRun | undefined;
  readonly phase: RunPhase;
  readonly runState: RunState;
  readonly runtime: Runtime;
}

/** The end of a dry run. */
async function reportPlan({ inputs, observed, plan, terraform, runState, runtime }: DeployContext) {
  const lines = terraform ? describeImagePlan(plan) : describePlan(plan, observed);
  runState.plan = lines;
  const more = plan.image ? await terraform?.describePlan(plan.image, inputs) : undefined;
  for (const line of [...lines, ...(more ?? [])]) runtime.reporter.info(line);
  for (const service of runState.services) service.conclusion = { outcome: "planned" };
  setPreviousOutputs(runState.services, inputs.verifyUrl, runtime.reporter);
}

/** The image, the pre-deploy task, the services, the verification, the post-deploy task. */
async function executePlan(run: DeployContext): Promise<void> {
  const { inputs, observed, drafts, plan, terraform, aws, registry, phase, runState, runtime } =
    run;
  const { clock, random, signal, environment, reporter, postState } = runtime;
  if (!terraform) for (const line of describeDuration(plan)) reporter.info(line);
  const imagePorts = imagePortsOf({ ecr: aws.ecr, ecrIn: aws.ecrIn, registry }, inputs, runtime);
  const image =
    plan.image && (await provideScannedImage(plan.image, inputs, imagePorts, runState, phase));
  if (image)
    runState.services = pinDigest(plan, image.digest, inputs, observed, drafts).services.map(
      newService,
    );
  setPreviousOutputs(runState.services, inputs.verifyUrl, reporter);
  setRollbackImageOutputs(runState.services, reporter);

  // A rollback runs the old code, and no migration.
  const runPorts = { aws, clock, random, signal, environment, reporter, postState, phase };
  const taskPorts = { ...runPorts, observed, imagePlan: plan.image };
  const migrate = async (services: readonly ServiceRun[]) => {
    if (plan.image) await runDeployHook("pre-deploy", services, inputs, taskPorts, runState);
  };
  const { openProbe } = runtime;
  const verification = await openVerification(inputs, { ...taskPorts, openProbe }, runState);
  const hooks = { migrate, openPauseVerifier: verification?.openPauseVerifier };
  if (terraform && plan.image && image)
    await terraform.deploy({ inputs, observed, plan: plan.image, image, ...hooks });
  else {
    const older = { image: plan.image, observed, registry };
    await deployServices(inputs, image, { ...taskPorts, ...hooks, older }, runState);
  }

  if (hasFailed(runState)) return;
  await verification?.afterRollout();
  if (hasFailed(runState)) return;
  if (!plan.image || !image) return;
  await moveLatest(plan.image, image, imagePorts);
  await runDeployHook("post-deploy", runState.services, inputs, taskPorts, runState);
}
