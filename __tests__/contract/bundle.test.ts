// dist/ is what runs: it must be what the sources say, and hold nothing that we left out on purpose.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { OutputChunk } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleSources } from "../../tools/bundle/rolldown.ts";
import { onDemand } from "../../tools/bundle/sdk-on-demand.ts";
import { isOnlyForDeployments } from "./import-rules.ts";
import { namesIn, readSources, readText, root } from "./source.ts";

/** Only the action `preview` loads them. */
const previewScripts = ["github.js", "preview.js"];
/** Each the entry of another action: it shares all else with deploy. */
const verbScripts = ["build.js", "register.js", "task.js"];
/** Only the action `rehearse` loads them. */
const rehearseScripts = ["rehearsal.js", "rehearse-post.js", "rehearse.js", "simulator.js"];
const deployScripts = [
  "answer-pause.js",
  "causes.js",
  "deployment.js",
  "explain-rollout.js",
  "finish-rollouts.js",
  "index.js",
  "observe-creation-template.js",
  "observe-secrets.js",
  "plan-output.js",
  "post-step.js",
  "post.js",
  "probe.js",
  "recheck-older.js",
  "run-task.js",
  "runner.js",
  "sdk-on-demand.js",
  "sdk-start.js",
  "sdk.js",
  "shared.js",
  "terraform-run.js",
  "verification.js",
  "yaml.js",
];
/** What other actions than deploy share. */
const sharedByVerbs = "verbs.js";
const scripts = [
  ...deployScripts,
  ...previewScripts,
  ...rehearseScripts,
  ...verbScripts,
  sharedByVerbs,
];
const files = [...scripts, "licenses.txt", "package.json"].sort();

let fresh: string;
let chunks: readonly OutputChunk[];

beforeAll(async () => {
  fresh = mkdtempSync(join(tmpdir(), "deploy-ecs-bundle-"));
  execFileSync(join(root, "script/build"), [fresh], { stdio: "pipe" });
  chunks = await bundleSources();
}, 180_000);

afterAll(() => rmSync(fresh, { recursive: true, force: true }));

test("dist/ holds the expected files and no others", () => {
  expect(readdirSync(join(root, "dist"), { recursive: true }).sort()).toEqual(files);
});

test.each(files)("dist/%s is what script/build generates from the sources", (file) => {
  const [built, committed] = [join(fresh, file), join(root, "dist", file)].map((path) =>
    readFileSync(path),
  );
  // Not toEqual: the difference of two minified files is unreadable.
  expect(committed?.equals(built ?? Buffer.of()), "run script/build and commit dist/").toBe(true);
});

// 0.28 MB are the AWS SDK, 0.1 MB the parser of YAML; all else are our own rules, causes and texts.
test("a deployment's files are at most 1.1 MB of JavaScript, what a run needs only sometimes included", () => {
  expect(sizeOf(deployScripts)).toBeLessThan(1_100_000);
});

test("the action preview adds at most 25 kB, and 0.12 MB where it is given github-token", () => {
  expect(sizeOf(["preview.js"])).toBeLessThan(25_000);
  expect(sizeOf(["github.js"])).toBeLessThan(120_000);
});

test("the action rehearse adds at most 0.24 MB (docs/decisions/0016-the-simulator-is-in-the-bundle.md)", () => {
  expect(sizeOf(rehearseScripts)).toBeLessThan(240_000);
});

test.each([...verbScripts, sharedByVerbs])("%s adds at most 15 kB", (script) => {
  expect(sizeOf([script])).toBeLessThan(15_000);
});

function sizeOf(names: readonly string[]): number {
  const bytes = names.map((file) => readFileSync(join(root, "dist", file)).length);
  return bytes.reduce((sum, size) => sum + size, 0);
}

// V8 keeps a source with any other character as two bytes a character: 1.2 MB more in every run.
test.each(scripts)("dist/%s is ASCII", (file) => {
  expect(/^[\0-\x7f]*$/.test(readText(`dist/${file}`))).toBe(true);
});

