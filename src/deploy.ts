// The story: from a commit to a verdict. Reads like the README; every step is a room of its own.

import { collectRefusals } from "./aws/access-denied.ts";
import { consoleHost } from "./aws/partitions.ts";
import { type AwsSession, signIn } from "./aws/session.ts";
import { isMixed, returnAll } from "./deployment/rollback-all.ts";
import { followRollouts, leaveUnwatched } from "./deployment/run-rollout.ts";
import { createRegistrar } from "./deployment/update-service.ts";
import { eachService, register, update, updateAll } from "./deployment/update-services.ts";
import { waitForTurn } from "./deployment/wait-until-idle.ts";
import { parseArn } from "./ecs/arn.ts";
import { type ImagePorts, provideImage } from "./image/build-or-reuse.ts";
import type { RegistryPorts } from "./image/registry.ts";
import { createLogins } from "./image/registry-credentials.ts";
import { judgeScan, scanImage } from "./image/scan.ts";
import { moveLatest } from "./image/tags.ts";
import { doubtsAbout } from "./inputs/doubts.ts";
import { goesBack } from "./inputs/is-rollback.ts";
import { invalidInput } from "./inputs/read.ts";
import { elsewhere, soughtPlaces } from "./inputs/requested-services.ts";
import type { Inputs } from "./inputs/schema.ts";
import { observe } from "./observe/observe.ts";
import { deployedReference, type ImagePlan } from "./plan/image/image.ts";
import type { Observed } from "./plan/observed.ts";
import { planDeploy, planServices } from "./plan/plan.ts";
import { planGoingBack } from "./plan/plan-rollback.ts";
import {
  planForTerraform,
  redeploying,
  refuseLostTag,
  tagToGoBackTo,
} from "./plan/plan-terraform.ts";
import { refuseUnknownContainer, type TaskMoment } from "./plan/service/task.ts";
import type { Plan, ServicePlan } from "./plan/service-plan.ts";
import { describeFindings } from "./report/log-lines.ts";
import { describeImagePlan, describePlan } from "./report/plan-lines.ts";
import { tellBefore, teller, tellImage, tellImageOfRollback } from "./report/report-outputs.ts";
import { tellFindings } from "./reporter/findings.ts";
import { withHeartbeat } from "./reporter/heartbeat.ts";
import type { Reporter } from "./reporter/reporter.ts";
import type { ProvidedImage } from "./run/image.ts";
import { isPass } from "./run/outcome.ts";
import type { Journal, ServiceEntry } from "./run/state.ts";
import type { World } from "./runtime/runtime.ts";
import { runTaskOf } from "./task/deploy-hooks.ts";
import { deployWithTerraform } from "./terraform/deploy-with-terraform.ts";
import { describeTerraformPlan, planAndCheck } from "./terraform/plan.ts";
import { openTerraform, type TerraformSession } from "./terraform/session.ts";

/**
 * Takes a commit to a running service. What becomes known is written into the journal as it happens.
 * @throws DeployError when it cannot go on; a rollout that ends badly is no error here, but a conclusion in the journal
 */
export async function deploy(asked: Inputs, world: World, journal: Journal): Promise<void> {
  const phase: Phased = (title, work) => timed(title, work, world, journal);
  journal.region = asked.awsRegion;
  if (goesBack(asked)) journal.rollback = true;
  journal.console = consoleHost(asked.awsRegion);
  for (const doubt of doubtsAbout(asked, world.environment)) world.reporter.notice(doubt);

  const aws = await phase("Sign in to AWS", () => introduce(asked, world));
  const registry = { ...world, ...createLogins({ ...world, ecr: aws.ecr }) };
  const terraform = await prepareTerraform(asked, { ...world, aws, phase });
  try {
    const placed = { ...asked, ...terraform?.place };
    refuseElsewhere(placed, aws);
    const { inputs, observed } = await phase("Look at what is there", () =>
      look(placed, aws, { ...world, registry }),
    );
    journal.asked = soughtPlaces(inputs).map(({ cluster, name }) => `${cluster}/${name}`);
    const plan = planOf(inputs, observed);
    tellFindings(plan, world.reporter);
    refuseUnknownContainer(inputs, plan.services, observed.taskDefinitions);
    journal.services = plan.services.map(entryOf);
    const run = { inputs, observed, plan, terraform, aws, phase, journal, world, registry };
    await (inputs.dryRun ? stopAtPlan(run) : carryOut(run));
  } finally {
    await terraform?.close();
  }
}

type Phased = <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;

/** Everything is known, nothing has moved. */
interface Run {
  readonly inputs: Inputs;
  readonly observed: Observed;
  readonly plan: Plan;
  readonly terraform: TerraformSession | undefined;
  readonly aws: AwsSession;
  readonly phase: Phased;
  readonly journal: Journal;
  readonly world: World;
  readonly registry: ImagePorts["registry"];
}

