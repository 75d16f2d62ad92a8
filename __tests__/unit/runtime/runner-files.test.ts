// The runner reads no value behind one that breaks off, so such a one must not stay in the file.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { appendAtomically } from "../../../src/runtime/runner-files.ts";

function fileOf(variable: string): string {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-files-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });
  const file = join(folder, "file");
  writeFileSync(file, "first<<END\n1\nEND\n");
  vi.stubEnv(variable, file);
  return file;
}

test("what was written whole stays", () => {
  const file = fileOf("GITHUB_OUTPUT");
  appendAtomically("GITHUB_OUTPUT", () => appendFileSync(file, "second<<END\n2\nEND\n"));
  expect(readFileSync(file, "utf8")).toBe("first<<END\n1\nEND\nsecond<<END\n2\nEND\n");
});

test("half a value is taken off again, and the error names the file", () => {
  const file = fileOf("GITHUB_OUTPUT");
  const write = () => {
    appendFileSync(file, "second<<END\n2");
    throw new Error("ENOSPC: no space left on device, write");
  };
  expect(() => appendAtomically("GITHUB_OUTPUT", write)).toThrow(
    "GITHUB_OUTPUT could not be written: ENOSPC: no space left on device, write",
  );
  expect(readFileSync(file, "utf8")).toBe("first<<END\n1\nEND\n");
});

test.each(["/dev/full", "/nowhere/file", ""])("%j: the error, and nothing else", (path) => {
  vi.stubEnv("GITHUB_STATE", path);
  onTestFinished(() => void vi.unstubAllEnvs());
  const write = () => {
    throw new Error("no");
  };
  expect(() => appendAtomically("GITHUB_STATE", write)).toThrow(
    "GITHUB_STATE could not be written: no",
  );
});
