// dist/ is what runs: it must be what the sources say, and hold nothing that we left out on purpose.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { namesIn, readSources, readText, root } from "./source.ts";

const files = ["index.js", "licenses.txt", "package.json", "post.js", "sdk.js"];

let fresh: string;

beforeAll(() => {
  fresh = mkdtempSync(join(tmpdir(), "deploy-ecs-bundle-"));
  execFileSync(join(root, "script/build"), [fresh], { stdio: "pipe" });
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

// 0.74 MB are the AWS SDK; what has grown since are our own rules, causes and texts. The limit goes down again with a smaller bundle.
test("dist/ is at most 1.6 MB of JavaScript", () => {
  const scripts = files
    .filter((file) => file.endsWith(".js"))
    .map((file) => readText(`dist/${file}`));
  expect(scripts.join("").length).toBeLessThan(1_600_000);
});

test("the post step's bundle has no command that starts something in ECS", () => {
  const taken = readText("dist/post.js").match(/\b[A-Z]\w+Command\b/g) ?? [];
  expect([...new Set(taken)].sort()).toEqual([
    "AssumeRoleWithWebIdentityCommand",
    "DescribeClustersCommand",
    "DescribeServiceDeploymentsCommand",
    "DescribeServiceRevisionsCommand",
    "DescribeServicesCommand",
    "DescribeTaskDefinitionCommand",
    "GetCallerIdentityCommand",
    "ListServiceDeploymentsCommand",
    "StopServiceDeploymentCommand",
  ]);
});

test("undici is not bundled (docs/decisions/0002-bundle-without-undici.md)", () => {
  for (const file of files.filter((one) => one.endsWith(".js")))
    expect(readText(`dist/${file}`)).not.toMatch(/undici/i);
  expect(readText("dist/licenses.txt")).not.toMatch(/^undici$/m);
});

test("core.getIDToken, which needs undici, is not used", () => {
  const users = [...readSources("src")].filter(([path, text]) =>
    namesIn(path, text).has("getIDToken"),
  );
  expect(users.map(([path]) => path)).toEqual([]);
});
