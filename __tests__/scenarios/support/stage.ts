// The stage of every scenario: a small AWS account in memory on a virtual clock, a service that runs version 1, and the action itself,
// whole but for the process it would run in. `play` runs the step and gives back all that a user and AWS would see of it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STSClient } from "@aws-sdk/client-sts";
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  sdkRequestHandler,
  type Wire,
} from "ecs-simulator";
import { VirtualClock } from "ecs-simulator/clock";
import {
  type AccountRegion,
  iamArn,
  registryHostOf,
  partitionOf as simulatedPartition,
} from "ecs-simulator/iam";
import { type Behaviour, runs, scriptedRunner, type TaskLaunch } from "ecs-simulator/tasks";
import { expect, onTestFinished, vi } from "vitest";
import type { HttpGet } from "../../../src/aws/id-token.ts";
import { partitionOf } from "../../../src/aws/partitions.ts";
import { DeployError } from "../../../src/errors.ts";
import type { PreviewInputName } from "../../../src/inputs/preview-inputs.ts";
import type { InputSource } from "../../../src/inputs/read.ts";
import type { RunTaskInputName } from "../../../src/inputs/run-task-inputs.ts";
import type { InputName } from "../../../src/inputs/schema.ts";
import { run } from "../../../src/main.ts";
import { post } from "../../../src/post.ts";
// What src/ imports on demand is loaded here, because the virtual clock does not wait for the disk.
import "../../../src/deployment/answer-pause.ts";
import "../../../src/deployment/finish-rollouts.ts";
import "../../../src/deployment/recheck-older.ts";
import "../../../src/diagnosis/explain-rollout.ts";
import "../../../src/observe/observe-creation-template.ts";
import "../../../src/observe/observe-secrets.ts";
import "../../../src/task/run-task.ts";
import "../../../src/terraform/post-step.ts";
import "../../../src/terraform/terraform-run.ts";
import "../../../src/verification/verification.ts";
import { logDetached, logProcesses } from "../../../src/process/log-processes.ts";
import type { ProcessRequest } from "../../../src/process/run-process.ts";
import { annotationText } from "../../../src/report/annotation.ts";
import { renderSummary } from "../../../src/report/summary/summary.ts";
import type { OutputName } from "../../../src/reporter/outputs.ts";
import type { Reporter } from "../../../src/reporter/reporter.ts";
import type { Outcome } from "../../../src/run/outcome.ts";
import { createPostStateWriter } from "../../../src/runtime/post-state.ts";
import type { Probe, Runtime } from "../../../src/runtime/runtime.ts";
import {
  type ChangePolicy,
  deployGrant,
  type GrantRule,
  grantFor,
  refusedIn,
} from "./permissions.ts";
import { type DockerScript, type ScriptedDocker, scriptedDocker } from "./scripted-docker.ts";
import {
  putRoot,
  type ScriptedTerraform,
  scriptedTerraform,
  type TerraformScript,
} from "./scripted-terraform.ts";

export const account = "123456789012";
export const region = "us-east-1";
export const registry = registryHostOf({ region, accountId: account });
const deployRole = deployRoleOf({ region, accountId: account });
/** The stage's own, in the partition of its region. */
function deployRoleOf({ region, accountId }: AccountRegion): string {
  return iamArn({ region, accountId }, "role/clockko-gha-role");
}

/** The service of every scenario. */
export const clockko = { cluster: "clockko", service: "clockko-backend" };
/** The commit that is deployed. */
export const commit = "7c2d1f0a9b8e7d6c5b4a39281706f5e4d3c2b1a0";

export type InputTexts = Partial<Record<InputName | PreviewInputName | RunTaskInputName, string>>;

/** The step of one verb. */
export interface PlayedStep {
  readonly run: (source: InputSource<string>, runtime: Runtime) => Promise<Outcome>;
  readonly grant: GrantRule;
}

const deployStep: PlayedStep = { run, grant: deployGrant };

