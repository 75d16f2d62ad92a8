// The story: from a commit to a verdict. Reads like the README; every step is a room of its own.

import { deployServices } from "./deployment/deploy-services.ts";
import { moveLatest, provideScannedImage } from "./image/provide-image.ts";
import type { Inputs } from "./inputs/schema.ts";
import { type CurrentState, readCurrentState } from "./observe/current-state.ts";
import { type Connection, connect } from "./observe/sign-in.ts";
import { pinDigest, planRun } from "./plan/plan.ts";
import type { Plan } from "./plan/service-plan.ts";
import { describeImagePlan, describePlan } from "./report/plan-lines.ts";
import { reportFindings } from "./reporter/findings.ts";
import { tellBefore, tellImageOfRollback } from "./run/outputs.ts";
import { type RunPhase, startRun } from "./run/phases.ts";
import { hasFailed, type Journal, newService, type ServiceEntry } from "./run/state.ts";
import type { World } from "./runtime/runtime.ts";
import { runTaskOf } from "./task/deploy-hooks.ts";
import { prepareTerraform, type TerraformRun } from "./terraform/terraform-run.ts";

/**
 * Takes a commit to a running service. What becomes known is written into the journal as it happens.
 * @throws DeployError when it cannot go on; a rollout that ends badly is no error here, but a conclusion in the journal
 */
export async function deploy(requested: Inputs, world: World, journal: Journal): Promise<void> {
  const phase = startRun(requested, world, journal);
  const connection = await phase("Sign in to AWS", () => connect(requested, world));
  const terraform = await prepareTerraform(requested, connection.aws, world, journal, phase);
  try {
    const located = { ...requested, ...terraform?.place };
    const current = await phase("Look at what is there", () =>
      readCurrentState(located, connection, world, journal),
    );
    const plan = planRun(current.inputs, current.observed, current.drafts);
    reportFindings(plan, world.reporter);
    journal.services = plan.services.map(newService);
    const run = { ...current, ...connection, plan, terraform, phase, journal, world };
    await (current.inputs.dryRun ? reportPlan(run) : carryOut(run));
  } finally {
    await terraform?.close();
  }
}

/** Everything is known, nothing has moved. */
interface Run extends CurrentState, Connection {
  readonly plan: Plan;
  readonly terraform: TerraformRun | undefined;
  readonly phase: RunPhase;
  readonly journal: Journal;
  readonly world: World;
}

/** The end of a dry run. */
async function reportPlan({ inputs, observed, plan, terraform, journal, world }: Run) {
  const lines = terraform ? describeImagePlan(plan) : describePlan(plan, observed);
  journal.plan = lines;
  const more = plan.image ? await terraform?.describePlan(plan.image, inputs) : undefined;
  for (const line of [...lines, ...(more ?? [])]) world.reporter.info(line);
  for (const service of journal.services) service.conclusion = { outcome: "planned" };
  tellBefore(journal.services, world.reporter);
}

/** The image, the task before, the services, the task after. */
async function carryOut(run: Run): Promise<void> {
  const { inputs, observed, drafts, plan, terraform, aws, registry, phase, journal, world } = run;
  const { privateFolder: leaveBehind } = world.handOver;
  const secrets = inputs.buildSecrets;
  const imagePorts = { ...world, registry, ecr: aws.ecr, secrets, leaveBehind };
  const image =
    plan.image && (await provideScannedImage(plan.image, inputs, imagePorts, journal, phase));
  if (image)
    journal.services = pinDigest(plan, image.digest, inputs, observed, drafts).services.map(
      newService,
    );
  tellBefore(journal.services, world.reporter);
  tellImageOfRollback(journal.services, world.reporter);

  // A rollback wants the old code, and no migration of it.
  const taskPorts = { ...world, aws, phase };
  const migrate = async (services: readonly ServiceEntry[]) => {
    if (plan.image) await runTaskOf("pre-deploy", services, inputs, taskPorts, journal);
  };
  if (terraform && plan.image && image)
    await terraform.deploy({ inputs, observed, plan: plan.image, image, migrate });
  else await deployServices(inputs, image, { ...world, aws, phase, migrate }, journal);

  if (hasFailed(journal)) return;
  if (!plan.image || !image) return;
  await moveLatest(plan.image, image, imagePorts);
  await runTaskOf("post-deploy", journal.services, inputs, taskPorts, journal);
}
