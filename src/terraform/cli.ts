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
import { isJsonObject, type JsonObject, type JsonValue, stringOf } from "../json.ts";
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

interface TerraformBinary {
  readonly command: string;
  readonly label: string;
}

/**
 * The action setup-terraform installs a wrapper that does not forward signals, and puts the path of
 * the real binary in a variable. https://github.com/hashicorp/setup-terraform/issues/441
 */
async function findTerraformBinary({ run, environment }: TerraformPorts): Promise<TerraformBinary> {
  const wrappedBinaries = [
    environment.TERRAFORM_CLI_PATH && join(environment.TERRAFORM_CLI_PATH, "terraform-bin"),
    environment.TOFU_CLI_PATH && join(environment.TOFU_CLI_PATH, "tofu-bin"),
  ];
  // TF_CLI_ARGS holds arguments for every command; `version` may not know them.
  const { TF_CLI_ARGS: _, ...jobs } = environmentForChildren(environment);
  const failedCommands: string[] = [];
  for (const command of [
    ...wrappedBinaries.filter((path) => path && existsSync(path)),
    "terraform",
    "tofu",
  ]) {
    if (!command) continue;
    const version = await run({
      ...{
        command,
        arguments: ["version", "-json"],
        environment: { ...jobs, CHECKPOINT_DISABLE: "1" },
      },
    });
    if (version.exitCode === undefined) continue;
    if (version.exitCode !== 0) {
      const output = [...version.stderrTail, ...version.stdout.split("\n")].filter(
        (line) => line.trim() !== "",
      );
      failedCommands.push(
        `\`${command} version\` ended with exit code ${version.exitCode}: ${output.slice(0, 5).join("\n")}`,
      );
      continue;
    }
    const number =
      stringOf(parseJsonObject(version.stdout).terraform_version) ?? "of unknown version";
    return {
      command,
      label: `${/tofu(-bin)?$/.test(command) ? "OpenTofu" : "Terraform"} ${number}`,
    };
  }
  if (failedCommands.length > 0)
    throw new DeployError({
      code: "TerraformMissing",
      message: `terraform-directory is set, but the Terraform binary on this runner does not run.\n${failedCommands.join("\n")}`,
      hint: "Nothing was built or changed. Is it the shim of a version manager that has no version set for this directory?",
    });
  throw new DeployError({
    code: "TerraformMissing",
    message:
      "terraform-directory is set, but neither `terraform` nor `tofu` is installed on this runner.",
    hint: "Nothing was built or changed. Run hashicorp/setup-terraform (or opentofu/setup-opentofu) before this step: this action does not install it.",
  });
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
    const [{ exitCode }, lines, at] = [result, relevantLines(result), ports.clock.now()];
    const partition = partitionOf(inputs.awsRegion).name;
    return new DeployError(
      terraformProblem({ command: name, directory, exitCode, lines, consequence, at, partition }),
    );
  };
  const run = async (args: readonly string[], onLine?: (line: string) => void) =>
    ports.run({
      ...{ command, arguments: [`-chdir=${directory}`, ...args], ...(onLine && { onLine }) },
      environment: await environment(),
    });
  // These hold the state lock and must not be killed.
  const start = (
    name: "plan" | "apply",
    args: readonly string[],
    options: Pick<DetachedRequest, "environment" | "onLine">,
  ) =>
    ports.startDetached({
      ...{
        command,
        arguments: [`-chdir=${directory}`, name, "-input=false", "-no-color", ...args],
        ...options,
      },
      logFile: join(ports.folder, `${name}.log`),
      ...(name === "plan" && { errorFile: join(ports.folder, "plan.errors") }),
    });
  const readJson = async (name: string, args: readonly string[] = []) => {
    const shown = await run([name, "-json", "-no-color", ...args]);
    if (shown.exitCode !== 0) throw terraformError(name, shown, nothingApplied);
    return parseJsonObject(shown.stdout);
  };
  return { environment, failed: terraformError, run, start, readJson };
}

