// What Terraform says when it fails, as an error of ours, PURE.

import type { DeployErrorDetails, SourceLine } from "../errors.ts";
import type { ProcessResult } from "../process/run-process.ts";
import { shellBlock } from "../text/code-block.ts";
import { formatDuration } from "../text/format.ts";
import { s3StateAccessHint } from "./s3-access-hint.ts";

export interface FailedCommand {
  /** `plan`, `apply` … */
  readonly command: string;
  readonly directory: string;
  readonly exitCode: number | undefined;
  /** The end of what it printed. */
  readonly lines: readonly string[];
  /** What became of things, and what to do: depends on how far it was. */
  readonly consequence: string;
  readonly at: number;
  /** As ARNs name it. Default: `aws`. */
  readonly partition?: string;
}

export function terraformProblem(failed: FailedCommand): DeployErrorDetails {
  const lines = failed.lines.map(withoutFrame);
  const lock = lockIn(lines);
  if (lock) return lockedProblem(lock, failed);
  const errors = errorsIn(lines);
  const place = sourceLineIn(lines, failed.directory);
  return {
    code: "TerraformFailed",
    message: [
      `terraform ${failed.command} ${failed.exitCode === undefined ? "did not end well" : `ended with exit code ${failed.exitCode}`}${errors.length > 0 ? ":" : "."}`,
      ...(errors.length > 0 ? errors : lines.slice(-5)),
    ].join("\n"),
    hint: [
      failed.consequence,
      s3StateAccessHint(lines, failed.partition ?? "aws"),
      unreleasedLockHint(lines, failed),
    ]
      .filter(Boolean)
      .join("\n"),
    ...(place && { at: place }),
  };
}

/** Our own lock stays where Terraform could not give it back: the next run would wait for nobody. */
function unreleasedLockHint(
  lines: readonly string[],
  { directory }: FailedCommand,
): string | undefined {
  if (!lines.some((line) => line.includes("Error releasing the state lock"))) return undefined;
  const id = lockMember(lines, "ID") ?? "ID";
  return `This run's own lock of the state is still there. Take it away, for nobody else will:\n${forceUnlockCommand(directory, id)}`;
}

function forceUnlockCommand(directory: string, id: string): string {
  return shellBlock(`terraform -chdir=${directory} force-unlock`, id);
}

/** Terraform draws a frame at the left of what it complains of. */
export function withoutFrame(line: string): string {
  return line.replace(/^[│╷╵]\s?/, "").trimEnd();
}

/** Each error with the lines that explain it, at most a dozen lines in all. */
function errorsIn(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.startsWith("Error: "));
  if (first < 0) return [];
  return lines
    .slice(first, first + 40)
    .filter((line) => line.trim() !== "")
    .slice(0, 12);
}

/** The end of what it printed; or, where a command's own output of many lines has pushed the error away, from there on. */
export function relevantLines({
  stdout,
  stderrTail,
}: Pick<ProcessResult, "stdout" | "stderrTail">): readonly string[] {
  const isError = (line: string) => withoutFrame(line).startsWith("Error: ");
  if (stderrTail.some(isError)) return stderrTail;
  const all = stdout.split(/\r?\n/);
  const error = all.findIndex(isError);
  if (error >= 0) return all.slice(error, error + 40);
  return stderrTail.length > 0 ? stderrTail : all;
}

/** The sentence behind `Error:`, to be told beside a cause that ECS gave. */
export function firstErrorIn(lines: readonly string[]): string | undefined {
  return lines
    .map(withoutFrame)
    .find((line) => line.startsWith("Error: "))
    ?.slice("Error: ".length);
}

/** `  on main.tf line 12, in resource "aws_ecs_service" "app":` */
function sourceLineIn(lines: readonly string[], directory: string): SourceLine | undefined {
  const [, file, line] =
    lines.join("\n").match(/^\s*on (\S+\.(?:tf|tofu|tfvars)(?:\.json)?) line (\d+)/m) ?? [];
  return file === undefined
    ? undefined
    : { file: resolveFrom(directory, file), line: Number(line) };
}

/** Without `.` and `..`, which an annotation would not be found under. */
function resolveFrom(directory: string, file: string): string {
  if (file.startsWith("/")) return file;
  const steps: string[] = [];
  for (const step of `${directory}/${file}`.split("/"))
    if (step === ".." && steps.length > 0 && steps.at(-1) !== "..") steps.pop();
    else if (step !== ".") steps.push(step);
  return steps.join("/");
}

interface Lock {
  readonly id: string;
  readonly who: string;
  readonly operation: string;
  readonly created: string;
}

/** undefined: there is no lock of somebody else; it may just not be allowed to take one. https://developer.hashicorp.com/terraform/language/state/locking */
function lockIn(lines: readonly string[]): Lock | undefined {
  if (!lines.some((line) => line.includes("Error acquiring the state lock"))) return undefined;
  const id = lockMember(lines, "ID");
  if (id === undefined) return undefined;
  const member = (name: string) => lockMember(lines, name) ?? "?";
  return { id, who: member("Who"), operation: member("Operation"), created: member("Created") };
}

/** A line of the block `Lock Info:`. */
function lockMember(lines: readonly string[], name: string): string | undefined {
  const member = new RegExp(`^\\s*${name}:\\s+(.+)$`);
  return lines.map((line) => line.match(member)?.[1]).find((value) => value !== undefined);
}

function lockedProblem(
  { id, who, operation, created }: Lock,
  { directory, at, command }: FailedCommand,
): DeployErrorDetails {
  // Go's own spelling: 2026-11-23 05:20:01.123456789 +0000 UTC
  const since = Date.parse(
    created.replace(/^(\S+) (\S+?)(\.\d{1,3})?\d* ([+-]\d{2})(\d{2}) \S+$/, "$1T$2$3$4:$5"),
  );
  const age = Number.isNaN(since) ? "" : `, ${formatDuration(Math.max(0, at - since))} ago`;
  return {
    code: "TerraformLocked",
    message: `The Terraform state is locked by ${who} (${operation}) since ${created}${age}; terraform ${command} waited as long as terraform-lock-timeout says.`,
    hint: `Nothing was applied. Run the job again when that run is over, and keep runs apart with a \`concurrency\` group. Only if you know that it is dead, take its lock away:\n${forceUnlockCommand(directory, id)}`,
  };
}
