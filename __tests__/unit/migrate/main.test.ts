// `node tools/migrate/main.ts`: what it prints, and its exit status.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "migrate-"));
afterAll(() => rmSync(folder, { recursive: true }));

function migrate(...args: readonly string[]) {
  const run = spawnSync(process.execPath, [join(root, "tools/migrate/main.ts"), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

const starter = join(root, "__tests__/migrate-samples/kinds/starter.yml");

test("prints a diff and a report, and changes the file only with --write", () => {
  copyFileSync(starter, join(folder, "deploy.yml"));
  const { status, stdout, stderr } = migrate("deploy.yml");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^--- a\/deploy\.yml\n\+\+\+ b\/deploy\.yml\n@@ /);
  expect(stdout).toContain("+      uses: OWNER/deploy-ecs@v1\n");
  expect(stderr).toContain("deploy.yml: 5 steps replaced by 1\n");
  expect(readFileSync(join(folder, "deploy.yml"), "utf8")).toBe(readFileSync(starter, "utf8"));

  expect(migrate("--write", "deploy.yml").status).toBe(0);
  expect(readFileSync(join(folder, "deploy.yml"), "utf8")).toContain("OWNER/deploy-ecs@v1");
  expect(migrate("--write", "deploy.yml")).toEqual({
    status: 1,
    stdout: "",
    stderr: "deploy.yml: nothing to convert\n",
  });
});

test.each([
  ["no workflow", "a: 1\n", 1, /it has no `jobs:`/],
  ["no YAML", "a: [1\n", 2, /cannot be parsed as YAML/],
  ["nothing of the chain", "jobs: { a: { steps: [] } }\n", 1, /nothing to convert/],
])("%s", (_, text, expected, message) => {
  writeFileSync(join(folder, "other.yml"), text);
  const { status, stdout, stderr } = migrate("other.yml");
  expect(stdout).toBe("");
  expect(stderr).toMatch(message);
  expect(status).toBe(expected);
});

test.each([
  ["a file that does not exist", ["no.yml"], /no\.yml: ENOENT/],
  ["no file", [], /^usage: /],
  ["an unknown option", ["--wrte", "no.yml"], /^usage: /],
])("%s is an error of the input", (_, args, message) => {
  const { status, stderr } = migrate(...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});
