// The Terraform (or OpenTofu) commands that a deployment needs. Each is a child process that gets
// the credentials in its environment only.
// https://developer.hashicorp.com/terraform/tutorials/automation/automate-terraform

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { partitionOf } from "../aws/partitions.ts";
import type { AwsSession } from "../aws/session.ts";
import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../json.ts";
import { redactValues } from "../plan/task-definition/hidden-values.ts";
import type { DetachedProcess, DetachedRequest, StartDetached } from "../process/detached.ts";
import {
  environmentForChildren,
  type ProcessResult,
  type RunProcess,
} from "../process/run-process.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { parsePlanJson, type TerraformPlan } from "./plan-json.ts";
import { extractPlanText, printUntilPlan } from "./plan-text.ts";
import { redactPlanText } from "./redact-plan.ts";
import { type SupervisePorts, supervise } from "./supervise.ts";
import { findTerraformBinary, type TerraformBinary } from "./terraform-binary.ts";
import { relevantLines, terraformProblem } from "./terraform-error.ts";

export type TerraformInputs = Pick<
  Inputs,
  | "terraformImageVariable"
  | "terraformWorkspace"
  | "terraformBackendConfig"
  | "terraformVarFile"
  | "terraformLockTimeout"
> & { readonly terraformDirectory: string; readonly awsRegion: string };

export interface TerraformPorts extends Pick<SupervisePorts, "postState" | "signal"> {
  readonly run: RunProcess;
  readonly startDetached: StartDetached;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly credentials: AwsSession["childEnvironment"];
  readonly clock: { readonly now: () => number };
  readonly reporter: Pick<Reporter, "info">;
  readonly mask: (secret: string) => void;
  /** Private to this run, removed after it: plans contain secrets in plaintext. */
  readonly folder: string;
}

export interface PlannedRun {
  readonly view: TerraformPlan;
  /** Terraform's output with secret values redacted. */
  readonly text: string;
  /** Terraform reports changes. */
  readonly hasChanges: boolean;
  readonly file: string;
}

/**
 * Terraform in one root. Each call throws a DeployError `TerraformFailed` or `TerraformLocked` with
 * Terraform's own message.
 */
export interface Terraform {
  /** `Terraform 1.11.4` */
  readonly label: string;
  readonly init: () => Promise<void>;
  /** Whether the root's files declare the variable. */
  readonly declares: (variable: string) => Promise<boolean>;
  /** @param value of the image variable */
  readonly plan: (value: string, targets?: readonly string[]) => Promise<PlannedRun>;
  /** Starts it; `assertApplied` checks the result. */
  readonly apply: (plan: PlannedRun, onLine: (line: string) => void) => Promise<DetachedProcess>;
  /** @throws DeployError unless it succeeded */
  readonly assertApplied: (result: ProcessResult, consequence: string) => void;
  /** The root's outputs after the last apply; {} before the first. Sensitive ones are omitted. */
  readonly outputs: () => Promise<JsonObject>;
  /** The current state, with its resources. */
  readonly state: () => Promise<JsonObject>;
}

/** @throws DeployError `TerraformMissing` */
export async function findTerraform(
  inputs: TerraformInputs,
  ports: TerraformPorts,
): Promise<Terraform> {
  const binary = await findTerraformBinary(ports);
  ports.reporter.info(`${binary.label} in ${inputs.terraformDirectory}`);
  return createTerraform(binary, inputs, ports);
}

/** Runs the commands and turns their failures into errors. */
function createCommands(
  { command }: TerraformBinary,
  inputs: TerraformInputs,
  ports: TerraformPorts,
) {
  const { terraformDirectory: directory } = inputs;
  const environment = async (session?: "renewed") =>
    childEnvironment(inputs, ports.environment, await ports.credentials(session));
  const terraformError = (name: string, result: ProcessResult, consequence: string) => {
    return new DeployError(
      terraformProblem({
        command: name,
        directory,
        exitCode: result.exitCode,
        lines: relevantLines(result),
        consequence,
        at: ports.clock.now(),
        partition: partitionOf(inputs.awsRegion).name,
      }),
    );
  };
  const chdir = `-chdir=${directory}`;
  const run = async (args: readonly string[], onLine?: (line: string) => void) =>
    ports.run({ command, arguments: [chdir, ...args], onLine, environment: await environment() });
  // These hold the state lock and must not be killed.
  const start = (
    name: "plan" | "apply",
    args: readonly string[],
    options: Pick<DetachedRequest, "environment" | "onLine">,
  ) =>
    ports.startDetached({
      command,
      arguments: [chdir, name, "-input=false", "-no-color", ...args],
      environment: options.environment,
      onLine: options.onLine,
      logFile: join(ports.folder, `${name}.log`),
      // The post step reads the errors of a plan; its output may hold secrets.
      errorFile: name === "plan" ? join(ports.folder, "plan.errors") : undefined,
    });
  const readJson = async (name: string, args: readonly string[] = []) => {
    const shown = await run([name, "-json", "-no-color", ...args]);
    if (shown.exitCode !== 0) throw terraformError(name, shown, nothingApplied);
    return parseJsonObject(shown.stdout);
  };
  return { environment, terraformError, run, start, readJson };
}

type Commands = ReturnType<typeof createCommands>;

