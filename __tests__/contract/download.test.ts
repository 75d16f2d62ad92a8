// What a runner downloads for `uses:`: `git archive` of the commit, as .gitattributes says. It is small, and runs alone.

import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runStep } from "../rig/actions-runner.ts";
import { root } from "./source.ts";

/** Of the archive, which GitHub sends as .tar.gz. */
const maxGzippedBytes = 600_000;
const actions = globSync("{.,*}/action.yml", { cwd: root, exclude: ["node_modules"] }).sort();

let folder: string;
let archive: Buffer;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deploy-ecs-download-"));
  archive = archiveOfWorkTree();
  mkdirSync(join(folder, "action"));
  execFileSync("tar", ["x", "-C", join(folder, "action")], { input: archive });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As `git archive HEAD` will be once everything here is committed. Neither index nor objects of the repository change. */
function archiveOfWorkTree(): Buffer {
  const objects = git(["rev-parse", "--git-path", "objects"]).toString().trim();
  const own = {
    GIT_INDEX_FILE: join(folder, "index"),
    GIT_OBJECT_DIRECTORY: join(folder, "objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: resolve(root, objects),
  };
  mkdirSync(own.GIT_OBJECT_DIRECTORY);
  git(["read-tree", "HEAD"], own);
  git(["add", "--all", "."], own);
  return git(["archive", git(["write-tree"], own).toString().trim()], own);
}

function git(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Buffer {
  return execFileSync("git", args, {
    cwd: root,
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test("the archive is at most 0.6 MB, gzipped, for all verbs together", () => {
  expect(gzipSync(archive).length).toBeLessThan(maxGzippedBytes);
});

test("it has the actions, dist/, licence and README, and nothing else", () => {
  const files = readdirSync(join(folder, "action"), { recursive: true }).map(String).sort();
  const dist = readdirSync(join(root, "dist"), { recursive: true }).map((file) => `dist/${file}`);
  const verbs = actions.map((file) => dirname(file)).filter((verb) => verb !== ".");
  expect(files).toEqual([...actions, ...dist, ...verbs, "dist", "LICENSE", "README.md"].sort());
  expect(actions).toEqual(expect.arrayContaining(["action.yml", "preview/action.yml"]));
});

test.each(actions)("main and post of %s run from the archive alone", async (file) => {
  const step = await runStep({
    action: join(folder, "action", dirname(file)),
    inputs: {},
    workspace: folder,
    environment: {},
    commit: "1111111111111111111111111111111111111111",
  });
  expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
  expect(step.annotations.map(({ title }) => title)).toEqual([
    expect.stringMatching(/InvalidInput/),
  ]);
  const required = file.startsWith("rehearse/") ? "task-definition" : "aws-region";
  expect(step.annotations[0]?.message).toContain(required);
});
