import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "ecs-simulator/clock";
import { expect, test, vi } from "vitest";
import { startDetached } from "../../../src/process/detached.ts";
import type { PendingTerraform } from "../../../src/runtime/runtime.ts";
import { finishTerraform } from "../../../src/terraform/post-step.ts";

/** The post step, with what it tells. */
async function finish(log: string, pid?: number, left: Partial<PendingTerraform> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-leftover-"));
  writeFileSync(join(folder, "apply.log"), log);
  if (left.command === "plan") writeFileSync(join(folder, "plan.log"), log);
  writeFileSync(join(folder, "1.tfplan"), "every value in clear text");
  const reported: string[] = [];
  const reporter = {
    info: (line: string) => void reported.push(line),
    warning: (line: string) => void reported.push(`warning: ${line}`),
  };
  const clock = new VirtualClock();
  const leftover = { folder, directory: "infra", ...(pid !== undefined && { pid }), ...left };
  await finishTerraform(leftover, { clock, reporter });
  expect(existsSync(folder)).toBe(false);
  return reported;
}

/** No process has it: the highest number is above Linux's limit. */
const missingProcess = 4_194_305;

test("nothing was at work: only the files are removed", async () => {
  expect(await finish("")).toEqual([]);
});

test("an apply that was through after all", async () => {
  expect((await finish("Apply complete! Resources: 1 added\n", missingProcess)).at(-1)).toMatch(
    /^Terraform completed its apply/,
  );
});

test.each([
  ["Interrupt received.\n│ Error: execution halted\n", "and released its lock"],
  ["│ Error: halted\n│ Error releasing the state lock\n", "and could not release its lock"],
  [
    "Interrupt received.\nGracefully shutting down...\n",
    "possibly killed, so its lock may still exist",
  ],
  ["terraform_data.app (local-exec): Error: no\n", "possibly killed, so its lock may still exist"],
  ["aws_ecs_service.app: Modifying...\n", "possibly killed, so its lock may still exist"],
])("an apply that was cut short: %j", async (log, lock) => {
  const reported = await finish(log, missingProcess);
  expect(reported.at(-1)).toContain(
    `warning: Terraform ended before its apply was complete (0.0 s), ${lock}`,
  );
});

test("one that stays at work is waited for, four minutes and no longer", async () => {
  const reported = await finish("still going\n", process.pid);
  expect(reported[0]).toContain("is still running; waiting for it");
  expect(reported).toContain("still going");
  expect(reported.at(-1)).toMatch(
    /^warning: Terraform \(process \d+\) is still running after 4 min; .*force-unlock ID/,
  );
});

test("one that has ended, but was not reaped, is not waited for", async () => {
  // In a job's container the first process is `tail`, which takes no exit codes of orphans.
  const careless = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const [pid] = (await once(careless.stdout, "data")) as [Buffer];
    await vi.waitFor(() =>
      expect(readFileSync(`/proc/${Number(pid)}/stat`, "utf8")).toContain(") Z "),
    );
    expect((await finish("Apply complete!\n", Number(pid))).at(-1)).toMatch(
      /^Terraform completed its apply/,
    );
  } finally {
    careless.kill();
  }
});

test.each([
  [
    "Terraform will perform the following actions:\n  secret-value\n",
    "Terraform has ended its plan (0.0 s), and released its lock",
  ],
  [
    "aws_ecs_service.app: Refreshing state...\n",
    "warning: Terraform has ended its plan (0.0 s), possibly killed",
  ],
])("a plan is waited for as well, and nothing of it is printed: %j", async (log, end) => {
  const reported = await finish(log, missingProcess, { command: "plan" });
  expect(reported).toEqual([expect.stringContaining(end)]);
});

test("stdout and stderr of a detached process may have a file each", async () => {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-detached-"));
  const child = startDetached({
    ...{
      command: "sh",
      arguments: ["-c", "echo plan; echo trace >&2"],
      environment: { PATH: process.env["PATH"] ?? "" },
    },
    ...{ logFile: join(folder, "log"), errorFile: join(folder, "errors") },
  });
  expect(await child.ended).toEqual({ exitCode: 0, stdout: "plan\n", stderrTail: ["trace"] });
});

test("a detached process has its own group, its output in a file, and its lines are reported when they are written", async () => {
  const logFile = join(mkdtempSync(join(tmpdir(), "deploy-ecs-detached-")), "log");
  const lines: string[] = [];
  const child = startDetached({
    ...{
      command: "sh",
      arguments: [
        "-c",
        'echo one; echo two >&2; ps -o pgid= -p $$ | tr -d " "; printf three; exit 7',
      ],
    },
    ...{
      environment: { PATH: process.env["PATH"] ?? "" },
      logFile,
      onLine: (line) => void lines.push(line),
    },
  });
  const result = await child.ended;
  expect(result).toMatchObject({
    exitCode: 7,
    stderrTail: ["one", "two", String(child.pid), "three"],
  });
  expect(lines).toEqual(["one", "two", String(child.pid), "three"]);
});

test("a detached process that does not exist has no exit code", async () => {
  const logFile = join(mkdtempSync(join(tmpdir(), "deploy-ecs-detached-")), "log");
  const child = startDetached({
    command: "no-such-program",
    arguments: [],
    environment: {},
    logFile,
  });
  expect(await child.ended).toMatchObject({ exitCode: undefined });
});