export interface StageOptions {
  /** What tasks do; by default all of them run. Those of services are of later revisions than 1. */
  readonly tasks?: (launch: TaskLaunch) => Behaviour;
  /** What the services' tasks of revision 1, the version from before, do; by default they run. */
  readonly firstTasks?: () => Behaviour;
  readonly docker?: DockerScript;
  /** With it the inputs have a terraform-directory, too. */
  readonly terraform?: TerraformScript;
  /** Where all of it is; its partition follows. Default: us-east-1. */
  readonly region?: string;
  /** How many minutes the runner's clock is before AWS's; below 0: behind it. Default: they are the same. */
  readonly minutesFast?: number;
  /** GITHUB_SHA, if it is another than `commit`. */
  readonly commit?: string;
  readonly simulator?: Partial<SimulatorOptions>;
  /** Members of the service beside name, cluster and task definition. */
  readonly service?: Readonly<Record<string, unknown>>;
  /** Members of the container definition beside name and image. */
  readonly container?: Readonly<Record<string, unknown>>;
  readonly taskDefinition?: Readonly<Record<string, unknown>>;
  /** More services beside clockko-backend, each with a task definition of its own name and the same image. */
  readonly services?: readonly string[];
  /** The family of each service's task definition, if it is not the service's own. */
  readonly family?: ((service: string) => string) | undefined;
  /** What Secrets Manager and Parameter Store hold, by name or ARN. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Files of the workspace that are read, by their path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a play leaves to look at. */
export interface Play {
  readonly outcome: Outcome;
  readonly exitCode: 0 | 1;
  /** The log as the user sees it; phases as `▸ title`. */
  readonly log: readonly string[];
  /** The lines of the debug log, without masks: there is nothing to mask in them. */
  readonly debugLines: readonly string[];
  readonly outputs: Readonly<Partial<Record<OutputName, string>>>;
  /** The error annotation, "" if there is none. */
  readonly annotation: string;
  readonly summary: string;
  /** `ecs:UpdateService` and so on, in order, with polls in a row folded: `ecs:DescribeServices ×3`. */
  readonly calls: readonly string[];
  readonly dockerCommands: readonly string[];
  readonly dockerRequests: readonly ProcessRequest[];
  /** Absent: the stage has none. */
  readonly terraform?: ScriptedTerraform;
  /** Virtual time that the step took. */
  readonly elapsedMilliseconds: number;
}

export interface Stage {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly controller: AbortController;
  /** GITHUB_SHA; change it for the next push. */
  commit: string;
  /** Called with every received AWS call, `ecs:UpdateService`, before its response is sent. */
  onCall: (call: string) => unknown;
  readonly surroundings: {
    kindOf: InputSource["kindOf"];
    hostExists: (host: string) => Promise<boolean | undefined>;
    readText: (path: string) => string | undefined;
    partitionOf: InputSource["partitionOf"];
  };
  /** The web servers that verify-url asks: by default nothing listens. */
  probe: Probe;
  /** What becomes of the runner's files; by default they take all. Throws as the file system does. */
  onOutput: (name: OutputName) => void;
  /** RUNNER_TEMP, if it is not a folder of the test's own. */
  temporaryFolder: string | undefined;
  /** The one of the last play. */
  runnerTemp: string;
  /** The runner's state file; false: it cannot be written. */
  saveState: (name: string, value: string) => boolean;
  /** The policy of the deploy role, derived from what the inputs need. Default: exactly that. */
  changePolicy: ChangePolicy | undefined;
  /** The job's environment; change it to take `id-token: write` away. */
  environment: Record<string, string>;
  play(inputs?: InputTexts, step?: PlayedStep): Promise<Play>;
  /** The post step, with the state that main has left so far (in the middle of a play: as if main were killed there); returns what it reports. */
  playPost(inputs?: InputTexts): Promise<readonly string[]>;
}

const actionOnGithub = {
  GITHUB_RUN_ID: "42",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_ACTION_REPOSITORY: "acme/deploy-ecs",
  GITHUB_ACTION_REF: "v1",
};

/** Cluster `clockko`, repository and service `clockko-backend`, one task of revision 1 running steadily. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const clock = new VirtualClock();
  const behaviour = (launch: TaskLaunch) =>
    (launch.revision === 1 && launch.serviceName !== undefined
      ? options.firstTasks?.()
      : options.tasks?.(launch)) ?? runs();
  const simulator = createSimulator({
    clock,
    region: options.region ?? region,
    accountId: account,
    runner: scriptedRunner({ clock, behaviour }),
    ...(options.minutesFast !== undefined && {
      wallClock: () => Date.now() - (options.minutesFast ?? 0) * 60_000,
    }),
    ...options.simulator,
  });
  furnish(simulator, options);
  clock.advance(10 * 60_000);
  const state = new Map<string, string>();
  const stage: Stage = {
    simulator,
    clock,
    controller: new AbortController(),
    commit: options.commit ?? commit,
    onCall: () => {},
    probe: async () => {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    },
    onOutput: () => {},
    temporaryFolder: undefined,
    runnerTemp: "",
    saveState(name, value) {
      state.set(`STATE_${name}`, value);
      return true;
    },
    changePolicy: undefined,
    surroundings: {
      kindOf: (path) => (path === "." ? "folder" : "file"),
      hostExists: async () => true,
      partitionOf,
      readText: (path) => options.files?.[path],
    },
    environment: { ...simulator.oidc.environment("https://token.example"), ...actionOnGithub },
    play: (inputs = {}, step = deployStep) => play(stage, inputs, options, step),
    playPost: (inputs = {}) => playPost(stage, new Map(state), inputs),
  };
  return stage;
}

function furnish(simulator: Simulator, options: StageOptions): void {
  simulator.roles.put({ roleArn: deployRoleOf(simulator), trustPolicy: trustOf(simulator) });
  simulator.ecr.repositories.createRepository("clockko-backend", {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: ["latest"],
  });
  simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v1"] });
  simulator.logs.createGroup("/ecs/clockko-backend");
  for (const [name, value] of Object.entries(options.secrets ?? {}))
    simulator.secretsManager.put(name, value);
  for (const [name, value] of Object.entries(options.parameters ?? {}))
    simulator.parameters.set(name, value);
  simulator.ecs.createCluster("clockko");
  for (const name of ["clockko-backend", ...(options.services ?? [])])
    furnishService(simulator, name, options);
}

function furnishService(simulator: Simulator, name: string, options: StageOptions): void {
  const family = options.family?.(name) ?? name;
  const { networkMode } = simulator.ecs.registerTaskDefinition({
    family,
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: iamArn(simulator, "role/clockko-execution"),
    containerDefinitions: [
      {
        name: "app",
        image: `${registryHostOf(simulator)}/clockko-backend:v1`,
        essential: true,
        environment: [{ name: "GREETING", value: "" }],
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": "/ecs/clockko-backend",
            "awslogs-region": simulator.region,
            "awslogs-stream-prefix": "app",
          },
        },
        ...options.container,
      },
    ],
    ...options.taskDefinition,
  });
  simulator.ecs.createService({
    cluster: "clockko",
    serviceName: name,
    taskDefinition: `${family}:1`,
    ...(options.service?.["schedulingStrategy"] !== "DAEMON" && { desiredCount: 1 }),
    launchType: "FARGATE",
    ...(networkMode === "awsvpc" && {
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
      },
    }),
    deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
    ...options.service,
  });
}

function trustOf(simulator: Simulator): Parameters<Simulator["roles"]["put"]>[0]["trustPolicy"] {
  const provider = "token.actions.githubusercontent.com";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: iamArn(simulator, `oidc-provider/${provider}`) },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${provider}:aud`]: `sts.${simulatedPartition(simulator.region).dnsSuffix}`,
            [`${provider}:sub`]: `repo:${simulator.oidc.job.repository}:ref:refs/heads/main`,
          },
        },
      },
    ],
  };
}

const defaultInputs: InputTexts = {
  "role-to-assume": deployRole,
  "aws-region": region,
  "ecr-repository": "clockko-backend",
  cluster: "clockko",
  service: "clockko-backend",
};

/** The runner cancels the run: as main.ts does it on SIGINT, which comes from outside of the world. */
export function cancelAfter({ clock, controller }: Stage, milliseconds: number): void {
  const cancel = () =>
    controller.abort(
      new DeployError({ code: "Cancelled", message: "The run was cancelled.", hint: "" }),
    );
  if (milliseconds === 0) cancel();
  else void clock.sleep(milliseconds).then(cancel);
}

/** AWS credentials in the environment of the process, where the SDK looks for them, and nowhere else. */
export async function useOwnCredentials(
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of Object.keys(process.env))
    if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  const nowhereElse = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
  for (const [name, value] of Object.entries({ ...nowhereElse, ...variables }))
    vi.stubEnv(name, value);
  // The SDK imports the links of its chain when they are first asked: real work, which virtual time does not see.
  await new STSClient({ region }).config.credentials().catch(() => {});
}

