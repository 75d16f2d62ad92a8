// The story: from a commit to a verdict. Reads like the README; every step is a room of its own.

import { type AwsSession, type AwsSurroundings, signIn } from "./aws/session.ts";
import { asDeployError, DeployError } from "./errors.ts";
import { createLogins } from "./image/logins.ts";
import { type ProvidedImage, provideImage } from "./image/provide.ts";
import type { RegistryPorts } from "./image/registry.ts";
import { judgeScan, type ScanPorts, scanImage } from "./image/scan.ts";
import { moveLatest } from "./image/tags.ts";
import type { Inputs } from "./inputs/schema.ts";
import { observe } from "./observe.ts";
import { type Observed, type Plan, planDeploy, planServices, type ServicePlan } from "./plan/plan.ts";
import type { RunProcess } from "./process.ts";
import { withHeartbeat } from "./report/heartbeat.ts";
import type { Journal, ServiceEntry } from "./report/journal.ts";
import { describeChange, describeFindings } from "./report/log-lines.ts";
import type { Reporter } from "./report/reporter.ts";
import { shortRevision } from "./report/wording.ts";
import { followRollouts, leaveUnwatched } from "./rollout/follow.ts";
import { registerRevision, startDeployment } from "./rollout/start.ts";

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
  const plan = planDeploy(inputs, observed);
  journal.services = plan.services.map(entryOf);
  const tellerOf = (entry: ServiceEntry) => teller(entry === journal.services[0], world.reporter);

  const image = await phase("Provide the image", () =>
    provideImage(plan.image, {
      ...world,
      registry,
      ecr: aws.ecr,
      secrets: inputs.buildSecrets,
      leaveBehind: world.handOver.privateFolder,
    }),
  );
  journal.image = image;
  tellImage(image, plan, world.reporter);
  const { scan: least } = inputs;
  if (least !== "off")
    await phase("Wait for the scan", () => scan(plan, image, least, { ...world, registry, ecr: aws.ecr }, journal));
  if (plan.image.pinDigest) journal.services = planServices(inputs, observed, plan.image, image).map(entryOf);

  const moving = journal.services.filter((entry) => !entry.plan.settled);
  const latestAfterSuccess = () => moveLatest(plan.image, "succeeded", { ...world, ecr: aws.ecr });
  if (moving.length === 0) {
    world.reporter.info(`${image.reference} is what runs already: nothing to do.`);
    return latestAfterSuccess();
  }
  await phase("Register the task definition", () =>
    eachService(moving, (entry) => register(entry, aws, tellerOf(entry))),
  );
  await phase("Update the service", () =>
    updateAll(moving, (entry) => update(entry, image, aws, { ...world, reporter: tellerOf(entry) })),
  );

  const rolling = moving.filter(({ deployment }) => deployment !== undefined);
  if (rolling.length === 0) return;
  if (!inputs.waitForServiceStability) return leaveUnwatched(rolling, world.reporter);
  const ports = { ...world, aws, image, tellerOf, rollbackIfKilled: world.handOver.rollbackIfKilled };
  await phase("Watch the rollout", () =>
    withHeartbeat(world.reporter, world.clock, (reporter) => followRollouts(rolling, inputs, { ...ports, reporter })),
  );
  if (moving.every(({ conclusion }) => conclusion?.outcome === "succeeded")) await latestAfterSuccess();
}

function entryOf(plan: ServicePlan): ServiceEntry {
  return { plan, ...(plan.settled && { taskDefinitionArn: plan.service.taskDefinitionArn }) };
}

/** What was found is in the summary, also of a run that ends here. */
async function scan(
  { image: plan }: Plan,
  image: ProvidedImage,
  least: Exclude<Inputs["scan"], "off">,
  ports: ScanPorts,
  journal: Journal,
): Promise<void> {
  const report = await scanImage(plan, image.digest, ports);
  journal.image = { ...image, scan: report };
  judgeScan(report, least, image.reference);
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
  const observed = await observe(inputs, aws, world);
  world.reporter.info(`${describeFindings(observed, inputs.image)}.`);
  return observed;
}