function createTerraform(
  binary: TerraformBinary,
  inputs: TerraformInputs,
  ports: TerraformPorts,
): Terraform {
  const { terraformDirectory: directory } = inputs;
  const commands = createCommands(binary, inputs, ports);
  const { terraformError, readJson } = commands;
  let plans = 0;
  return {
    label: binary.label,
    init: () => runInit(inputs, commands, ports),
    declares: (name) => declaresVariable(name, directory),
    plan: (value, targets = []) => {
      const file = join(ports.folder, `${++plans}.tfplan`);
      return runPlan({ value, targets, file }, inputs, commands, ports);
    },
    apply: (plan, onLine) => beginApply(plan, onLine, inputs, commands),
    assertApplied(result, consequence) {
      if (result.exitCode !== 0) throw terraformError("apply", result, consequence);
    },
    async outputs() {
      const known = Object.entries(await readJson("output")).flatMap(([name, output]) => {
        if (isJsonObject(output) && output.sensitive !== true) return [[name, output.value]];
        return [];
      });
      return Object.fromEntries(known) as JsonObject;
    },
    state: () => readJson("show"),
  };
}

async function runInit(
  { terraformDirectory: directory, terraformBackendConfig }: TerraformInputs,
  { run, terraformError }: Commands,
  { reporter }: TerraformPorts,
): Promise<void> {
  const hasLockfile = existsSync(join(directory, ".terraform.lock.hcl"));
  const lockfile = hasLockfile ? ["-lockfile=readonly"] : [];
  const backend = terraformBackendConfig.map((line) => `-backend-config=${line}`);
  const args = ["init", "-input=false", "-no-color", ...lockfile, ...backend];
  const done = await run(args, printUntilPlan(reporter.info));
  if (done.exitCode !== 0) throw terraformError("init", done, "Nothing was built or changed.");
}

interface PlanRequest {
  /** Value of the image variable. */
  readonly value: string;
  readonly targets: readonly string[];
  /** Gets the plan. */
  readonly file: string;
}

async function runPlan(
  { value, targets, file }: PlanRequest,
  inputs: TerraformInputs,
  { environment, start, readJson, terraformError }: Commands,
  ports: TerraformPorts,
): Promise<PlannedRun> {
  const { terraformDirectory: directory, terraformImageVariable: variable } = inputs;
  const args = [
    "-detailed-exitcode",
    lockTimeoutFlag(inputs),
    `-out=${file}`,
    ...inputs.terraformVarFile.map((path) => `-var-file=${path}`),
    ...targets.map((address) => `-target=${address}`),
  ];
  const child = start("plan", args, {
    environment: { ...(await environment()), [`TF_VAR_${variable}`]: value },
    onLine: printUntilPlan(ports.reporter.info),
  });
  const { folder, postState, signal } = ports;
  const done = await supervise(child, "plan", { folder, directory, postState, signal }).ended;
  if (done.exitCode !== 0 && done.exitCode !== 2)
    throw terraformError("plan", done, nothingApplied);
  const view = parsePlanJson(await readJson("show", [file]));
  // The tag is public, even if the root marks it as sensitive.
  const hidden = view.sensitiveValues.filter((secret) => !value.includes(secret));
  for (const secret of hidden) ports.mask(secret);
  return {
    view: { ...view, sensitiveValues: hidden },
    text: redactPlanText(extractPlanText(done.stdout), hidden),
    hasChanges: done.exitCode === 2,
    file,
  };
}

async function beginApply(
  { file, view: { sensitiveValues } }: PlannedRun,
  onLine: (line: string) => void,
  inputs: TerraformInputs,
  { environment, start }: Commands,
): Promise<DetachedProcess> {
  // Terraform's errors, for example, contain sensitive commands and their output in plaintext.
  const redactLine = (line: string) => redactValues(line, sensitiveValues);
  const child = start("apply", [lockTimeoutFlag(inputs), file], {
    environment: await environment("renewed"),
    onLine: (line) => onLine(redactLine(line)),
  });
  const ended = child.ended.then((result) => ({
    exitCode: result.exitCode,
    stderrTail: relevantLines(result).map(redactLine),
    stdout: "",
  }));
  return { ...child, ended };
}

function lockTimeoutFlag({ terraformLockTimeout }: TerraformInputs): string {
  return `-lock-timeout=${terraformLockTimeout}`;
}

const nothingApplied = "Nothing was applied: the service was not touched.";

function childEnvironment(
  { awsRegion, terraformWorkspace }: TerraformInputs,
  environment: TerraformPorts["environment"],
  credentials: Readonly<Record<string, string>>,
): Record<string, string> {
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE, ...jobEnvironment } = environment;
  // A profile of the runner must not take precedence over these credentials.
  const usesProfile = Object.keys(credentials).length === 0;
  const profiles = usesProfile ? { AWS_PROFILE, AWS_DEFAULT_PROFILE } : {};
  return environmentForChildren({
    ...jobEnvironment,
    ...profiles,
    ...credentials,
    AWS_REGION: awsRegion,
    AWS_DEFAULT_REGION: awsRegion,
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    TF_WORKSPACE: terraformWorkspace ?? environment.TF_WORKSPACE,
  });
}

/** Checked in the files, so that it can be reported before the build; the plan is checked again. */
async function declaresVariable(variable: string, directory: string): Promise<boolean> {
  const names = (await readdir(directory)).filter((name) => /\.(tf|tofu)(\.json)?$/.test(name));
  // Folders and dangling links that editors leave may have such names, too.
  const texts = await Promise.all(
    names.map((name) => readFile(join(directory, name), "utf8").catch(() => "")),
  );
  const declaration = new RegExp(`\\bvariable\\s+"?${variable}"?\\s*\\{|"${variable}"\\s*:`);
  return texts.some((text) => declaration.test(text));
}
