// The post step's part: a Terraform that was still at work when main had to end is waited for, and its secrets are removed.

import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { PendingTerraform } from "../runtime/runtime.ts";
import { formatDuration } from "../text/format.ts";
import { containsPlan } from "./plan-text.ts";
import { terraformProblem, withoutFrame } from "./terraform-error.ts";

/** The runner gives the post steps of a cancelled job five minutes in all, and kills whatever is left then. */
const waitMilliseconds = 4 * 60_000;

export interface PostStepPorts {
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
  // What a plan prints has not been looked through for what nobody may read.
  const printFrom = async (from: number) =>
    command === "plan" ? from : printNewLines(folder, from, reporter);
  const since = clock.now();
  let [printedLines, announced] = [0, false];
  while (isAlive(pid) && clock.now() - since < waitMilliseconds) {
    if (!announced)
      reporter.info(`Terraform (process ${pid}, ${command}) is still at work; it is waited for.`);
    announced = true;
    printedLines = await printFrom(printedLines);
    await clock.sleep(1_000);
  }
  await printFrom(printedLines);
  const waited = formatDuration(clock.now() - since);
  if (isAlive(pid)) {
    reporter.warning(
      `Terraform (process ${pid}) is still at work after ${waited}; the runner ends it with the job, and its lock may stay. Look at who holds it before the next run: terraform -chdir=${directory} plan; take it away only if that process is gone: terraform -chdir=${directory} force-unlock ID.`,
    );
    return;
  }
  if (command === "plan") return reportPlanEnd(folder, waited, reporter);
  const lines = await linesOf(folder);
  if (lines.some((line) => line.startsWith("Apply complete!"))) {
    reporter.info(`Terraform finished its apply after all (${waited}).`);
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
    `Terraform ended before it was through (${waited}), ${describeLock(lines)}. What it had begun may be half done: run the job again to finish it.\n${message}`,
  );
}

async function reportPlanEnd(
  folder: string,
  waited: string,
  reporter: PostStepPorts["reporter"],
): Promise<void> {
  const printed = (await linesOf(folder, "plan.log")).join("\n");
  const lock = containsPlan(printed)
    ? "and gave its lock back"
    : describeLock(await linesOf(folder, "plan.errors"));
  const end = `Terraform has ended its plan (${waited}), ${lock}. Nothing was applied.`;
  if (lock === "and gave its lock back") reporter.info(end);
  else reporter.warning(end);
}

/** One that ends by itself says so, and gives its lock back; one that was killed says nothing. */
function describeLock(lines: readonly string[]): string {
  const text = lines.map(withoutFrame);
  if (text.some((line) => /Error releasing the state lock/.test(line)))
    return "and could not give its lock back";
  return text.some((line) => line.startsWith("Error: "))
    ? "and gave its lock back"
    : "maybe killed, so that its lock may still be there";
}

/** In a container nobody may take the exit code of an orphan: it stays in the table as a zombie, and answers to signals. */
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

/** Gives how many lines have been told. */
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
