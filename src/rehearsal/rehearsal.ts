// A rehearsal: a simulated account in this process, whose tasks run on the runner's Docker engine.
// Imported on demand: only the action `rehearse` needs the simulator.

import {
  awsTiming,
  createSimulator,
  type Simulator,
  sdkRequestHandler,
  serve,
} from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { putDeployRole } from "ecs-simulator/iam";
import { containerRunner } from "ecs-simulator/tasks";
import { requestShapes } from "../aws/sdk-schema.ts";
import { DeployError } from "../errors.ts";
import { invalidInput } from "../inputs/read.ts";
import type { RehearseInputs } from "../inputs/rehearse-inputs.ts";
import type { Inputs } from "../inputs/schema.ts";
import { type JsonObject, stringOf } from "../json.ts";
import { draftRevision } from "../plan/task-definition/draft.ts";
import { createProcessRunner } from "../process/run-process.ts";
import { openNetwork } from "../runtime/network.ts";
import type { PostStateWriter, Runtime } from "../runtime/runtime.ts";
import {
  leastDefinition,
  logGroupsOf,
  placeOf,
  rehearsalCluster,
  rehearsalTag,
  serviceRequest,
  withLocalRepository,
} from "./account.ts";
import { checkEngine, checkImages } from "./engine.ts";
import {
  figuresOf,
  type RehearsalFigures,
  type RehearsalFinding,
  rehearsalFindings,
} from "./findings.ts";
import { openTaskNetwork } from "./hosts.ts";
import { dockerCommand, imageLabel, rehearsalId, removeLeftovers } from "./leftovers.ts";
import { type StandInSecrets, standInSecrets } from "./stand-ins.ts";
import { type MeasuringRunner, measuringRunner } from "./task-runner.ts";

export interface Rehearsal {
  /** For `deploy`, with what it signs in to. */
  readonly inputs: Inputs;
  readonly runtime: Runtime;
  /** Stops the tasks that still run, and measures their end. */
  readonly finish: () => Promise<RehearsalResult>;
  /** Removes everything that it made on the engine; never rejects. */
  readonly close: () => Promise<void>;
}

interface RehearsalResult {
  readonly figures: RehearsalFigures;
  readonly findings: readonly RehearsalFinding[];
}

/**
 * @throws DeployError `RehearsalImpossible` for this engine; `InvalidInput` for a secret without a
 * stand-in and a host without a container
 */
