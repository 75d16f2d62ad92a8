// A rehearsal: a simulated account in this process, whose tasks run on the runner's Docker engine.
// Imported on demand: only the action `rehearse` needs the simulator.

import { createSimulator, type Simulator, sdkRequestHandler, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { putDeployRole } from "ecs-simulator/iam";
import { containerRunner } from "ecs-simulator/tasks";
import { requestShapes } from "../aws/sdk-schema.ts";
import { DeployError } from "../errors.ts";
import { invalidInput } from "../inputs/read.ts";
import type { RehearseInputs } from "../inputs/rehearse-inputs.ts";
import type { Inputs } from "../inputs/schema.ts";
import { definedOnly, type JsonObject } from "../json.ts";
import { draftRevision } from "../plan/task-definition/draft.ts";
import { createProcessRunner } from "../process/run-process.ts";
import { openNetwork } from "../runtime/network.ts";
import type { PostStateWriter, Runtime } from "../runtime/runtime.ts";
import { accountPlaceOf, rehearsalCluster, rehearsalTag, withLocalRepository } from "./account.ts";
import { checkEngine, checkPrivateImages } from "./engine.ts";
import {
  figuresOf,
  type RehearsalFigures,
  type RehearsalFinding,
  rehearsalFindings,
} from "./findings.ts";
import { openTaskNetwork } from "./hosts.ts";
import { dockerCommand, imageLabel, rehearsalId, removeLeftovers } from "./leftovers.ts";
import { rehearsalTiming, type SeedRequest, seed, seedTiming, untilSteady } from "./seed.ts";
import { standInSecrets } from "./stand-ins.ts";
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
  await checkPrivateImages(docker, definition, inputs.ecrRepository ?? "");
  // After a cancel, too: the runtime's own processes end with it.
  const remaining = dockerCommand(createProcessRunner(new AbortController().signal), environment);
  const remove = () => removeLeftovers(id, remaining, { keepImage: inputs.keep });
  await removeLeftovers(id, docker, { keepImage: false });
  try {
    const network = await openTaskNetwork(inputs.rehearsalHosts, id, docker);
    const account = await openAccount({ definition, inputs, standIns, network, id });
    return {
      inputs: withLocalBuilder(deployInputs(inputs, account, id), runtime),
      runtime: rehearsalRuntime(runtime, account, inputs),
      finish: () => finish(account, inputs, runtime.signal),
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
  const { region } = accountPlaceOf(document, inputs.awsRegion);
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

interface AccountRequest extends SeedRequest {
  readonly inputs: RehearseInputs;
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
  const place = accountPlaceOf(definition, inputs.awsRegion);
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
  const close = async () => {
    clock.stop();
    runner.close();
    await containers.close();
    await server.close();
  };
  const seedService = async () => {
    const seeded = seed(simulator, request, registry);
    before = seeded.revision;
    await untilSteady(simulator, seeded.service);
    simulator.ecs.changeTiming(rehearsalTiming);
    return seeded.service;
  };
  const service = await seedService().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    simulator,
    runner,
    url: server.url,
    registry,
    region: place.region,
    roleArn: putDeployRole(simulator, { name: "rehearsal" }),
    service,
    stopClock: () => clock.stop(),
    close,
  };
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
    taskDefinition: [{ ...source, ...definedOnly({ document: local }) }],
    awsRegion: region,
    roleToAssume: roleArn,
    cluster: rehearsalCluster,
    service: [{ cluster: rehearsalCluster, service }],
    imageTag: [rehearsalTag],
    latestTag: undefined,
    labels: [...inputs.labels, `${imageLabel}=${id}`],
  };
}

/**
 * BuildKit in a container of its own cannot push to this process, unless it has the network of the
 * runner; the engine's own builder can, but knows no external caches.
 */
function withLocalBuilder(inputs: Inputs, { reporter }: Pick<Runtime, "reporter">): Inputs {
  if (inputs.builder !== undefined) return inputs;
  const { cacheFrom, cacheTo, provenance, sbom } = inputs;
  const isPlain = [cacheFrom, cacheTo].every(({ length }) => length === 0);
  if (isPlain && provenance === "false" && sbom === "false") return inputs;
  reporter.notice(
    "cache-from, cache-to, provenance and sbom are not used: without the input builder, a " +
      "rehearsal builds with the engine's own builder (docs/rehearse.md).",
  );
  return { ...inputs, cacheFrom: [], cacheTo: [], provenance: "false", sbom: "false" };
}

/** AWS is the simulator in memory; of the network, only its registry is reached. */
function rehearsalRuntime(
  runtime: Runtime,
  { simulator, url }: Pick<RehearsalAccount, "simulator" | "url">,
  { builder }: Pick<RehearseInputs, "builder">,
): Runtime {
  const { get } = openNetwork({});
  const environment = { ...runtime.environment, ...simulator.environment(url) };
  return {
    ...runtime,
    environment: { ...environment, ...builderVariables(builder) },
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

/** https://docs.docker.com/build/building/variables/#buildx_builder */
function builderVariables(builder: string | undefined): Readonly<Record<string, string>> {
  if (builder !== undefined) return {};
  return { BUILDX_BUILDER: "default" };
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

/** A container may take two minutes to stop; a cancelled step has seconds. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function finish(
  { simulator, runner, stopClock }: RehearsalAccount,
  { ecrRepository = "" }: RehearseInputs,
  signal: AbortSignal,
): Promise<RehearsalResult> {
  stopClock();
  await Promise.race([runner.stopRunning(), rejectionOf(signal)]);
  const image = simulator.ecr.repositories
    .images(ecrRepository)
    .find(({ tags }) => tags.includes(rehearsalTag));
  return {
    figures: figuresOf(runner.measured),
    findings: rehearsalFindings(runner.measured, image),
  };
}