async function register(entry: ServiceEntry, { ecs }: AwsSession, reporter: Reporter): Promise<void> {
  const { plan } = entry;
  const arn = await registerRevision(plan, ecs);
  entry.taskDefinitionArn = arn;
  for (const change of plan.changes) reporter.info(describeChange(change));
  reporter.info(
    plan.register
      ? `${plan.service.name}: ${shortRevision(plan.previousTaskDefinitionArn)} → ${shortRevision(arn)}`
      : `${plan.service.name}: ${shortRevision(arn)} as it is, for nothing changes in it`,
  );
  reporter.output("task-definition-arn", arn);
}

async function update(entry: ServiceEntry, image: ProvidedImage, { ecs }: AwsSession, world: World): Promise<void> {
  const { reporter } = world;
  const { plan, taskDefinitionArn = plan.service.taskDefinitionArn } = entry;
  const deployment = await startDeployment({ plan, taskDefinitionArn, rebuilt: !image.reused }, { ...world, ecs });
  entry.deployment = deployment;
  const begun = plan.service.deployments.every(({ id }) => id !== deployment.id);
  reporter.info(
    `${plan.service.name}: deployment ${deployment.id} ${begun ? "has begun, circuit breaker on" : "is under way already; this run joins it"}.`,
  );
  reporter.output("deployment-id", deployment.id);
}

/** A cancel that comes while the update is on its way does not take it back. */
async function updateAll(moving: readonly ServiceEntry[], work: (entry: ServiceEntry) => Promise<void>): Promise<void> {
  try {
    await eachService(moving, work);
  } catch (error) {
    const { code, message } = asDeployError(error);
    const names = moving.map(
      ({ plan, taskDefinitionArn = "" }) => `${plan.service.name} → ${shortRevision(taskDefinitionArn)}`,
    );
    throw new DeployError(
      {
        code,
        message: `${message}\nThe rollout may have begun in ECS, unwatched: ${names.join(", ")}.`,
        hint: "Look at the deployments in the console, or run the job again: it joins what is under way.",
      },
      { cause: error },
    );
  }
}

function tellImage(image: ProvidedImage, plan: Plan, reporter: Reporter): void {
  reporter.output("image", image.reference);
  reporter.output("image-tag", image.tag);
  reporter.output("image-digest", image.digest);
  reporter.output("image-reused", String(image.reused));
  const [first] = plan.services;
  if (first?.previousImage !== undefined) reporter.output("previous-image", first.previousImage);
  if (first) reporter.output("previous-task-definition-arn", first.previousTaskDefinitionArn);
  if (first?.settled) reporter.output("task-definition-arn", first.service.taskDefinitionArn);
}

/** Outputs that name one thing name the first service's, in every run alike; `services` has everybody's. */
function teller(first: boolean, reporter: Reporter): Reporter {
  return first ? reporter : { ...reporter, output: () => {} };
}

/** One service that cannot be moved does not keep the others from being moved and watched. A cancel stops all. */
async function eachService(
  entries: readonly ServiceEntry[],
  work: (entry: ServiceEntry) => Promise<void>,
): Promise<void> {
  const open = entries.filter(({ conclusion }) => !conclusion);
  const attempts = open.map(async (entry) => {
    try {
      await work(entry);
    } catch (error) {
      const { code, message, hint } = asDeployError(error);
      if (code === "Cancelled") throw error;
      entry.conclusion = {
        outcome: "failed",
        problem: {
          code,
          message: `${entry.plan.service.name}: ${message}`,
          ...(hint !== undefined && { hint }),
        },
      };
    }
  });
  const cancelled = (await Promise.allSettled(attempts)).find(({ status }) => status === "rejected");
  if (cancelled?.status === "rejected") throw cancelled.reason;
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