/** The image, the task before, the services, the task after. */
async function carryOut(run: Run): Promise<void> {
  const { inputs, observed, plan, terraform, aws, phase, journal, world, registry } = run;
  const ports = { ...world, registry, ecr: aws.ecr, secrets: inputs.buildSecrets };
  const image = plan.image && (await provide(plan.image, inputs, ports, journal));
  if (plan.image?.pinDigest && !terraform)
    journal.services = planServices(inputs, observed, plan.image, image).map(entryOf);
  tellBefore(journal.services, world.reporter);
  tellImageOfRollback(journal.services, world.reporter);

  // Who goes back wants the old code, and no migration of it.
  const oneOff = async (moment: TaskMoment, entries: readonly ServiceEntry[]) =>
    plan.image && runTaskOf(moment, entries, inputs, { ...world, aws, phase }, journal);
  const migrate = (entries: readonly ServiceEntry[]) => oneOff("pre-deploy", entries);
  if (terraform && plan.image && image)
    await deployWithTerraform({
      ...{
        inputs,
        aws,
        phase,
        journal,
        image,
        migrate,
        session: terraform,
        tellerOf: tellerOf(run),
      },
      ...{
        services: observed.services,
        definitions: observed.taskDefinitions,
        prepareNew: (entry) => migrate([entry]),
      },
      ...toTerraform(plan.image, image.digest),
      ...world,
    });
  else await moveServices(run, image, migrate);

  if (journal.services.some(({ conclusion }) => conclusion && !isPass(conclusion.outcome))) return;
  if (plan.image && image) await moveLatest(plan.image, image.digest, "succeeded", ports);
  await oneOff("post-deploy", journal.services);
}

/** Registers, migrates, updates and watches: the services that are not settled already. */
async function moveServices(
  run: Run,
  image: ProvidedImage | undefined,
  migrate: (entries: readonly ServiceEntry[]) => Promise<void>,
): Promise<void> {
  const { inputs, plan, aws, phase, journal, world } = run;
  const moving = journal.services.filter((entry) => !entry.plan.settled);
  for (const entry of journal.services)
    if (entry.plan.settled) entry.conclusion = { outcome: "unchanged" };
  if (moving.length === 0)
    return world.reporter.info(
      `${image?.reference ?? "That revision"} is what runs already: nothing to do.`,
    );
  const reporterOf = tellerOf(run);
  const registrar = createRegistrar(aws.ecs);
  await phase(plan.image ? "Register the task definition" : "Go back", () =>
    eachService(moving, (entry) => register(entry, registrar, reporterOf(entry))),
  );
  await migrate(moving);
  const rebuilt = image !== undefined && !image.reused;
  const until = world.clock.now() + inputs.waitForMinutes * 60_000;
  const updating = (entry: ServiceEntry) =>
    update(entry, rebuilt, { ...world, ecs: aws.ecs, until, reporter: reporterOf(entry) });
  const atCancel = {
    ecs: aws.lastCallsToEcs,
    clock: world.clock,
    onCancel: inputs.onCancel,
    handOver: world.handOver,
  };
  await phase("Update the service", () => updateAll(moving, updating, atCancel));

  const rolling = moving.filter(({ deployment, conclusion }) => deployment && !conclusion);
  if (rolling.length === 0) return;
  if (!inputs.waitForServiceStability) return leaveUnwatched(rolling, world.reporter);
  const eyes = { ...world, aws, image, tellerOf: reporterOf, until };
  await phase("Watch the rollout", () =>
    withHeartbeat(world.reporter, world.clock, (reporter) =>
      followRollouts(rolling, inputs, { ...eyes, reporter }),
    ),
  );
  if (inputs.onFailureOfOne === "rollback-all" && isMixed(moving))
    await phase("Go back with all of them", () => returnAll(moving, inputs, eyes));
}

function planOf(inputs: Inputs, observed: Observed): Plan {
  if (inputs.terraformDirectory !== undefined) return planForTerraform(inputs, observed);
  return goesBack(inputs) ? planGoingBack(inputs, observed) : planDeploy(inputs, observed);
}

/** Before anything is built: a root that cannot work must not cost a build. */
async function prepareTerraform(
  inputs: Inputs,
  { aws, phase, ...world }: World & Pick<Run, "aws" | "phase">,
): Promise<TerraformSession | undefined> {
  const { terraformDirectory } = inputs;
  if (terraformDirectory === undefined) return undefined;
  const ports = { ...world, credentials: aws.environmentOfChild };
  return phase("Prepare Terraform", () => openTerraform({ ...inputs, terraformDirectory }, ports));
}

