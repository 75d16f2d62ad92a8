import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import type { StartDetached } from "../../../src/process/detached.ts";
import { describeCommand, logDetached, logProcesses } from "../../../src/process/log-processes.ts";
import type { ProcessResult } from "../../../src/process/run-process.ts";

const request = { command: "docker", arguments: ["push", "image:1"], environment: { KEY: "hush" } };

function ended(exitCode: number | undefined): ProcessResult {
  return { exitCode, stdout: "", stderrTail: [] };
}

test.each([
  [
    "what is known to hold no secret is shown",
    ["--tag", "a:1", "--target=web", "."],
    "--tag a:1 --target=web .",
  ],
  [
    "of a build argument only the name",
    ["--build-arg", "NPM_TOKEN=hush"],
    "--build-arg NPM_TOKEN=***",
  ],
  ["of a label only the name", ["--label", "a.b=hush=x"], "--label a.b=***"],
  [
    "of a cache nothing but its first name",
    ["--cache-to", "type=gha,token=hush"],
    "--cache-to type=***",
  ],
  ["a value of several lines", ["--build-arg", "KEY=one\nhush"], "--build-arg KEY=***"],
  [
    "of Terraform's backend only the key",
    ["-backend-config=secret_key=hush"],
    "-backend-config=secret_key=***",
  ],
  ["of a variable only the name", ["-var=password=hush"], "-var=password=***"],
  ["no password in a URL", ["https://me:hush@host/x.git"], "https://***@host/x.git"],
  ["a folder", ["-chdir=infra", "apply"], "-chdir=infra apply"],
])("a command line: %s", (_, args, shown) => {
  expect(describeCommand({ command: "x", arguments: args })).toBe(`x ${shown}`);
});

test("a process is one line, with its exit code and its time", async () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const results = [ended(1), ended(undefined)];
  const run = logProcesses(
    async () => {
      await clock.sleep(250);
      return results.shift() ?? ended(0);
    },
    clock,
    (line) => void lines.push(line),
  );
  expect(await run(request)).toEqual(ended(1));
  expect(await run(request)).toEqual(ended(undefined));
  expect(lines).toEqual([
    "docker push image:1: exit code 1 after 250 ms",
    "docker push image:1: not on this machine after 250 ms",
  ]);
});

test("a process that is ended with the run is one line, and its error is the run's", async () => {
  const lines: string[] = [];
  const run = logProcesses(
    () => Promise.reject(new Error("cancelled")),
    new VirtualClock(),
    (line) => void lines.push(line),
  );
  await expect(run(request)).rejects.toThrow("cancelled");
  expect(lines).toEqual(["docker push image:1: ended by this step, or not started after 0 ms"]);
});

test("a detached process is one line, at its end", async () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  let interrupts = 0;
  const start: StartDetached = () => ({
    pid: 7,
    ended: clock.sleep(3_000).then(() => ended(0)),
    interrupt: () => void interrupts++,
  });
  const child = logDetached(
    start,
    clock,
    (line) => void lines.push(line),
  )({
    ...request,
    logFile: "log",
  });
  child.interrupt();
  expect(lines).toEqual([]);
  expect(await child.ended).toEqual(ended(0));
  expect({ pid: child.pid, interrupts, lines }).toEqual({
    pid: 7,
    interrupts: 1,
    lines: ["docker push image:1: exit code 0 after 3000 ms"],
  });
});
