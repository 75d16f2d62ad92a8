// The story: from a commit to a verdict. Reads like the README; every step is a room of its own.

import { type AwsSession, type AwsSurroundings, signIn } from "./aws/session.ts";
import { createLogins } from "./image/logins.ts";
import { type ImagePorts, type ProvidedImage, provideImage } from "./image/provide.ts";
import type { RegistryPorts } from "./image/registry.ts";
import { judgeScan, scanImage } from "./image/scan.ts";
import { moveLatest } from "./image/tags.ts";
import type { Inputs } from "./inputs/schema.ts";
import { observe } from "./observe.ts";
import type { ImagePlan } from "./plan/image.ts";
import { type Observed, type Plan, planDeploy, planServices, type ServicePlan } from "./plan/plan.ts";
import { goesBack, planGoingBack } from "./plan/plan-going-back.ts";
import { refuseUnknownContainer, type TaskMoment } from "./plan/task.ts";
import type { RunProcess } from "./process.ts";
import { withHeartbeat } from "./report/heartbeat.ts";
import type { Journal, ServiceEntry } from "./report/journal.ts";
import { describeFindings } from "./report/log-lines.ts";
import { describePlan } from "./report/plan-lines.ts";
import type { Reporter } from "./report/reporter.ts";
import { followRollouts, leaveUnwatched } from "./rollout/follow.ts";
import { eachService, register, update, updateAll } from "./rollout/move.ts";
import { isMixed, returnAll } from "./rollout/return-all.ts";
import { createRegistrar } from "./rollout/start.ts";
import { waitForTurn } from "./rollout/turn.ts";
import { runTaskOf } from "./task/before-and-after.ts";

/** What the post step must see to if this process is killed before it has done so itself. */
export interface HandOver {
  readonly privateFolder: (folder: string) => void;
  readonly rollbackIfKilled: (serviceDeploymentArns: readonly string[]) => void;
}

/** Everything that deploy needs of the world outside; main.ts has the real one, tests have another. */
export interface World extends AwsSurroundings {
  readonly run: RunProcess;
  readonly reporter: Reporter;
  /** The commit that is deployed, `GITHUB_SHA`. */
  readonly commit: string;
  readonly temporaryFolder: string;
  readonly handOver: HandOver;
}

/**
 * Takes a commit to a running service. What becomes known is written into the journal as it happens.
 * @throws DeployError when it cannot go on; a rollout that ends badly is no error here, but a conclusion in the journal
 */