async function play(
  stage: Stage,
  inputs: InputTexts,
  options: StageOptions,
  step: PlayedStep,
): Promise<Play> {
  const { simulator, clock } = stage;
  const temporaryFolder = mkdtempSync(join(tmpdir(), "deploy-ecs-scenario-"));
  onTestFinished(() => rmSync(temporaryFolder, { recursive: true, force: true }));
  const root = options.terraform && putRoot(temporaryFolder, options.terraform);
  const place = { "aws-region": simulator.region, "role-to-assume": deployRoleOf(simulator) };
  const texts: Readonly<Record<string, string>> = {
    ...defaultInputs,
    ...place,
    ...(root && { "terraform-directory": root }),
    ...inputs,
  };
  const surroundings = {
    ...stage.surroundings,
    environment: stage.environment,
    get: (name: string) => texts[name] ?? "",
    kindOf: (path: string) => (path === root ? "folder" : stage.surroundings.kindOf(path)),
  };
  const grant = await grantFor(surroundings, simulator, step.grant, stage.changePolicy);
  simulator.roles.put({
    roleArn: deployRoleOf(simulator),
    trustPolicy: trustOf(simulator),
    policies: [grant.policy],
  });
  const firstDecision = simulator.iam.decisions.length;
  const terraform =
    options.terraform &&
    scriptedTerraform({ simulator, clock, wire: heardBy(stage) }, options.terraform);
  const docker = scriptedDocker(simulator, options.docker ?? {});
  const reported = record();
  const firstCall = simulator.calls.length;
  const startedAt = clock.now();
  const reporter: Reporter = {
    ...reported.reporter,
    output(name, value) {
      stage.onOutput(name);
      reported.reporter.output(name, value);
    },
  };
  const folder = stage.temporaryFolder ?? temporaryFolder;
  stage.runnerTemp = folder;
  const world = worldOf(stage, { docker, terraform }, reporter, folder);
  const outcome = await step.run(surroundings, {
    ...world,
    clock: ahead(clock, options.minutesFast ?? 0),
  });
  expectNoSecret(reported.debugLines, simulator);
  // Absent where no output can be written.
  expect(reported.outputs.message ?? "✅ .").toMatch(/^(✅|❌|⚠️|📋|⏪) .{1,298}$/u);
  const refused = refusedIn(simulator, firstDecision, deployRoleOf(simulator), grant);
  if (!stage.changePolicy)
    expect(refused, "calls that the table of permissions does not allow for these inputs").toEqual(
      [],
    );
  return {
    outcome,
    exitCode: outcome.passes ? 0 : 1,
    log: reported.log,
    debugLines: reported.debugLines,
    outputs: reported.outputs,
    annotation: outcome.problem ? `${outcome.problem.code}\n${annotationText(outcome)}` : "",
    summary: renderSummary(outcome),
    calls: fold(
      simulator.calls
        .slice(firstCall)
        .map(
          ({ service, operation, error }) =>
            `${service}:${operation}${error === undefined ? "" : ` → ${error}`}`,
        ),
    ),
    dockerCommands: docker.commands,
    dockerRequests: docker.requests,
    ...(terraform && { terraform }),
    elapsedMilliseconds: clock.now() - startedAt,
  };
}

