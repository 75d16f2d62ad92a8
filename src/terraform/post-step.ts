// In the post step: waits for a Terraform that was still running when the main step ended, and
// removes its secrets.

import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { PendingTerraform } from "../runtime/runtime.ts";
import { formatDuration } from "../text/format.ts";
import { pollUntil } from "../timing/poll.ts";
import { containsPlan } from "./plan-text.ts";
import { terraformProblem, withoutFrame } from "./terraform-error.ts";

/**
 * The runner gives the post steps of a cancelled job five minutes in all, and then kills what is
 * still running.
 */
const waitMilliseconds = 4 * 60_000;

interface PostStepPorts {
  readonly clock: Clock;
  readonly reporter: Pick<Reporter, "info" | "warning">;
}

export async function finishTerraform(
  pending: PendingTerraform,
  ports: PostStepPorts,
): Promise<void> {
  if (pending.pid !== undefined) await waitForTerraform(pending.pid, pending, ports);
  await rm(pending.folder, { recursive: true, force: true });
}

async function waitForTerraform(
  pid: number,
  { folder, directory, command = "apply" }: PendingTerraform,
  { clock, reporter }: PostStepPorts,
): Promise<void> {
  // The output of a plan is not printed: its secrets have not been redacted.
  const printFrom = async (from: number) => {
    if (command === "plan") return from;
    return printNewLines(folder, from, reporter);
  };
  const since = clock.now();
  let [printedLines, announced] = [0, false];
  const readOutput = async () => {
    if (!isAlive(pid) || clock.now() - since >= waitMilliseconds) return "over";
    if (!announced)
      reporter.info(`Terraform (process ${pid}, ${command}) is still running; waiting for it.`);
    announced = true;
    printedLines = await printFrom(printedLines);
    return undefined;
  };
  await pollUntil(readOutput, 1_000, { clock, signal: undefined });
  await printFrom(printedLines);
  const waited = formatDuration(clock.now() - since);
  if (isAlive(pid)) {
    reporter.warning(
      `Terraform (process ${pid}) is still running after ${waited}; the runner kills it with ` +
        "the job, and its lock may remain. Before the next run, check who holds the lock: " +
        `terraform -chdir=${directory} plan; release it only if that process no longer exists: ` +
        `terraform -chdir=${directory} force-unlock ID.`,
    );
    return;
  }
  if (command === "plan") return reportPlanEnd(folder, waited, reporter);
  const lines = await linesOf(folder);
  if (lines.some((line) => line.startsWith("Apply complete!"))) {
    reporter.info(`Terraform completed its apply (${waited}).`);
    return;
  }
  const { message } = terraformProblem({
    command: "apply",
    directory,
    exitCode: undefined,
    lines,
    consequence: "",
    at: clock.now(),
  });
  reporter.warning(
    `Terraform ended before its apply was complete (${waited}), ${describeLock(lines)}. Its ` +
      `changes may be incomplete: run the job again to complete them.\n${message}`,
  );
}

async function reportPlanEnd(
  folder: string,
  waited: string,
  reporter: PostStepPorts["reporter"],
): Promise<void> {
  const printed = (await linesOf(folder, "plan.log")).join("\n");
  const lock = containsPlan(printed)
    ? "and released its lock"
    : describeLock(await linesOf(folder, "plan.errors"));
  const end = `Terraform has ended its plan (${waited}), ${lock}. Nothing was applied.`;
  if (lock === "and released its lock") reporter.info(end);
  else reporter.warning(end);
}

/**
 * A Terraform that ends by itself prints an error and releases its lock; one that was killed prints
 * nothing.
 */
function describeLock(lines: readonly string[]): string {
  const text = lines.map(withoutFrame);
  if (text.some((line) => /Error releasing the state lock/.test(line)))
    return "and could not release its lock";
  if (text.some((line) => line.startsWith("Error: "))) return "and released its lock";
  return "possibly killed, so its lock may still exist";
}

/**
 * In a container an orphan may never be reaped: it stays as a zombie, and signals to it succeed.
 */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return (
      process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
    );
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Returns how many lines have been printed. */
async function printNewLines(
  folder: string,
  told: number,
  reporter: Pick<Reporter, "info">,
): Promise<number> {
  const lines = await linesOf(folder);
  for (const line of lines.slice(told)) if (line.trim() !== "") reporter.info(line);
  return lines.length;
}

async function linesOf(folder: string, file = "apply.log"): Promise<readonly string[]> {
  return (await readFile(join(folder, file), "utf8").catch(() => "")).split(/\r?\n/);
}
