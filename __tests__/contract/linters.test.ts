// Linters of other projects, from PyPI: zizmor on workflows and actions, hadolint on Dockerfiles. docs/security.md lists the others.

import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonPackages } from "../rig/python-packages.ts";
import { readText, root } from "./source.ts";

const github = pythonPackages("github");
const linter = pythonPackages("linter");

interface Result {
  readonly status: number;
  readonly output: string;
}

function run(program: string, args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: root }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), output: `${stdout}${stderr}` }),
    );
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deploy-ecs-linters-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!github)("zizmor", () => {
  const zizmor = (files: readonly string[]) =>
    run(join(github ?? "", "bin/zizmor"), [
      "--offline",
      "--persona=pedantic",
      "--no-progress",
      "--config=.github/zizmor.yml",
      ...files,
    ]);

  test("finds nothing in our workflows, actions and examples", async () => {
    const examples = globSync("examples/*/.github/workflows/*.yml", { cwd: root });
    const { status, output } = await zizmor([".", ...examples]);
    expect([status, output]).toEqual([0, expect.stringContaining("No findings to report")]);
    for (const file of [".github/workflows/release.yml", "./action.yml", ...examples])
      expect(output).toContain(
        `completed ${file.startsWith("./") || file.startsWith("examples") ? file : `./${file}`}`,
      );
  });

  test("finds an action that is not pinned, and a right that is not needed", async () => {
    const wrong = readText(".github/workflows/ci.yml")
      .replace(/actions\/checkout@\w+ # .*/, "actions/checkout@v7")
      .replace("permissions: {}", "permissions: write-all");
    writeFileSync(join(folder, "wrong.yml"), wrong);
    const { status, output } = await zizmor([join(folder, "wrong.yml")]);
    expect(status).toBeGreaterThan(0);
    for (const audit of ["unpinned-uses", "excessive-permissions"]) expect(output).toContain(audit);
  });
});

describe.skipIf(!linter)("hadolint", () => {
  const hadolint = (files: readonly string[]) =>
    run(join(linter ?? "", "bin/hadolint"), ["--config=.hadolint.yaml", ...files]);

  test("finds nothing in the examples", async () => {
    const files = globSync(["examples/*/Dockerfile*", "examples/*/*/Dockerfile"], { cwd: root });
    expect(files).toContain("examples/clockko/backend/Dockerfile");
    expect(await hadolint(files)).toEqual({ status: 0, output: "" });
  });

  test("finds a base image without a version", async () => {
    writeFileSync(join(folder, "Dockerfile"), "FROM debian\nUSER 1\n");
    const { status, output } = await hadolint([join(folder, "Dockerfile")]);
    expect([status, output]).toEqual([1, expect.stringContaining("DL3006")]);
  });
});
