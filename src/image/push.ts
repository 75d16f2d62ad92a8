// Builds and pushes with one builder: bounded retries, and a new password when the old one has
// expired.

import { readFile } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import {
  type ProcessResult,
  type RunProcess,
  type TimeLimit,
  withTimeLimit,
} from "../process/run-process.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { BuildReport } from "../run/image.ts";
import { retry } from "../timing/retry.ts";
import { describeBuildFailure } from "./build-failure.ts";
import { countSteps } from "./build-steps.ts";
import { parseBuildWarnings } from "./build-warnings.ts";
import type { Builder, BuildRequest, CommandLine } from "./builders/builder.ts";
import {
  buildxErrorLines,
  classifyPushFailure,
  failedDuringPush,
  type PushFailure,
} from "./push-failure.ts";

interface PushPorts {
  readonly run: RunProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Environment of the builder's processes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values of the build's secrets by variable. Only the build gets them, not the push. */
  readonly secretValues: Readonly<Record<string, string>>;
  /** Writes a new password to the private DOCKER_CONFIG. */
  readonly renewPassword: () => Promise<void>;
  /** Called after each build; only a push that is repeated builds twice. */
  readonly onBuilt: (report: BuildReport) => void;
}

interface BuilderRun {
  readonly result: ProcessResult;
  readonly lines: readonly string[];
  readonly milliseconds: number;
}

/** Five attempts over about a minute; uploaded layers are not sent again. */
const pushRetryDelaysMilliseconds = [2_000, 6_000, 15_000, 30_000];

/**
 * Builders print something as soon as their engine answers, the classic one when it has sent the
 * whole context. After that only the job's time limit applies.
 */
const buildStartLimit: TimeLimit = { milliseconds: 5 * 60_000, until: "first line" };
const pushStartLimit: TimeLimit = { milliseconds: 60_000, until: "first line" };

export type PushResult =
  /** As the builder reports it; "" if it does not. */
  | { readonly digest: string }
  /**
   * The registry rejected the immutable tag: an image already has it. On a retry it may be our own,
   * if the response to an attempt was lost.
   */
  | { readonly taken: "on first try" | "on retry" };

export async function buildAndPush(
  builder: Builder,
  request: BuildRequest,
  ports: PushPorts,
): Promise<PushResult> {
  const pushed = builder.pushCommand
    ? await buildThenPush(builder, builder.pushCommand(request), request, ports)
    : await retryPush(builder, request, ports, (attempt) =>
        buildOnce(builder, requestForAttempt(request, attempt), ports),
      );
  if ("taken" in pushed) return pushed;
  return { digest: await builder.pushedDigest(request, pushed) };
}

type TagTaken = Extract<PushResult, { readonly taken: unknown }>;

async function buildThenPush(
  builder: Builder,
  pushCommand: CommandLine,
  request: BuildRequest,
  ports: PushPorts,
): Promise<ProcessResult | TagTaken> {
  const built = await buildOnce(builder, request, ports);
  if (built.result.exitCode !== 0) throw await buildFailedError(request, built);
  return retryPush(builder, request, ports, () => runOnce(pushCommand, pushStartLimit, ports));
}

/** On a retry the build is in the builder's cache: only the push has to be repeated. */
function requestForAttempt(request: BuildRequest, attempt: number): BuildRequest {
  if (attempt === 1) return request;
  return { ...request, build: { ...request.build, noCache: false, pull: false } };
}

interface PushAttempt extends BuilderRun {
  readonly number: number;
  /** undefined: it was pushed. */
  readonly failure: PushFailure | undefined;
}

async function retryPush(
  builder: Builder,
  request: BuildRequest,
  ports: PushPorts,
  push: (number: number) => Promise<BuilderRun>,
): Promise<ProcessResult | TagTaken> {
  const attempt = async (number: number): Promise<PushAttempt> => {
    const builderRun = await push(number);
    const { result, lines } = builderRun;
    if (result.exitCode === 0) return { ...builderRun, number, failure: undefined };
    // The build's own output may quote a registry error, so check first whether the push had begun.
    if (!builder.pushCommand && !failedDuringPush(lines))
      throw await buildFailedError(request, builderRun);
    const errorLines = builder.pushCommand ? lines : buildxErrorLines(lines);
    return { ...builderRun, number, failure: classifyPushFailure(errorLines) };
  };
  const last = await retry(attempt, createPushRetryPolicy(ports), ports);
  if (last.failure === undefined) return last.result;
  if (last.failure === "tag-taken")
    return { taken: last.number === 1 ? "on first try" : "on retry" };
  throw pushFailedError(request.reference, last.failure, last);
}

