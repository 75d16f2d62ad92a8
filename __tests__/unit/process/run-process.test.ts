// Real executables, real pipes, real signals: small ones, each over in a moment.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { DeployError } from "../../../src/errors.ts";
import {
  createProcessRunner,
  type ProcessRequest,
  withTimeLimit,
} from "../../../src/process/run-process.ts";

const environment = { PATH: process.env["PATH"] ?? "" };

function sh(script: string, extra: Partial<ProcessRequest> = {}): ProcessRequest {
  return { command: "sh", arguments: ["-c", script], environment, ...extra };
}

function start() {
  const controller = new AbortController();
  const cancelled = new DeployError({ code: "Cancelled", message: "The run was cancelled." });
  return {
    run: createProcessRunner(controller.signal),
    cancel: () => controller.abort(cancelled),
    cancelled,
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("what is given back", () => {
  test.each([0, 1, 77])("exit code %i", async (code) => {
    expect((await start().run(sh(`exit ${code}`))).exitCode).toBe(code);
  });

  test("stdout whole, stderr by its last lines", async () => {
    const { stdout, stderrTail } = await start().run(
      sh("echo out; for i in $(seq 1 100); do echo line $i >&2; done"),
    );
    expect(stdout).toBe("out\n");
    expect(stderrTail).toHaveLength(40);
    expect(stderrTail.at(-1)).toBe("line 100");
  });

  test("every line as it comes, also the last one without an end", async () => {
    const lines: string[] = [];
    await start().run(
      sh("echo one; echo two; printf three", { onLine: (line) => void lines.push(line) }),
    );
    expect(lines).toEqual(["one", "two", "three"]);
  });

  test("a missing command is no error: it has no exit code", async () => {
    const result = await start().run({
      command: "deploy-ecs-no-such-command",
      arguments: [],
      environment,
    });
    expect(result).toEqual({ exitCode: undefined, stdout: "", stderrTail: [] });
  });
});

describe("what is given to the child", () => {
  test("arguments are not read by a shell", async () => {
    const wild = ["$HOME", "a b", "*", '"quoted"', "`id`"];
    const { stdout } = await start().run({
      command: "printf",
      arguments: ["%s\\n", ...wild],
      environment,
    });
    expect(stdout.trimEnd().split("\n")).toEqual(wild);
  });

  test("a command whose path has blanks is one command", async () => {
    const folder = mkdtempSync(join(tmpdir(), "deploy ecs process "));
    const command = join(folder, "say it");
    writeFileSync(command, '#!/bin/sh\necho "said $1"\n', { mode: 0o755 });
    const { exitCode, stdout } = await start().run({ command, arguments: ["a b"], environment });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "said a b\n" });
  });

  test("its environment, and nothing of ours", async () => {
    const { stdout } = await start().run(
      sh("env", { environment: { ...environment, ONLY: "this" } }),
    );
    expect(stdout).toContain("ONLY=this");
    expect(stdout).not.toContain("VITEST");
  });

  test("stdin", async () => {
    const { stdout } = await start().run({
      command: "cat",
      arguments: [],
      environment,
      input: "päss",
    });
    expect(stdout).toBe("päss");
  });

  test("a child that does not read its stdin ends like any other", async () => {
    const { exitCode } = await start().run(
      sh("exec 0<&-; exit 3", { input: "x".repeat(1_000_000) }),
    );
    expect(exitCode).toBe(3);
  });
});

describe("a cancel", () => {
  test("reaches the child, and is the reason that the caller gets", async () => {
    const { run, cancel, cancelled } = start();
    let pid = 0;
    const onLine = (line: string) => {
      pid = Number(line);
      cancel();
    };
    await expect(run(sh("echo $$; exec sleep 30", { onLine }))).rejects.toBe(cancelled);
    expect(isAlive(pid)).toBe(false);
  });

  test("does not wait for a grandchild that holds the pipes", async () => {
    const { run, cancel, cancelled } = start();
    const startedAt = Date.now();
    const running = run(sh("sleep 8 & echo ready; exec sleep 8", { onLine: cancel }));
    await expect(running).rejects.toBe(cancelled);
    expect(Date.now() - startedAt).toBeLessThan(4_000);
  });

  test("starts nothing any more", async () => {
    const { run, cancel, cancelled } = start();
    cancel();
    await expect(run(sh("exit 0"))).rejects.toBe(cancelled);
  });
});

describe("with a time limit", () => {
  function limited(until: "end" | "first line") {
    const { signal } = new AbortController();
    const run = createProcessRunner(signal);
    return withTimeLimit(run, { milliseconds: 300, until }, { clock: systemClock, signal });
  }

  test("a child that never answers is ended, and that is said; another one goes on", async () => {
    const lines: string[] = [];
    const [other, hanging] = await Promise.all([
      start().run(sh("sleep 1; echo other")),
      limited("end")({ ...sh("sleep 60"), onLine: (line) => void lines.push(line) }),
    ]);
    expect(hanging).toMatchObject({
      exitCode: 124,
      stderrTail: ["`sh -c` timed out: no answer within 0.3 s"],
    });
    expect(lines).toEqual(hanging.stderrTail);
    expect(other.stdout).toBe("other\n");
  });

  test("one that is in time gives its own answer", async () => {
    expect(await limited("end")(sh("echo here; exit 3"))).toMatchObject({
      exitCode: 3,
      stdout: "here\n",
    });
  });

  test("one that has said something may take its time", async () => {
    expect(await limited("first line")(sh("echo begun; sleep 0.6; echo done"))).toMatchObject({
      exitCode: 0,
      stdout: "begun\ndone\n",
    });
  });
});