/** Of every scenario: no credential, token or password of the account is in the debug log. Shorter ones may be part of any word. */
function expectNoSecret(debugLines: readonly string[], simulator: Simulator): void {
  const secrets = simulator.secrets().filter((secret) => secret.length >= 8);
  const leaking = debugLines.filter((line) => secrets.some((secret) => line.includes(secret)));
  expect(leaking, "debug lines with a secret").toEqual([]);
}

function ahead(clock: VirtualClock, minutes: number): Runtime["clock"] {
  return {
    now: () => clock.now() + minutes * 60_000,
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  };
}

async function playPost(
  stage: Stage,
  state: ReadonlyMap<string, string>,
  inputs: InputTexts,
): Promise<readonly string[]> {
  const { simulator, clock, environment } = stage;
  const reported = record();
  const texts: Readonly<Record<string, string>> = { ...defaultInputs, ...inputs };
  await post({
    clock,
    signal: new AbortController().signal,
    random: () => 0.5,
    environment: { ...environment, ...Object.fromEntries(state), RUNNER_TEMP: stage.runnerTemp },
    mask: reported.reporter.mask,
    debug: reported.reporter.debug,
    get: getThrough(simulator),
    requestHandler: sdkRequestHandler(simulator),
    reporter: reported.reporter,
    inputText: (name) => texts[name] ?? "",
  });
  expectNoSecret(reported.debugLines, simulator);
  return reported.log.map((line) => line.trim());
}