function createPushRetryPolicy({ reporter, renewPassword }: PushPorts) {
  let renewals = 0;
  return async ({ failure, number }: PushAttempt): Promise<number | undefined> => {
    if (failure === "password-expired" && renewals < 2) {
      renewals += 1;
      reporter.info("The registry password expired during the push; getting a new one.");
      await renewPassword();
      return 0;
    }
    const pause = pushRetryDelaysMilliseconds[number - 1];
    if (failure !== "transient" || pause === undefined) return undefined;
    reporter.info(
      `The push was interrupted; retrying in ${pause / 1000} s. Uploaded layers are not sent again.`,
    );
    return pause;
  };
}

async function buildOnce(
  builder: Builder,
  request: BuildRequest,
  ports: PushPorts,
): Promise<BuilderRun> {
  const environment = { ...ports.environment, ...ports.secretValues };
  const builderRun = await runOnce(builder.buildCommand(request), buildStartLimit, {
    ...ports,
    environment,
  });
  for (const { message, at } of parseBuildWarnings(builderRun.lines, request.build.dockerfile))
    ports.reporter.warning(message, at);
  ports.onBuilt(reportOf(builderRun));
  return builderRun;
}

function reportOf({ lines, milliseconds }: BuilderRun): BuildReport {
  return { milliseconds, ...countSteps(lines) };
}

async function runOnce(
  command: CommandLine,
  limit: TimeLimit,
  ports: PushPorts,
): Promise<BuilderRun> {
  const { run, reporter, environment, clock } = ports;
  const startedAt = clock.now();
  const lines: string[] = [];
  const result = await withTimeLimit(
    run,
    limit,
    ports,
  )({
    ...command,
    environment,
    onLine(line) {
      lines.push(line);
      reporter.info(line);
    },
  });
  return { result, lines, milliseconds: clock.now() - startedAt };
}

async function buildFailedError(
  { build }: BuildRequest,
  builderRun: BuilderRun,
): Promise<DeployError> {
  const { result, lines } = builderRun;
  const dockerfile = await readFile(build.dockerfile, "utf8").catch(() => "");
  return new DeployError(
    describeBuildFailure({
      build,
      exitCode: result.exitCode,
      lines,
      dockerfile,
      report: reportOf(builderRun),
    }),
  );
}

const pushPermissionHint =
  "Allow the role ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, " +
  "ecr:UploadLayerPart, ecr:CompleteLayerUpload and ecr:PutImage on the repository " +
  "(docs/iam.md).";

const pushFailureHints: Readonly<Record<PushFailure, string>> = {
  "tag-taken": "",
  "password-expired": "Run the job again: ECR rejected even a new password.",
  transient: `The registry, or the network between it and this runner, is failing. Run the job again later: uploaded layers are not sent again.
If it fails the same way every time, a permission may be missing: some registries and proxies then just close the connection. ${pushPermissionHint}`,
  "no-repository": "The repository existed when this step began; it has been deleted since.",
  unauthorized:
    "ECR issued this password, so the role is correct. Does a proxy or a mirror between this " +
    "runner and the registry drop the Authorization header?",
  quota:
    "An ECR quota is used up: images in this repository, tags or layers of an image, or " +
    "storage. Permissions are not the cause. Delete unused images (a lifecycle policy does " +
    "this automatically), or request a higher quota: " +
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html",
  forbidden: pushPermissionHint,
  "disk-full":
    "The runner's disk is full: remove what the job does not need (docker system prune), or " +
    "use a larger runner.",
  unknown: "The full output of the builder is in the log of this step.",
};

function pushFailedError(
  reference: string,
  failure: PushFailure,
  { lines }: BuilderRun,
): DeployError {
  const messageLines = lines.map((line) => line.trimEnd()).filter(Boolean);
  return new DeployError({
    code: failure === "unauthorized" ? "SignInFailed" : "PushFailed",
    message:
      `Pushing ${reference} failed: ` +
      `${messageLines.slice(-2).join("\n") || "the builder gave no reason"}`,
    hint: `${pushFailureHints[failure]}\nNothing was registered and the service was not touched.`,
  });
}
