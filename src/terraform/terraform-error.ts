// Turns the output of a failed Terraform command into an error of this action, PURE.

import type { DeployErrorDetails, SourceLine } from "../errors.ts";
import type { ProcessResult } from "../process/run-process.ts";
import { shellBlock } from "../text/code-block.ts";
import { formatDuration } from "../text/format.ts";

interface FailedCommand {
  /** `plan`, `apply` … */
  readonly command: string;
  readonly directory: string;
  readonly exitCode: number | undefined;
  /** The last lines of its output. */
  readonly lines: readonly string[];
  /** What was changed or not, and what to do; depends on the step. */
  readonly consequence: string;
  readonly at: number;
  /** As in ARNs. Default: `aws`. */
  readonly partition?: string;
}

export function terraformProblem(failed: FailedCommand): DeployErrorDetails {
  const lines = failed.lines.map(withoutFrame);
  const lock = lockIn(lines);
  if (lock) return lockedProblem(lock, failed);
  const errors = errorsIn(lines);
  const hasErrors = errors.length > 0;
  return {
    code: "TerraformFailed",
    message: [
      `terraform ${failed.command} ${describeEnd(failed)}${hasErrors ? ":" : "."}`,
      ...(hasErrors ? errors : lines.slice(-5)),
    ].join("\n"),
    hint: [
      failed.consequence,
      s3StateAccessHint(lines, failed.partition ?? "aws"),
      unreleasedLockHint(lines, failed),
    ]
      .filter(Boolean)
      .join("\n"),
    at: sourceLineIn(lines, failed.directory),
  };
}

function describeEnd({ exitCode }: FailedCommand): string {
  if (exitCode === undefined) return "did not complete";
  return `ended with exit code ${exitCode}`;
}

/**
 * If Terraform could not release its own lock, the next run would wait for a lock that no process
 * holds.
 */
function unreleasedLockHint(
  lines: readonly string[],
  { directory }: FailedCommand,
): string | undefined {
  if (!lines.some((line) => line.includes("Error releasing the state lock"))) return undefined;
  const id = lockMember(lines, "ID") ?? "ID";
  return (
    "This run's own state lock was not released. Release it, because no other process " +
    `will:\n${forceUnlockCommand(directory, id)}`
  );
}

/** Terraform sends HEAD, and a response to HEAD has no body: it only says `Forbidden`. */
const headObjectForbidden =
  /Unable to access object "([^"]+)" in S3 bucket "([^"]+)": operation error S3: HeadObject\b.*\b(?:Forbidden|StatusCode: 403)/;

/** What the role needs; undefined: another error. `partition` as in ARNs. */
function s3StateAccessHint(lines: readonly string[], partition: string): string | undefined {
  const [, key, bucket] = headObjectForbidden.exec(lines.join(" ").replace(/\s+/g, " ")) ?? [];
  if (key === undefined || bucket === undefined) return undefined;
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (Permissions)
  return (
    `S3 gave no reason. The role needs s3:GetObject on arn:${partition}:s3:::${bucket}/${key}, ` +
    `and s3:ListBucket on arn:${partition}:s3:::${bucket}: without it S3 does not report that ` +
    "there is no state yet."
  );
}

function forceUnlockCommand(directory: string, id: string): string {
  return shellBlock(`terraform -chdir=${directory} force-unlock`, id);
}

/** Terraform draws a frame to the left of its errors. */
export function withoutFrame(line: string): string {
  return line.replace(/^[│╷╵]\s?/, "").trimEnd();
}

/** The errors with their explanations, at most twelve lines in all. */
function errorsIn(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.startsWith("Error: "));
  if (first < 0) return [];
  return lines
    .slice(first, first + 40)
    .filter((line) => line.trim() !== "")
    .slice(0, 12);
}

/**
 * The last lines of the output; or, if a long command output follows the error, the lines from the
 * error on.
 */
export function relevantLines({
  stdout,
  stderrTail,
}: Pick<ProcessResult, "stdout" | "stderrTail">): readonly string[] {
  const isError = (line: string) => withoutFrame(line).startsWith("Error: ");
  if (stderrTail.some(isError)) return stderrTail;
  const all = stdout.split(/\r?\n/);
  const error = all.findIndex(isError);
  if (error >= 0) return all.slice(error, error + 40);
  if (stderrTail.length > 0) return stderrTail;
  return all;
}

/** The text after `Error:`, to be shown next to the cause that ECS reported. */
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
  if (file === undefined) return undefined;
  return { file: resolveFrom(directory, file), line: Number(line) };
}

/** Without `.` and `..`: GitHub would not find the file for an annotation. */
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

/**
 * undefined: no other process holds the lock; this role may not be allowed to acquire it.
 * https://developer.hashicorp.com/terraform/language/state/locking
 */
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
  // Go's format: 2026-11-23 05:20:01.123456789 +0000 UTC
  const since = Date.parse(
    created.replace(/^(\S+) (\S+?)(\.\d{1,3})?\d* ([+-]\d{2})(\d{2}) \S+$/, "$1T$2$3$4:$5"),
  );
  const age = Number.isNaN(since) ? "" : `, ${formatDuration(Math.max(0, at - since))} ago`;
  return {
    code: "TerraformLocked",
    message:
      `The Terraform state is locked by ${who} (${operation}) since ${created}${age}; terraform ` +
      `${command} waited for terraform-lock-timeout.`,
    hint:
      "Nothing was applied. Run the job again when that run has finished, and use a " +
      "`concurrency` group so that runs do not overlap. Only if you are sure that it is no " +
      `longer running, release its lock:\n${forceUnlockCommand(directory, id)}`,
  };
}
