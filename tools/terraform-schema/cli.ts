// The real terraform, where the machine has one: format, its functions, and `validate` where it also has the provider.

import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";

/** A folder as `terraform providers mirror` makes it. */
export const providersFolder = env["DEPLOY_ECS_TERRAFORM_PROVIDERS"];

export function hasTerraform(): boolean {
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore", env: quiet() });
    return true;
  } catch {
    return false;
  }
}

/** What is not formatted as Terraform formats; nothing if all is well. */
export async function formatDifferences(folder: string): Promise<string> {
  return terraform(["fmt", "-check", "-diff", "-recursive", folder]);
}

/** The names of its functions, from the binary itself. */
export async function functionsOfTerraform(): Promise<ReadonlySet<string>> {
  const { stdout } = await promisify(execFile)("terraform", ["metadata", "functions", "-json"], {
    env: quiet(),
    maxBuffer: 2 ** 24,
  });
  return new Set(Object.keys(JSON.parse(stdout).function_signatures));
}

/** What `terraform validate` has to say of a root; nothing if it is valid. The root itself stays as it is. */
export async function validationErrors(root: string, providers: string): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), "terraform-root-"));
  try {
    cpSync(root, copy, { recursive: true });
    const refused = await terraform([
      `-chdir=${copy}`,
      "init",
      "-backend=false",
      "-input=false",
      "-no-color",
      `-plugin-dir=${providers}`,
    ]);
    return refused || (await terraform([`-chdir=${copy}`, "validate", "-no-color"]));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** What it prints when it fails. */
async function terraform(args: readonly string[]): Promise<string> {
  try {
    await promisify(execFile)("terraform", args, {
      env: quiet(),
      maxBuffer: 2 ** 24,
      timeout: 120_000,
    });
    return "";
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return `${stdout}${stderr}`;
  }
}

function quiet(): NodeJS.ProcessEnv {
  return { ...env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
}
