// Finds the Terraform (or OpenTofu) binary of this runner.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DeployError } from "../errors.ts";
import { parseJsonObject, stringOf } from "../json.ts";
import {
  environmentForChildren,
  type ProcessResult,
  type RunProcess,
} from "../process/run-process.ts";

export interface TerraformBinary {
  readonly command: string;
  /** `Terraform 1.11.4` */
  readonly label: string;
}

interface BinaryPorts {
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws DeployError `TerraformMissing` */
export async function findTerraformBinary({
  run,
  environment,
}: BinaryPorts): Promise<TerraformBinary> {
  // TF_CLI_ARGS holds arguments for every command; `version` may not know them.
  const { TF_CLI_ARGS: _, ...jobEnvironment } = environmentForChildren(environment);
  const failedCommands: string[] = [];
  for (const command of candidates(environment)) {
    const version = await run({
      command,
      arguments: ["version", "-json"],
      environment: { ...jobEnvironment, CHECKPOINT_DISABLE: "1" },
    });
    if (version.exitCode === 0) return { command, label: labelOf(command, version) };
    if (version.exitCode !== undefined) failedCommands.push(describeFailure(command, version));
  }
  throw terraformMissingError(failedCommands);
}

/**
 * The action setup-terraform installs a wrapper that does not forward signals, and puts the path of
 * the real binary in a variable.
 * https://github.com/hashicorp/setup-terraform/issues/441
 */
function candidates(environment: BinaryPorts["environment"]): readonly string[] {
  const { TERRAFORM_CLI_PATH: terraformPath, TOFU_CLI_PATH: tofuPath } = environment;
  const wrappedBinaries = [
    terraformPath && join(terraformPath, "terraform-bin"),
    tofuPath && join(tofuPath, "tofu-bin"),
  ];
  const existing = wrappedBinaries.filter(
    (path): path is string => path !== undefined && existsSync(path),
  );
  return [...existing, "terraform", "tofu"];
}

function labelOf(command: string, { stdout }: ProcessResult): string {
  const product = /tofu(-bin)?$/.test(command) ? "OpenTofu" : "Terraform";
  const version = stringOf(parseJsonObject(stdout).terraform_version);
  return `${product} ${version ?? "of unknown version"}`;
}

function describeFailure(command: string, { exitCode, stderrTail, stdout }: ProcessResult): string {
  const output = [...stderrTail, ...stdout.split("\n")].filter((line) => line.trim() !== "");
  const excerpt = output.slice(0, 5).join("\n");
  return `\`${command} version\` ended with exit code ${exitCode}: ${excerpt}`;
}

function terraformMissingError(failedCommands: readonly string[]): DeployError {
  if (failedCommands.length > 0)
    return new DeployError({
      code: "TerraformMissing",
      message:
        "terraform-directory is set, but the Terraform binary on this runner does not " +
        `run.\n${failedCommands.join("\n")}`,
      hint:
        "Nothing was built or changed. Is it the shim of a version manager that has no version " +
        "set for this directory?",
    });
  return new DeployError({
    code: "TerraformMissing",
    message:
      "terraform-directory is set, but neither `terraform` nor `tofu` is installed on this runner.",
    hint:
      "Nothing was built or changed. Run hashicorp/setup-terraform (or opentofu/setup-opentofu) " +
      "before this step: this action does not install it.",
  });
}
