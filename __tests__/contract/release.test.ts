// script/release, as a maintainer and the workflow call it; what it does on GitHub with the real `gh`.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GitHubRepository, ghEnvironment, playGitHub } from "../rig/github-api.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { root } from "./source.ts";

const programs = pythonPackages("github");

const changelog = `# Changelog

## [Unreleased]

### Added

- Something new, which is so long that it
  has a second line ([how](docs/build.md#x)), and a [link](https://example.com/).
- Another.

## [1.2.2] - 2026-01-02

### Fixed

- A mistake.
`;

/** Of the first section: one line per item, links from anywhere. */
const notes = `### Added

- Something new, which is so long that it has a second line ([how](https://github.com/octo/deploy-ecs/blob/v1.3.0/docs/build.md#x)), and a [link](https://example.com/).
- Another.
`;

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let clone: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deploy-ecs-release-"));
  clone = join(folder, "clone");
  for (const path of ["script", "dist", "preview", ".git"])
    mkdirSync(join(clone, path), { recursive: true });
  cpSync(join(root, "script/release"), join(clone, "script/release"));
  write(
    "package.json",
    `{\n  "name": "deploy-ecs",\n  "version": "1.2.2",\n  "private": true\n}\n`,
  );
  write("CHANGELOG.md", changelog);
  for (const path of ["action.yml", "preview/action.yml", "dist/index.js", "dist/post.js"])
    write(path, `${path}\n`);
  rmSync(join(clone, ".git"), { recursive: true });
  git("init", "--quiet", "--initial-branch=main");
  commit();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): void {
  writeFileSync(join(clone, path), content);
}

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  const { status, stdout, stderr } = spawnSync("git", [...identity, ...args], {
    cwd: clone,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Answers its sha. */
function commit(): string {
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message=A commit");
  return git("rev-parse", "HEAD");
}

async function release(...args: readonly string[]): Promise<Result> {
  const child = spawn("script/release", args, {
    cwd: clone,
    env: await ghEnvironment(programs, folder),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  return { status, stdout, stderr };
}

describe("before the tag", () => {
  test("prepare writes version and heading, after which the tag can be released", async () => {
    expect(await release("check", "v1.3.0")).toMatchObject({ status: 1 });
    expect(await release("prepare", "1.3.0")).toMatchObject({ status: 0, stderr: "" });
    expect(await release("check", "v1.3.0")).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(clone, "CHANGELOG.md"), "utf8")).toMatch(
      /\n## \[Unreleased\]\n\n## \[1\.3\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n/,
    );
    expect((await release("notes", "v1.3.0")).stdout).toBe(notes);
    expect((await release("notes", "v1.2.2")).stdout).toBe("### Fixed\n\n- A mistake.\n");
    const again = await release("prepare", "1.3.0");
    expect(again.stderr).toBe("CHANGELOG.md has a section 1.3.0 already.\n");
  });

  test("prepare refuses a release that says nothing", async () => {
    write("CHANGELOG.md", changelog.replace(/### Added[\s\S]*?(?=## \[1)/, ""));
    expect(await release("prepare", "1.3.0")).toMatchObject({
      status: 1,
      stderr: "CHANGELOG.md has nothing under [Unreleased].\n",
    });
  });

  test("check names everything that does not agree", async () => {
    expect(await release("check", "v1.3.0")).toMatchObject({
      status: 1,
      stderr: `v1.3.0 cannot be released: package.json has version 1.2.2. CHANGELOG.md has no heading "## [1.3.0] - YYYY-MM-DD". CHANGELOG.md says nothing about 1.3.0. (script/release prepare 1.3.0)\n`,
    });
  });

  test.each(["1.2.2", "v1.2", "v01.2.2", "v1.2.2-rc.1", "v1x2.2"])(
    "%s is no tag of a release",
    async (tag) => {
      expect(await release("check", tag)).toMatchObject({
        status: 1,
        stderr: `${tag} is not the tag of a release: v1.2.3 is expected.\n`,
      });
    },
  );

  test("compare finds a changed byte, a missing file and one too many", async () => {
    cpSync(join(clone, "dist"), join(folder, "built"), { recursive: true });
    expect(await release("compare", join(folder, "built"))).toMatchObject({ status: 0 });
    writeFileSync(join(folder, "built/index.js"), "dist/Index.js\n");
    rmSync(join(folder, "built/post.js"));
    writeFileSync(join(folder, "built/new.js"), "");
    const { status, stderr } = await release("compare", join(folder, "built"));
    expect(status).toBe(1);
    for (const file of ["index.js", "post.js", "new.js"]) expect(stderr).toContain(file);
    expect(stderr).toMatch(/dist\/ is not what script\/build makes of this commit\.\n$/);
  });

  test("checksums lists every action and all of dist/, as sha256sum can check it", async () => {
    const { stdout } = await release("checksums");
    expect(stdout.replaceAll(/^[0-9a-f]{64} {2}/gm, "")).toBe(
      "action.yml\ndist/index.js\ndist/post.js\npreview/action.yml\n",
    );
    writeFileSync(join(folder, "SHA256SUMS"), stdout);
    expect(
      spawnSync("sha256sum", ["--check", "--quiet", join(folder, "SHA256SUMS")], { cwd: clone })
        .status,
    ).toBe(0);
  });

  test("anything else is answered with the usage", async () => {
    for (const args of [[], ["publish"], ["publish", "v1.2.2"], ["other", "x"], ["check"]])
      expect(await release(...args)).toMatchObject({
        status: 64,
        stderr: expect.stringMatching(/^usage: /),
      });
  });
});

describe.skipIf(!programs)("on GitHub", () => {
  let github: GitHubRepository;
  let head: string;

  beforeEach(async () => {
    github = await playGitHub(folder);
    head = git("rev-parse", "HEAD");
    github.tags.set("v1.2.2", head);
    github.main.add(head);
    writeFileSync(join(folder, "SHA256SUMS"), "sums\n");
  });
  afterEach(() => github.close());

  const publish = () => release("publish", "v1.2.2", join(folder, "SHA256SUMS"));

  test("publish makes one immutable release with notes and assets, and can be repeated", async () => {
    expect(await publish()).toMatchObject({ status: 0, stderr: "" });
    expect(await publish()).toMatchObject({ status: 0, stdout: "v1.2.2 is released already.\n" });
    expect(github.releases).toEqual([
      {
        id: 1,
        tag_name: "v1.2.2",
        body: "### Fixed\n\n- A mistake.\n",
        assets: ["SHA256SUMS"],
        draft: false,
        prerelease: false,
        immutable: true,
      },
    ]);
    expect([...github.tags.keys()]).toEqual(["v1.2.2"]);
  });

  test("publish replaces the draft of a run that failed half-way", async () => {
    const half = {
      id: 7,
      tag_name: "v1.2.2",
      body: "",
      assets: [],
      prerelease: false,
      immutable: false,
    };
    github.releases.push({ ...half, draft: true });
    expect(await publish()).toMatchObject({ status: 0 });
    expect(github.releases).toEqual([expect.objectContaining({ immutable: true })]);
  });

  test("a release that can be changed is an error, and v1 does not move", async () => {
    github.immutability = false;
    expect(await publish()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("turn on release immutability"),
    });
    expect(await publish()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("delete it on GitHub"),
    });
    expect(await release("major", "v1.2.2")).toMatchObject({
      status: 1,
      stderr: "v1.2.2 is not an immutable release.\n",
    });
    expect(github.tags.has("v1")).toBe(false);
  });

  test("nothing is written if the tag has moved, or its commit is not on main", async () => {
    github.main.clear();
    expect(await publish()).toMatchObject({
      status: 1,
      stderr: `Commit ${head} is not on main (ahead).\n`,
    });
    github.tags.set("v1.2.2", "0".repeat(40));
    for (const command of [publish(), release("major", "v1.2.2")])
      expect(await command).toMatchObject({
        status: 1,
        stderr: `The tag v1.2.2 is commit ${"0".repeat(40)}, not ${head}.\n`,
      });
    expect(github.writes).toEqual([]);
  });

  test("major creates v1, and moves it to the next version", async () => {
    await publish();
    expect(await release("major", "v1.2.2")).toMatchObject({
      status: 0,
      stdout: `v1 is v1.2.2 (${head}).\n`,
    });
    await release("prepare", "1.10.0");
    const next = commit();
    github.main.add(next);
    github.tags.set("v1.10.0", next).set("v10", head);
    await release("publish", "v1.10.0", join(folder, "SHA256SUMS"));
    expect(await release("major", "v1.10.0")).toMatchObject({
      status: 0,
      stdout: `v1 is v1.10.0 (${next}).\n`,
    });
    expect([github.tags.get("v1"), github.tags.get("v10")]).toEqual([next, head]);
    // The earlier version's job again: v1 does not move back.
    git("checkout", "--quiet", head);
    expect(await release("major", "v1.2.2")).toMatchObject({
      status: 0,
      stdout: "v1 stays where it is: v1.10.0 is newer than v1.2.2.\n",
    });
    expect(github.tags.get("v1")).toBe(next);
  });

  test("an API that does not answer is an error", async () => {
    github.tags.delete("v1.2.2");
    const { status, stderr } = await publish();
    expect([status, stderr]).toEqual([1, expect.stringContaining("Not Found")]);
    expect(github.writes).toEqual([]);
  });
});