export async function deploy(inputs: Inputs, world: World, journal: Journal): Promise<void> {
  const phase = <Result>(title: string, work: () => Promise<Result>) => timed(title, work, world, journal);
  journal.region = inputs.awsRegion;

  const aws = await phase("Sign in to AWS", () => introduce(inputs, world));
  const registry = { ...world, ...createLogins({ ...world, ecr: aws.ecr }) };
  const observed = await phase("Look at what is there", () => look(inputs, aws, { ...world, registry }));
  const plan = goesBack(inputs) ? planGoingBack(inputs, observed) : planDeploy(inputs, observed);
  tellFindings(plan, world.reporter);
  refuseUnknownContainer(inputs, plan.services, observed.taskDefinitions);
  journal.services = plan.services.map(entryOf);
  if (inputs.dryRun) return stopAtPlan(plan, observed, journal, world.reporter);
  const tellerOf = (entry: ServiceEntry) => teller(entry === journal.services[0], world.reporter);

  const ports = { ...world, registry, ecr: aws.ecr, secrets: inputs.buildSecrets };
  const image = plan.image && (await provide(plan.image, inputs, ports, journal));
  if (plan.image?.pinDigest) journal.services = planServices(inputs, observed, plan.image, image).map(entryOf);
  tellBefore(journal.services, world.reporter);

  const moving = journal.services.filter((entry) => !entry.plan.settled);
  // Who goes back wants the old code, and no migration of it.
  const oneOff = async (moment: TaskMoment, entries: readonly ServiceEntry[]) =>
    plan.image && runTaskOf(moment, entries, inputs, { ...world, aws, phase }, journal);
  const latestAfterSuccess = async () => plan.image && moveLatest(plan.image, "succeeded", ports);
  if (moving.length === 0) {
    world.reporter.info(`${image?.reference ?? "That revision"} is what runs already: nothing to do.`);
    await latestAfterSuccess();
    return oneOff("post-deploy", journal.services);
  }
  const registrar = createRegistrar(aws.ecs);
  await phase(plan.image ? "Register the task definition" : "Go back", () =>
    eachService(moving, (entry) => register(entry, registrar, tellerOf(entry))),
  );
  await oneOff("pre-deploy", moving);
  const rebuilt = image !== undefined && !image.reused;
  await phase("Update the service", () =>
    updateAll(moving, (entry) => update(entry, rebuilt, { ...world, ecs: aws.ecs, reporter: tellerOf(entry) })),
  );

  const rolling = moving.filter(({ deployment }) => deployment !== undefined);
  if (rolling.length === 0) return;
  if (!inputs.waitForServiceStability) return leaveUnwatched(rolling, world.reporter);
  const eyes = { ...world, aws, image, tellerOf, rollbackIfKilled: world.handOver.rollbackIfKilled };
  await phase("Watch the rollout", () =>
    withHeartbeat(world.reporter, world.clock, (reporter) => followRollouts(rolling, inputs, { ...eyes, reporter })),
  );
  if (inputs.onFailureOfOne === "rollback-all" && isMixed(moving))
    await phase("Go back with all of them", () => returnAll(moving, inputs, eyes));
  if (moving.some(({ conclusion }) => conclusion?.outcome !== "succeeded")) return;
  await latestAfterSuccess();
  await oneOff("post-deploy", journal.services);
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
  const image = await timed("Provide the image", () => provideImage(plan, { ...ports, leaveBehind }), ports, journal);
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

function tellFindings({ findings }: Plan, reporter: Reporter): void {
  for (const finding of findings) {
    if (finding.severity === "warn") reporter.warning(finding.message);
    if (finding.severity === "note") reporter.notice(finding.message);
    if (finding.severity === "not-checked") reporter.notice(`Not checked: ${finding.what}. ${finding.why}`);
  }
}

/** The end of a dry run: everything is known, nothing has moved. */
function stopAtPlan(plan: Plan, observed: Observed, journal: Journal, reporter: Reporter): void {
  const lines = describePlan(plan, observed);
  for (const line of lines) reporter.info(line);
  journal.plan = lines;
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
  return session;
}

async function look(inputs: Inputs, aws: AwsSession, world: World & { registry: RegistryPorts }): Promise<Observed> {
  if (inputs.whenBusy === "wait") await waitForTurn(inputs, { ...world, ecs: aws.ecs });
  const observed = await observe(inputs, aws, world);
  world.reporter.info(`${describeFindings(observed, inputs.image)}.`);
  return observed;
}

function tellImage(image: ProvidedImage, reporter: Reporter): void {
  reporter.output("image", image.reference);
  reporter.output("image-tag", image.tag);
  reporter.output("image-digest", image.digest);
  reporter.output("image-reused", String(image.reused));
}

function tellBefore([first]: readonly ServiceEntry[], reporter: Reporter): void {
  if (!first) return;
  const { previousImage, previousTaskDefinitionArn, settled, reuse } = first.plan;
  if (previousImage !== undefined) reporter.output("previous-image", previousImage);
  reporter.output("previous-task-definition-arn", previousTaskDefinitionArn);
  if (settled) reporter.output("task-definition-arn", reuse);
}

/** Outputs that name one thing name the first service's, in every run alike; `services` has everybody's. */
function teller(first: boolean, reporter: Reporter): Reporter {
  return first ? reporter : { ...reporter, output: () => {} };
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