const atStart = /\b(?:from|import)\s*["'`]\.\/([\w.-]+)["'`]/g;
const atStartOrLater = /\b(?:from|import)\s*\(?["'`]\.\/([\w.-]+)["'`]/g;

/** A file of dist/ and all that it imports. */
function withinReach(entry: string, imports: RegExp): ReadonlySet<string> {
  const reached = new Set([entry]);
  for (const file of reached)
    for (const [, imported = ""] of readText(`dist/${file}`).matchAll(imports))
      reached.add(imported);
  return reached;
}

test("the post step loads neither the SDK nor the deployment before it has something to do", () => {
  expect([...withinReach("post.js", atStart)].sort()).toEqual(["post.js", "runner.js"]);
});

test("a deployment loads on demand what explains a failure, verification and Terraform", () => {
  const loaded = withinReach("index.js", atStart);
  expect([...loaded].sort()).toEqual(
    [
      "deployment.js",
      "index.js",
      "runner.js",
      "sdk-start.js",
      "sdk.js",
      "shared.js",
      "yaml.js",
    ].sort(),
  );
  expect(withinReach("index.js", atStartOrLater)).toEqual(
    new Set(deployScripts.filter((file) => !/^(finish-rollouts|post|post-step)\.js$/.test(file))),
  );
});

test("the action preview shares all files of a deployment, and loads GitHub's client on demand", () => {
  expect([...withinReach("preview.js", atStart)]).not.toContain("github.js");
  const shared = [...withinReach("index.js", atStartOrLater)].filter((file) => file !== "index.js");
  expect([...withinReach("preview.js", atStartOrLater)].sort()).toEqual(
    [...shared, ...previewScripts, sharedByVerbs].sort(),
  );
});

test("the action rehearse loads the simulator on demand, and no other action does", () => {
  expect([...withinReach("rehearse.js", atStart)]).not.toContain("simulator.js");
  const reached = withinReach("rehearse.js", atStartOrLater);
  expect([...reached]).toEqual(expect.arrayContaining(["rehearsal.js", "simulator.js"]));
  for (const entry of ["index.js", "post.js", "preview.js", ...verbScripts])
    expect([...withinReach(entry, atStartOrLater)]).not.toContain("simulator.js");
});

test.each(verbScripts)("the entry %s loads files of a deployment, and verbs.js", (script) => {
  const shared = withinReach("index.js", atStartOrLater);
  const reached = [...withinReach(script, atStartOrLater)].filter((file) => !shared.has(file));
  expect(reached.sort()).toEqual([script, sharedByVerbs]);
});

/** What is in these files that only a deployment needs. */
function startersIn(reached: ReadonlySet<string>): readonly string[] {
  return chunks
    .filter(({ fileName }) => reached.has(fileName))
    .flatMap(({ moduleIds }) => moduleIds.map((id) => id.slice(root.length + 1)))
    .filter((path) => isOnlyForDeployments(path));
}

test("no file that the post step can load has anything that starts something in ECS", () => {
  const reached = withinReach("post.js", atStartOrLater);
  expect(scripts).toEqual(expect.arrayContaining([...reached]));
  expect(startersIn(reached)).toEqual([]);
});

test("the main step's files are found to have all that starts something", () => {
  const commands = ["RegisterTaskDefinition", "RunTask", "UpdateService"];
  expect(startersIn(withinReach("index.js", atStartOrLater))).toEqual(
    expect.arrayContaining([
      "src/deploy.ts",
      ...commands.map(
        (name) => `node_modules/@aws-sdk/client-ecs/dist-es/commands/${name}Command.js`,
      ),
    ]),
  );
});

test("licenses.txt has each package of which a module is in dist/, with its licence", () => {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const folders = new Set(
    modules.flatMap(
      (id) => id.match(/^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/)?.[0] ?? [],
    ),
  );
  const licenses = readText("dist/licenses.txt");
  const titles = [...licenses.matchAll(/^(\S+) \d+\.\d+\.\d+\n(?:MIT|ISC|Apache-2\.0)$/gm)];
  const names = [...folders].map((folder) => folder.replace(/^.*node_modules[\\/]/, ""));
  expect(titles.map(([, name]) => name).sort()).toEqual(names.sort());
  for (const folder of folders) {
    const file = ["LICENSE", "LICENSE.md"].map((name) => join(folder, name)).find(existsSync);
    if (file !== undefined)
      expect(licenses).toContain(readFileSync(file, "utf8").trim().replaceAll("\r\n", "\n"));
    else expect(folder, "has no licence text").toMatch(/@aws-sdk/);
  }
});

test("all that the SDK imports on demand is in tools/bundle/sdk-on-demand.ts", () => {
  const late = chunks
    .flatMap(({ moduleIds }) => moduleIds.filter((id) => /@(aws|aws-sdk|smithy)[\\/]/.test(id)))
    .flatMap((id) => lateImports(readFileSync(id, "utf8"), id));
  for (const { names, from } of late) expect(onDemand[from]).toEqual(expect.arrayContaining(names));
  const wanted = new Set(late.flatMap(({ names }) => names));
  expect([...wanted].sort()).toEqual([...new Set(Object.values(onDemand).flat())].sort());
});

function lateImports(text: string, path: string) {
  const all = text.match(/\bimport\((?!["']node:)/g) ?? [];
  const taken = [...text.matchAll(/\{([^{}]*)\} = await import\("(?!node:)([^"]+)"\)/g)];
  expect(taken.length, `an import() of another form in ${dirname(path)}`).toBe(all.length);
  return taken.map(([, names = "", from = ""]) => ({
    names: names.split(",").map((name) => name.trim()),
    from,
  }));
}

test("undici is not bundled (docs/decisions/0002-bundle-without-undici.md)", () => {
  for (const file of scripts) expect(readText(`dist/${file}`)).not.toMatch(/undici/i);
  expect(readText("dist/licenses.txt")).not.toMatch(/^undici\b/m);
});

test("core.getIDToken, which needs undici, is not used", () => {
  const users = [...readSources("src")].filter(([path, text]) =>
    namesIn(path, text).has("getIDToken"),
  );
  expect(users.map(([path]) => path)).toEqual([]);
});