interface Programs {
  readonly docker: ScriptedDocker;
  readonly terraform: ScriptedTerraform | undefined;
}

function worldOf(
  stage: Stage,
  { docker, terraform }: Programs,
  reporter: Reporter,
  temporaryFolder: string,
): Runtime {
  const { simulator, clock, controller, commit: sha, environment } = stage;
  return {
    clock,
    signal: controller.signal,
    random: () => 0.5,
    environment: { ...environment, HOME: temporaryFolder },
    mask: reporter.mask,
    debug: reporter.debug,
    get: getThrough(simulator),
    requestHandler: sdkRequestHandler(heardBy(stage)),
    openProbe: async () => stage.probe,
    run: logProcesses(
      (request) =>
        terraform && /(terraform(-bin)?|tofu)$/.test(request.command)
          ? terraform.run(request)
          : docker.run(request),
      clock,
      reporter.debug,
    ),
    reporter,
    commit: sha,
    temporaryFolder,
    startDetached: logDetached(
      (request) => {
        if (!terraform) throw new Error("this stage has no Terraform");
        return terraform.startDetached(request);
      },
      clock,
      reporter.debug,
    ),
    postState: createPostStateWriter((name, value) => stage.saveState(name, value)),
  };
}

/** The simulator's wire, with `onCall` listening. */
function heardBy(stage: Stage): Wire {
  return {
    async handle(request) {
      const outcome = await stage.simulator.handle(request);
      const last = stage.simulator.calls.at(-1);
      stage.onCall(`${last?.service}:${last?.operation}`);
      return outcome;
    },
  };
}

/** GitHub's token endpoint through the same wire as AWS, faults included. */
function getThrough(simulator: Simulator): HttpGet {
  const handler = sdkRequestHandler(simulator);
  return async (url, headers, abortSignal) => {
    const { pathname, search, hostname } = new URL(url);
    const request = { method: "GET", hostname, path: `${pathname}${search}`, headers };
    const { response } = await handler.handle(request, { abortSignal });
    return {
      status: response.statusCode,
      body: await textOf(response.body),
      headers: response.headers,
    };
  };
}

/** A body is whole, or a stream that may break off. */
async function textOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString("utf8");
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** A reporter that records everything with masks applied, like the runner; debug lines are recorded separately. */
function record() {
  const log: string[] = [];
  const debugLines: string[] = [];
  const outputs: Partial<Record<OutputName, string>> = {};
  const secrets = new Set<string>();
  const masked = (text: string) =>
    [...secrets].reduce((left, secret) => left.replaceAll(secret, "***"), text);
  const reporter: Reporter = {
    async phase(title, work) {
      log.push(`▸ ${title}`);
      return work();
    },
    info: (line) => void log.push(`  ${masked(line)}`),
    notice: (message) => void log.push(`  notice: ${masked(message)}`),
    warning(message, at) {
      const place = at
        ? `${at.file.replace(/^\.\//, "")}${at.line === undefined ? "" : `:${at.line}`}: `
        : "";
      log.push(`  warning: ${place}${masked(message)}`);
    },
    debug: (line) => void debugLines.push(line),
    debugCauses: () => {},
    mask: (secret) => void secrets.add(secret),
    output(name, value) {
      outputs[name] = masked(value);
    },
  };
  return { reporter, log, debugLines, outputs };
}

/** What the watch asks again and again. */
const polled = new Set(["ecs:DescribeServiceDeployments", "ecs:DescribeServices"]);

/** Repetitions in a row as one line, and a stretch of polling as one line. */
function fold(calls: readonly string[]): readonly string[] {
  const stretches: string[][] = [];
  for (const call of calls) {
    const last = stretches.at(-1);
    const belongs = last && (last[0] === call || (polled.has(call) && polled.has(last[0] ?? "")));
    if (belongs) last.push(call);
    else stretches.push([call]);
  }
  return stretches.map((stretch) => {
    const counts = [...new Set(stretch)]
      .sort()
      .map((call) => `${call}${times(stretch.filter((one) => one === call).length)}`);
    return counts.length > 1 ? `polling: ${counts.join(", ")}` : (counts[0] ?? "");
  });
}

function times(count: number): string {
  return count === 1 ? "" : ` ×${count}`;
}
