// dist/ is what runs: it must be what the sources say, and hold nothing that we left out on purpose.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { namesIn, readSources, readText, root } from "./source.ts";

const files = ["index.js", "licenses.txt", "package.json"];

let fresh: string;

beforeAll(() => {
  fresh = mkdtempSync(join(tmpdir(), "deploy-ecs-bundle-"));
  execFileSync(join(root, "script/build"), [fresh], { stdio: "pipe" });
}, 180_000);

afterAll(() => rmSync(fresh, { recursive: true, force: true }));

test("dist/ holds the expected files and no others", () => {
  expect(readdirSync(join(root, "dist"), { recursive: true }).sort()).toEqual(files);
});

test.each(files)("dist/%s is what script/build makes of the sources", (file) => {
  const [built, committed] = [join(fresh, file), join(root, "dist", file)].map((path) => readFileSync(path));
  // Not toEqual: nobody wants to see the difference of two minified files.
  expect(committed?.equals(built ?? Buffer.of()), "run script/build and commit dist/").toBe(true);
});

test("dist/ is at most 1.4 MB of JavaScript", () => {
  expect(readText("dist/index.js").length).toBeLessThan(1_400_000);
});

test("undici is left out (docs/decisions/0002-bundle-without-undici.md)", () => {
  expect(readText("dist/index.js")).not.toMatch(/undici/i);
  expect(readText("dist/licenses.txt")).not.toMatch(/^undici$/m);
});

test("core.getIDToken, which needs undici, is not used", () => {
  const users = [...readSources("src")].filter(([path, text]) => namesIn(path, text).has("getIDToken"));
  expect(users.map(([path]) => path)).toEqual([]);
});
