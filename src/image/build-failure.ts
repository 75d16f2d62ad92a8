// Explains a failed build: the line of the Dockerfile, and a remedy where the output is recognized.
// PURE.

import type { DeployErrorDetails, SourceLine } from "../errors.ts";
import type { BuildPlan } from "../plan/image/build.ts";
import { matchablePart } from "../process/lines.ts";
import { type BuildReport, describeSteps } from "../run/image.ts";
import { codeBlock } from "../text/code-block.ts";
import { formatDuration } from "../text/format.ts";

interface FailedBuild {
  readonly build: BuildPlan;
  readonly exitCode: number | undefined;
  /** All that the builder printed. */
  readonly lines: readonly string[];
  readonly report: BuildReport;
  /** The Dockerfile's text, "" if it cannot be read. */
  readonly dockerfile: string;
}

export function describeBuildFailure({
  build,
  exitCode,
  lines,
  dockerfile,
  report,
}: FailedBuild): DeployErrorDetails {
  const outputLines = lines
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !ignoredLines.test(line));
  const line = failingLine(outputLines, dockerfile);
  const at: SourceLine = { file: build.dockerfile, line };
  const location = line === undefined ? build.dockerfile : `${build.dockerfile}, line ${line}`;
  return {
    code: "BuildFailed",
    message: `Building ${location} failed${describeFailedBuild(exitCode, report)}${outputExcerpt(outputLines)}`,
    hint: [
      buildFailureHint(outputLines.slice(-15).map(matchablePart).join("\n"), build),
      "Nothing was registered and the service was not touched. The full build output is in the " +
        "log of this step.",
    ]
      .filter(Boolean)
      .join("\n"),
    at,
  };
}

/** ` after 12 s (exit code 1; 2 of 6 steps from the cache)` */
function describeFailedBuild(exitCode: number | undefined, report: BuildReport): string {
  const after = report.milliseconds < 1_000 ? "" : ` after ${formatDuration(report.milliseconds)}`;
  const facts = [`exit code ${exitCode}`, describeSteps(report)].filter(Boolean).join("; ");
  return `${after} (${facts})`;
}

function outputExcerpt(lines: readonly string[]): string {
  if (lines.length === 0) return "; the builder gave no reason.";
  return `:\n${codeBlock(lines.slice(-8).join("\n"))}`;
}

const ignoredLines =
  /^DEPRECATED: The legacy builder|^\s+BuildKit is currently disabled|^\s+environment-variable\.$|^\s+Install the buildx/;

/**
 * Final errors of the clients: docker's
 * (https://github.com/moby/moby/blob/master/client/errors.go), and BuildKit's gRPC errors after
 * `ERROR:`.
 */
const engineConnectionLost =
  /^(?:error: )?(?:cannot connect to the docker daemon|error during connect|unexpected eof$|eof$|dial unix|`\S+ \S+` timed out: no answer)|^error: .*(?:code = unavailable|transport is closing|error reading from server|closing transport|unexpected eof$|: eof$)/im;

function buildFailureHint(output: string, build: BuildPlan): string | undefined {
  if (/no space left on device/i.test(output))
    return (
      "The runner's disk is full: remove what the job does not need (docker system prune), build " +
      "a smaller image, or use a larger runner."
    );
  if (
    /target (?:stage )?"?\S+"? (?:could not be found|was not found)|failed to reach build target/i.test(
      output,
    )
  )
    return `target: ${build.dockerfile} has no stage "${build.target ?? ""}".`;
  if (/unknown instruction|dockerfile parse error|no FROM statement/i.test(output))
    return "Correct the Dockerfile: the builder does not know this instruction.";
  if (engineConnectionLost.test(output.split("\n").slice(-3).join("\n")))
    return (
      "The builder's engine (Docker, BuildKit) stopped answering during the build: it crashed, " +
      "was restarted, or was killed because the machine ran out of memory. Run the job again; if " +
      "it happens every time, check the engine's log and use a runner with more memory."
    );
  if (/exit (?:code|status):? 137|returned a non-zero code: 137/i.test(output))
    return (
      "Exit code 137: the command was killed, usually because the machine ran out of memory. Use " +
      "a runner with more memory, or reduce the build's parallelism."
    );
  if (/exec format error/i.test(output))
    return (
      `The builder's CPU cannot run programs for ${build.platforms.join(", ")}: run ` +
      "docker/setup-qemu-action before this step, or use a runner with that CPU."
    );
  if (
    /no match for platform|does not match the specified platform|no image found in (?:image index|manifest list)/i.test(
      output,
    )
  )
    return `The base image does not exist for ${build.platforms.join(", ") || "this platform"}.`;
  if (/toomanyrequests|pull rate limit/i.test(output))
    return (
      "The base image's registry has a pull rate limit: sign in to it before this step " +
      "(docker/login-action), or use an ECR pull-through cache."
    );
  if (
    /pull access denied|failed to resolve source metadata.*(?:401|403|denied|unauthorized)|insufficient_scope/i.test(
      output,
    )
  )
    return (
      "The base image's registry denies the pull. Check the image's name, or sign in to the " +
      "registry before this step (docker/login-action); your own Docker configuration is used."
    );
  return undefined;
}

/**
 * Builders report it differently: BuildKit as `Dockerfile:5`, parsers as `line 5`, others only
 * quote the instruction.
 */
export function failingLine(
  outputLines: readonly string[],
  dockerfile: string,
): number | undefined {
  const lines = outputLines.map(matchablePart);
  const lastLines = lines.slice(-40);
  for (const line of lastLines.toReversed()) {
    const number =
      line.match(/^\S*[Dd]ockerfile\S*:(\d+)$/)?.[1] ??
      line.match(/parse error (?:on )?line (\d+)/i)?.[1];
    if (number !== undefined) return Number(number);
  }
  const markedInstruction = lastLines
    .findLast((line) => /^ > \[.*\] .+:$/.test(line))
    ?.match(/^ > \[[^\]]*\] (.+):$/)?.[1];
  if (markedInstruction !== undefined) return lineOf(markedInstruction, 1, dockerfile);
  const steps = lines.flatMap(
    (line) => line.match(/^(?:\[\d+\/\d+\] )?step \d+(?:\/\d+)? ?: (.+)$/i)?.[1] ?? [],
  );
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  return lineOf(last, steps.filter((step) => step === last).length, dockerfile);
}

/** The line on which the n-th instruction with this text begins. */
function lineOf(instruction: string, nth: number, dockerfile: string): number | undefined {
  const normalized = normalizeInstruction(instruction);
  const found = instructionsOf(dockerfile).filter(
    ({ text }) => normalizeInstruction(text) === normalized,
  );
  return (found[nth - 1] ?? found[0])?.line;
}

function instructionsOf(
  dockerfile: string,
): readonly { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  let open = false;
  for (const [index, raw] of dockerfile.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    const text = raw.replace(/\\\s*$/, "");
    const last = found.at(-1);
    if (open && last) last.text += text;
    else found.push({ line: index + 1, text });
    open = text !== raw;
  }
  return found;
}

/** Builders show instructions with single blanks and without their mounts. */
function normalizeInstruction(text: string): string {
  return text
    .replace(/ --(?:mount|network|security|from|chown|chmod|link)\S*/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}