function createTerraform(
  binary: TerraformBinary,
  inputs: TerraformInputs,
  ports: TerraformPorts,
): Terraform {
  const { terraformDirectory: directory, terraformImageVariable: variable } = inputs;
  const { environment, failed, run, start, readJson } = createCommands(binary, inputs, ports);
  const lockTimeout = `-lock-timeout=${inputs.terraformLockTimeout}`;
  let plans = 0;
  return {
    label: binary.label,
    async init() {
      const lockfileArgs = existsSync(join(directory, ".terraform.lock.hcl"))
        ? ["-lockfile=readonly"]
        : [];
      const backend = inputs.terraformBackendConfig.map((line) => `-backend-config=${line}`);
      const args = ["init", "-input=false", "-no-color", ...lockfileArgs, ...backend];
      const done = await run(args, printUntilPlan(ports.reporter.info));
      if (done.exitCode !== 0) throw failed("init", done, "Nothing was built or changed.");
    },
    declares: (name) => declaresVariable(name, directory),
    async plan(value, targets = []) {
      const file = join(ports.folder, `${++plans}.tfplan`);
      const files = inputs.terraformVarFile.map((path) => `-var-file=${path}`);
      const args = ["-detailed-exitcode", lockTimeout, `-out=${file}`, ...files];
      const child = start("plan", [...args, ...targets.map((address) => `-target=${address}`)], {
        environment: { ...(await environment()), [`TF_VAR_${variable}`]: value },
        onLine: printUntilPlan(ports.reporter.info),
      });
      const done = await supervise(child, "plan", { ...ports, directory }).ended;
      if (done.exitCode !== 0 && done.exitCode !== 2) throw failed("plan", done, nothingApplied);
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
    },
    async apply({ file, view: { sensitiveValues } }, onLine) {
      // Terraform's errors, for example, contain sensitive commands and their output in plaintext.
      const redactLine = (line: string) => redactValues(line, sensitiveValues);
      const child = start("apply", [lockTimeout, file], {
        environment: await environment("renewed"),
        onLine: (line) => onLine(redactLine(line)),
      });
      const ended = child.ended.then((result) => ({
        ...result,
        stderrTail: relevantLines(result).map(redactLine),
        stdout: "",
      }));
      return { ...child, ended };
    },
    assertApplied(result, consequence) {
      if (result.exitCode !== 0) throw failed("apply", result, consequence);
    },
    async outputs() {
      const known = Object.entries(await readJson("output")).flatMap(([name, output]) =>
        isJsonObject(output) && output.sensitive !== true ? [[name, output.value]] : [],
      );
      return Object.fromEntries(known) as JsonObject;
    },
    state: () => readJson("show"),
  };
}

const nothingApplied = "Nothing was applied: the service was not touched.";

function childEnvironment(
  { awsRegion, terraformWorkspace }: TerraformInputs,
  environment: TerraformPorts["environment"],
  credentials: Readonly<Record<string, string>>,
): Record<string, string> {
  const {
    AWS_PROFILE: profile,
    AWS_DEFAULT_PROFILE: defaultProfile,
    ...jobs
  } = environmentForChildren(environment);
  // A profile of the runner must not take precedence over these credentials.
  const profiles = {
    ...(profile !== undefined && { AWS_PROFILE: profile }),
    ...(defaultProfile !== undefined && { AWS_DEFAULT_PROFILE: defaultProfile }),
  };
  return {
    ...jobs,
    ...(Object.keys(credentials).length === 0 && profiles),
    ...credentials,
    ...{ AWS_REGION: awsRegion, AWS_DEFAULT_REGION: awsRegion },
    ...{ TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" },
    ...(terraformWorkspace !== undefined && { TF_WORKSPACE: terraformWorkspace }),
  };
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

function parseJsonObject(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