export async function openRehearsal(inputs: RehearseInputs, runtime: Runtime): Promise<Rehearsal> {
  const { environment } = runtime;
  const id = rehearsalId(environment);
  const docker = dockerCommand(runtime.run, environment);
  const definition = effectiveDefinition(inputs);
  const standIns = standInSecrets(definition, inputs.rehearsalSecrets);
  if (standIns.missing.length > 0) throw invalidInput([missingStandIns(standIns.missing)]);
  await checkEngine(docker, definition);
  await checkImages(docker, definition, inputs.ecrRepository ?? "");
  // After a cancel, too: the runtime's own processes end with it.
  const remaining = dockerCommand(createProcessRunner(new AbortController().signal), environment);
  const remove = () => removeLeftovers(id, remaining, { keepImage: inputs.keep });
  await removeLeftovers(id, docker, { keepImage: false });
  try {
    const network = await openTaskNetwork(inputs.rehearsalHosts, id, docker);
    const account = await openAccount({ definition, inputs, standIns, network, id });
    return {
      inputs: deployInputs(inputs, account, id),
      runtime: rehearsalRuntime(runtime, account),
      finish: () => finish(account, inputs),
      async close() {
        await account.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The definition as it will be registered, but for the image. */
function effectiveDefinition(inputs: RehearseInputs): JsonObject {
  const [source] = inputs.taskDefinition;
  if (!("path" in source) || source.document === undefined) return {};
  const { path, document } = source;
  const newest = { arn: "", definition: {}, tags: [] };
  const place = { newest, schemas: requestShapes() };
  const { region } = placeOf(document, inputs.awsRegion);
  const draft = draftRevision(
    { ...inputs, awsRegion: region },
    { kind: "file", path, document },
    place,
  );
  return draft.definition;
}

function missingStandIns(names: readonly string[]): string {
  const example = names.map((name) => `${name}=…`).join(", ");
  return (
    `rehearsal-secrets: no value for ${names.join(", ")}, which the task definition takes from a ` +
    `secret. A rehearsal cannot read secrets: give a line for each (${example}), or the line dummy`
  );
}

interface AccountRequest {
  readonly definition: JsonObject;
  readonly inputs: RehearseInputs;
  readonly standIns: StandInSecrets;
  readonly network: Awaited<ReturnType<typeof openTaskNetwork>>;
  readonly id: string;
}

interface RehearsalAccount {
  readonly simulator: Simulator;
  readonly runner: MeasuringRunner;
  readonly url: string;
  readonly registry: string;
  readonly region: string;
  readonly roleArn: string;
  readonly service: string;
  /** No task may be started any more. */
  readonly stopClock: () => void;
  readonly close: () => Promise<void>;
}

async function openAccount(request: AccountRequest): Promise<RehearsalAccount> {
  const { definition, inputs, network, id } = request;
  const clock = new RealClock();
  const place = placeOf(definition, inputs.awsRegion);
  // It listens before the account exists, whose images are named after its address.
  const server = await serve({ handle: (asked) => simulator.handle(asked) });
  const registry = new URL(server.url).host;
  const containers = containerRunner({
    credentials: (launch) => ({
      registry,
      username: "AWS",
      password: simulator.registryPassword(launch),
    }),
    pullBehavior: "prefer-cached",
    network: network.network,
    limitCpu: true,
    instance: id,
  });
  let before: string | undefined;
  const runner = measuringRunner({
    containers,
    network,
    now: () => clock.now(),
    isBefore: ({ taskDefinitionArn }) => taskDefinitionArn === before,
  });
  const simulator = createSimulator({
    clock,
    ...place,
    registryHost: registry,
    runner,
    ecs: { timing: seedTiming },
  });
  const seeded = seed(simulator, request, registry);
  before = seeded.revision;
  await untilSteady(simulator, seeded.service);
  simulator.ecs.changeTiming(rehearsalTiming);
  return {
    simulator,
    runner,
    url: server.url,
    registry,
    region: place.region,
    roleArn: putDeployRole(simulator, { name: "rehearsal" }),
    service: seeded.service,
    stopClock: () => clock.stop(),
    async close() {
      clock.stop();
      runner.close();
      await containers.close();
      await server.close();
    },
  };
}

/** ECS's own steps, without those that decide whether a task counts as failed. */
const speed = 20;
const { settle, activating, stoppedVisible, ...steps } = awsTiming;
const faster = Object.fromEntries(
  Object.entries(steps).map(([step, milliseconds]) => [step, milliseconds / speed]),
);
/**
 * A task without a health check must run as long as on AWS; so must one that ends before it is
 * RUNNING.
 */
const rehearsalTiming = { ...faster, settle, activating, stoppedVisible };
/** The revision before only appears to run. */
const seedTiming = Object.fromEntries(Object.keys(awsTiming).map((step) => [step, 1]));

interface Seeded {
  readonly service: string;
  /** ARN of the revision that runs before the rehearsal. */
  readonly revision: string;
}

/** What the account of the user has already: cluster, repository, log groups, secrets, service. */
function seed(
  simulator: Simulator,
  { definition, inputs, standIns }: AccountRequest,
  registry: string,
): Seeded {
  const { ecs, ecr, logs, secretsManager, parameters } = simulator;
  ecs.createCluster(rehearsalCluster);
  const repository = inputs.ecrRepository ?? "";
  ecr.repositories.createRepository(repository);
  for (const group of logGroupsOf(definition)) logs.createGroup(group);
  for (const [arn, value] of Object.entries(standIns.secrets)) secretsManager.put(arn, value);
  for (const [name, value] of Object.entries(standIns.parameters)) parameters.set(name, value);
  const family = stringOf(definition.family) ?? rehearsalCluster;
  const images = `${registry}/${repository}:before`;
  const revision = registerBefore(simulator, withImage(definition, images), family);
  ecs.createService({
    ...serviceRequest(definition),
    serviceName: family,
    taskDefinition: revision,
  } as Parameters<typeof ecs.createService>[0]);
  return { service: family, revision };
}

/** The containers that get the new image have none yet. */
function withImage(definition: JsonObject, image: string): JsonObject {
  const text = JSON.stringify(definition);
  return JSON.parse(text, (member, value: unknown) => {
    if (member === "image" && value === "") return image;
    return value;
  });
}

/** A file that ECS refuses is reported by the checks of the run itself. */
function registerBefore({ ecs }: Simulator, definition: JsonObject, family: string): string {
  type Request = Parameters<typeof ecs.registerTaskDefinition>[0];
  const register = (request: JsonObject) =>
    ecs.registerTaskDefinition(request as unknown as Request).taskDefinitionArn ?? "";
  try {
    return register(definition);
  } catch {
    const isName = /^[A-Za-z0-9_-]{1,255}$/.test(family);
    return register(leastDefinition(isName ? family : rehearsalCluster));
  }
}

async function untilSteady({ ecs }: Simulator, service: string): Promise<void> {
  const name = { cluster: rehearsalCluster, service };
  for (let tries = 0; !ecs.isSteady(name); tries++) {
    if (tries > 500)
      throw new DeployError({
        code: "Bug",
        message: "The simulated service did not become steady before the rehearsal.",
        hint: "Report this to the maintainers of deploy-ecs, with the log of this run.",
      });
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

/** What `deploy` gets: the service, repository and role of the simulated account. */
function deployInputs(
  inputs: RehearseInputs,
  { region, roleArn, service, registry }: RehearsalAccount,
  id: string,
): Inputs {
  const [source] = inputs.taskDefinition;
  const document = "document" in source ? source.document : undefined;
  const local = document && withLocalRepository(document, inputs.ecrRepository ?? "", registry);
  return {
    ...inputs,
    taskDefinition: [{ ...source, ...(local && { document: local }) }],
    awsRegion: region,
    roleToAssume: roleArn,
    cluster: rehearsalCluster,
    service: [{ cluster: rehearsalCluster, service }],
    imageTag: [rehearsalTag],
    latestTag: undefined,
    labels: [...inputs.labels, `${imageLabel}=${id}`],
  };
}

/** AWS is the simulator in memory; of the network, only its registry is reached. */
function rehearsalRuntime(
  runtime: Runtime,
  { simulator, url }: Pick<RehearsalAccount, "simulator" | "url">,
): Runtime {
  const { get } = openNetwork({});
  return {
    ...runtime,
    environment: { ...runtime.environment, ...simulator.environment(url) },
    requestHandler: sdkRequestHandler(simulator),
    get: async (asked, headers, signal) => {
      if (new URL(asked).origin === new URL(url).origin) return await get(asked, headers, signal);
      throw new DeployError({
        code: "Bug",
        message: `A rehearsal reaches nothing but its own account, but something asked for ${asked}.`,
        hint: "Report this to the maintainers of deploy-ecs, with the log of this run.",
      });
    },
    postState: { ...nothingToFinish, privateFolder: runtime.postState.privateFolder },
  };
}

/** What a killed rehearsal leaves is on the Docker engine, and nothing of it in AWS. */
const nothingToFinish: PostStateWriter = {
  privateFolder() {},
  rolloutInProgress() {},
  rolloutEnded() {},
  taskInProgress() {},
  taskEnded() {},
  terraform() {},
};

async function finish(
  { simulator, runner, stopClock }: RehearsalAccount,
  { ecrRepository = "" }: RehearseInputs,
): Promise<RehearsalResult> {
  stopClock();
  await runner.stopRunning();
  const image = simulator.ecr.repositories
    .images(ecrRepository)
    .find(({ tags }) => tags.includes(rehearsalTag));
  return {
    figures: figuresOf(runner.measured),
    findings: rehearsalFindings(runner.measured, image),
  };
}