/** The image as Terraform's variable gets it, and as the container definitions then must name it. */
function toTerraform(
  plan: ImagePlan,
  digest: string | undefined,
): { readonly value: string; readonly reference: string } {
  const pinned = plan.pinDigest && digest !== undefined ? `@${digest}` : "";
  return { value: `${plan.tag}${pinned}`, reference: deployedReference(plan, digest) };
}

function tellerOf({ journal, world }: Run): (entry: ServiceEntry) => Reporter {
  return (entry) => teller(entry === journal.services[0], world.reporter);
}

function entryOf(plan: ServicePlan): ServiceEntry {
  return { plan, ...(plan.settled && { taskDefinitionArn: plan.reuse }) };
}

/** Reused, or built and pushed; then scanned, if asked for. What the scan found is in the summary, also of a run that ends here. */
async function provide(
  plan: ImagePlan,
  inputs: Inputs,
  ports: World & Omit<ImagePorts, "leaveBehind">,
  journal: Journal,
): Promise<ProvidedImage> {
  const leaveBehind = ports.handOver.privateFolder;
  const image = await timed(
    "Provide the image",
    () => provideImage(plan, { ...ports, leaveBehind }),
    ports,
    journal,
  );
  journal.image = image;
  tellImage(image, ports.reporter);
  const { scan: least } = inputs;
  if (least === "off") return image;
  const scan = async () => {
    const report = await scanImage(plan, image.digest, ports);
    journal.image = { ...image, scan: report };
    judgeScan(report, least, image.reference);
  };
  await timed("Wait for the scan", scan, ports, journal);
  return image;
}

/** The end of a dry run: everything is known, nothing has moved. */
async function stopAtPlan({
  plan,
  observed,
  journal,
  world,
  terraform,
  phase,
  inputs,
}: Run): Promise<void> {
  const { reporter } = world;
  const lines = terraform ? describeImagePlan(plan) : describePlan(plan, observed);
  journal.plan = lines;
  if (terraform && plan.image) {
    const image = toTerraform(plan.image, plan.image.existing?.digest);
    const planned = await phase("Plan with Terraform", () =>
      planAndCheck({ session: terraform, inputs, image, reporter, journal }),
    );
    for (const line of [...lines, ...describeTerraformPlan(planned, terraform.directory)])
      reporter.info(line);
  } else for (const line of lines) reporter.info(line);
  for (const entry of journal.services) entry.conclusion = { outcome: "planned" };
  tellBefore(journal.services, reporter);
}

async function introduce(inputs: Inputs, world: World): Promise<AwsSession> {
  const session = await signIn(inputs, world);
  world.reporter.info(`Signed in as ${session.identity.arn}.`);
  if (!session.identity.assumed)
    world.reporter.notice(
      "These are the job's own AWS credentials. A role that trusts GitHub's OIDC tokens needs no stored keys and outlasts long rollouts: see role-to-assume.",
    );
  refuseElsewhere(inputs, session);
  return session;
}

/** The account of the job's own credentials is known only now. @throws DeployError `InvalidInput` */
function refuseElsewhere(inputs: Inputs, { identity }: AwsSession): void {
  const partition = parseArn(identity.arn)?.partition;
  const home = {
    region: inputs.awsRegion,
    accountId: identity.accountId,
    partition,
    identity: `these credentials (${identity.arn}) are`,
  };
  const problems = elsewhere(inputs, home);
  if (problems.length > 0) throw invalidInput(problems);
}

/** Going back with Terraform is to deploy an earlier tag: then that is what is asked for from here on. */
async function look(
  asked: Inputs,
  aws: AwsSession,
  world: World & { registry: RegistryPorts },
): Promise<{ readonly inputs: Inputs; readonly observed: Observed }> {
  // A service that may not be read is told of below, with all else that may not.
  if (asked.whenBusy === "wait")
    await collectRefusals().or(waitForTurn(asked, { ...world, ecs: aws.ecs }), undefined);
  const observed = await observe(asked, aws, world);
  world.reporter.info(`${describeFindings(observed, asked)}.`);
  if (asked.terraformDirectory === undefined || !goesBack(asked))
    return { inputs: asked, observed };
  const { tag, why } = tagToGoBackTo(asked, observed);
  world.reporter.info(`Going back to the image tag ${tag}: ${why}.`);
  const inputs = redeploying(asked, tag);
  // The tag's image is that of another commit, as it is meant to be: there is none to compare it with.
  const again = await observe(inputs, aws, { ...world, commit: "" });
  refuseLostTag(inputs, again);
  return { inputs, observed: again };
}

async function timed<Result>(
  title: string,
  work: () => Promise<Result>,
  { reporter, clock }: World,
  journal: Journal,
): Promise<Result> {
  const startedAt = clock.now();
  let failed = true;
  try {
    const result = await reporter.phase(title, work);
    failed = false;
    return result;
  } finally {
    journal.phases.push({ title, startedAt, endedAt: clock.now(), ...(failed && { failed }) });
  }
}
