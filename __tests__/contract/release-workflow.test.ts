// The rehearsal of .github/workflows/release.yml, run by act, a local runner of GitHub's workflows: up to where GitHub is needed.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { pythonPackages } from "../rig/python-packages.ts";
import { root } from "./source.ts";

const programs = pythonPackages("github");

test.skipIf(!programs)(
  "a rehearsal rebuilds and compares dist/, and no job that may write runs (act)",
  async () => {
    const cache = await mkdtemp(join(tmpdir(), "deploy-ecs-release-"));
    onTestFinished(() => rm(cache, { recursive: true, force: true }));
    const act = ["workflow_dispatch", "--workflows=.github/workflows/release.yml"];
    const runner = ["--platform=ubuntu-latest=-self-hosted", "--input=version=99.0.0", "--json"];
    const { stdout } = await promisify(execFile)(
      join(programs ?? "", "bin/act"),
      [...act, ...runner],
      {
        cwd: root,
        env: { ...process.env, XDG_CACHE_HOME: cache },
        maxBuffer: 2 ** 26,
      },
    );
    const lines: readonly { job?: string; msg: string }[] = stdout
      .split("\n")
      .flatMap((line) => (line.startsWith("{") ? JSON.parse(line) : []));
    const log = lines.map(({ msg }) => msg).join("\n");
    expect(log).toContain("dist/ is byte for byte what script/build makes of this commit");
    expect(log).toMatch(/^[0-9a-f]{64} {2}action\.yml$/m);
    expect(log).toContain("A runner downloads");
    expect(log).toContain("Job succeeded");
    expect(new Set(lines.flatMap(({ job }) => job ?? []))).toEqual(
      new Set(["Release/Rebuild and compare"]),
    );
  },
  600_000,
);
