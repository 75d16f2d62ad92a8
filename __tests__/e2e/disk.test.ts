// A disk that is full or read-only under the bundled action: /dev/full in the place of a file, and small file systems in memory.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitsWith } from "ecs-simulator/tasks";
import { afterAll, describe, expect, test } from "vitest";
import { runStep, type StepResult } from "../rig/actions-runner.ts";
import { openSmallAccount, type SmallAccountOptions } from "../rig/small-account.ts";

const folders: string[] = [];
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) execFileSync("umount", [mount]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const commit = "d15cd15cd15cd15cd15cd15cd15cd15cd15cd15c";

async function deploy(
  environment: Record<string, string>,
  options: Partial<SmallAccountOptions> = {},
) {
  const account = await openSmallAccount({ commit, ...options });
  try {
    const step = { ...account.step, environment: { ...account.step.environment, ...environment } };
    const result = await runStep(step);
    folders.push(result.folder);
    return { ...result, calls: account.simulator.calls.map(({ operation }) => operation) };
  } finally {
    await account.close();
  }
}

function levels({ annotations }: StepResult, level: string): readonly string[] {
  return annotations
    .filter((one) => one.level === level)
    .map(({ title, message }) => `${title}: ${message}`);
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-disk-"));
  folders.push(folder);
  return folder;
}

const stack = /^\s+at .*:\d+:\d+/m;
const files = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"];

describe.each(files)("%s cannot be written", (file) => {
  test("a successful deployment stays successful, and one warning says what could not be written", async () => {
    const step = await deploy({ [file]: "/dev/full" });
    expect(step).toMatchObject({ exitCode: 0, postExitCode: 0 });
    expect(levels(step, "error")).toEqual([]);
    expect(levels(step, "warning")).toEqual([
      expect.stringContaining(`${file} could not be written: ENOSPC`),
    ]);
    expect(step.rawLog).not.toMatch(stack);
    expect(step.log.join("\n")).toContain("outcome: succeeded");
  });

  test("a failed deployment keeps its one error", async () => {
    const step = await deploy(
      { [file]: "/dev/full" },
      { tasks: () => exitsWith(1, { after: 50, pullsFor: 50, startsFor: 50 }) },
    );
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(levels(step, "error")).toEqual([expect.stringMatching(/^RolledBack: /)]);
    expect(step.rawLog).not.toMatch(stack);
  });
});

test("none of the three files exists", async () => {
  const missing = join(temporary(), "no/such/folder");
  const step = await deploy(Object.fromEntries(files.map((file) => [file, join(missing, file)])));
  expect(step).toMatchObject({ exitCode: 0, postExitCode: 0 });
  expect(levels(step, "error")).toEqual([]);
  expect(levels(step, "warning")).toHaveLength(3);
  expect(step.rawLog).not.toMatch(stack);
});

describe.skipIf(!canMount())("RUNNER_TEMP on a file system of its own", () => {
  test.each([
    ["read-only", "ro", "EROFS"],
    ["full", "size=8k", "ENOSPC"],
  ])("it is %s: reported before the build, and no folder is left", async (_, options, says) => {
    const temp = mount(options);
    const home = temporary();
    mkdirSync(join(home, ".docker"));
    // Copied into the private folder, where there is no room for it.
    writeFileSync(
      join(home, ".docker/config.json"),
      JSON.stringify({ HttpHeaders: { "X-Long": "x".repeat(20_000) } }),
    );
    const step = await deploy({ RUNNER_TEMP: temp, HOME: home }, { built: false });
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(levels(step, "error")).toEqual([expect.stringMatching(/^DiskNotWritable: /)]);
    expect(levels(step, "error")[0]).toContain(says);
    expect(step.calls).not.toContain("UpdateService");
    expect(readdirSync(temp)).toEqual([]);
    expect(step.rawLog).not.toMatch(stack);
  });
});

function mount(options: string): string {
  const folder = temporary();
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  mounts.push(folder);
  return folder;
}

function canMount(): boolean {
  try {
    const folder = temporary();
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder], { stdio: "pipe" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  }
}
