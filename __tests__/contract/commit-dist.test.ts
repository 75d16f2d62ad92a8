// script/commit-dist, the privileged half of the rebuild of dist/ for Dependabot: what it commits, and what it refuses.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GitHubRepository, ghEnvironment, playGitHub } from "../rig/github-api.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { root } from "./source.ts";

const programs = pythonPackages("github");
const branch = "dependabot/npm_and_yarn/yaml-2.9.2";
const head = "a".repeat(40);

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of git, for a blob. */
function blob(content: string): string {
  return createHash("sha1").update(`blob ${content.length}\0${content}`).digest("hex");
}

describe.skipIf(!programs)("with the real gh", () => {
  let folder: string;
  let dist: string;
  let github: GitHubRepository;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "deploy-ecs-commit-"));
    dist = join(folder, "dist");
    mkdirSync(dist);
    github = await playGitHub(folder);
    github.head = head;
    for (const file of ["index.js", "package.json", "licenses.txt"]) {
      write(file, `${file}\n`);
      github.dist.set(file, blob(`${file}\n`));
    }
  });
  afterEach(async () => {
    await github.close();
    rmSync(folder, { recursive: true });
  });

  function write(file: string, content: string): void {
    writeFileSync(join(dist, file), content);
  }

  async function commit(onto = branch, from = head): Promise<Result> {
    const env = await ghEnvironment(programs, folder);
    return new Promise((resolve) => {
      execFile(
        "script/commit-dist",
        [dist, onto, from],
        { cwd: root, env },
        (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  }

  test("changed, new and removed files are one commit onto the head they were built from", async () => {
    const script = `${"x".repeat(300_000)}\n`;
    write("index.js", script);
    write("sdk-start.js", "new\n");
    rmSync(join(dist, "licenses.txt"));
    expect(await commit()).toEqual({ status: 0, stdout: `${"c".repeat(40)}\n`, stderr: "" });
    expect(github.commits).toEqual([
      {
        branch: { repositoryNameWithOwner: "octo/deploy-ecs", branchName: branch },
        expectedHeadOid: head,
        message: { headline: "Rebuild dist/ [dependabot skip]" },
        fileChanges: {
          additions: [
            { path: "dist/index.js", contents: Buffer.from(script).toString("base64") },
            { path: "dist/sdk-start.js", contents: Buffer.from("new\n").toString("base64") },
          ],
          deletions: [{ path: "dist/licenses.txt" }],
        },
      },
    ]);
  });

  test("nothing is committed if dist/ is up to date", async () => {
    expect(await commit()).toEqual({ status: 0, stdout: "", stderr: "dist/ is up to date.\n" });
    expect(github.commits).toEqual([]);
  });

  test("a branch that has moved on is refused by GitHub", async () => {
    github.head = "b".repeat(40);
    write("index.js", "new\n");
    const { status, stderr } = await commit();
    expect([status, stderr]).toEqual([1, expect.stringContaining("Expected branch")]);
    expect(github.commits).toEqual([]);
  });

  test.each<[string, () => void]>([
    ["a file of another kind", () => write("action.yml", "x\n")],
    ["a name with a quotation mark", () => write('a".js', "x\n")],
    ["a name with a line break", () => write("a\nb.js", "x\n")],
    ["a folder", () => mkdirSync(join(dist, "more.js"))],
    ["a link", () => symlinkSync("/etc/passwd", join(dist, "more.js"))],
    ["a file of more than 4 MB", () => write("more.js", "x".repeat(5_000_000))],
  ])("%s in the artifact is refused", async (_name, spoil) => {
    spoil();
    const { status, stderr } = await commit();
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining("is nothing that script/build writes.\n"),
    ]);
    expect(github.commits).toEqual([]);
  });

  test.each([
    ["main", head, "main is no branch of Dependabot.\n"],
    [`${branch}"`, head, `${branch}" is no branch of Dependabot.\n`],
    [branch, "HEAD", "HEAD is no commit.\n"],
  ])("onto %s, built from %s: refused", async (onto, from, stderr) => {
    expect(await commit(onto, from)).toEqual({ status: 1, stdout: "", stderr });
  });

  test("an empty artifact is refused", async () => {
    rmSync(join(dist, "index.js"));
    expect(await commit()).toMatchObject({ status: 1, stderr: `${dist} has no index.js.\n` });
  });
});
