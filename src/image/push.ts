// Build and push with one builder, until the registry has the image: bounded retries, a new password when the old one has run out.

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
import { describeBuildFailure } from "./build-failure.ts";
import { parseBuildWarnings } from "./build-warnings.ts";
import type { Builder, BuildRequest, CommandLine } from "./builders/builder.ts";
import {
  buildxErrorLines,
  classifyPushFailure,
  failedDuringPush,
  type PushFailure,
} from "./push-failure.ts";

export interface PushPorts {
  readonly run: RunProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Of the builder's processes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values of the build's secrets by variable: only the build gets them, no push does. */
  readonly secretValues: Readonly<Record<string, string>>;
  /** A new password into the private DOCKER_CONFIG. */
  readonly renewPassword: () => Promise<void>;
}

interface BuilderRun {
  readonly result: ProcessResult;
  readonly lines: readonly string[];
}

/** Five attempts over about a minute; layers that arrived are not sent again. */
const pushRetryDelaysMilliseconds = [2_000, 6_000, 15_000, 30_000];

/**
 * Builders say something as soon as their engine answers, the classic one when it has sent the whole context. What they do after that may
 * take as long as the job allows.
 */
const buildStartLimit: TimeLimit = { milliseconds: 5 * 60_000, until: "first line" };
const pushStartLimit: TimeLimit = { milliseconds: 60_000, until: "first line" };

/** What became of the push. */
export type PushResult =
  /** By the builder's word; "" if it says nothing. */
  | { readonly digest: string }
  /**
   * The registry refused the immutable tag: an image has it already. After an attempt of ours whose answer was lost it may be our own.
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
        buildOnce(builder, observedAgain(request, attempt), ports),
      );
  return "taken" in pushed ? pushed : { digest: await builder.pushedDigest(request, pushed) };
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

/** What was built is in the builder's cache now: only the push has to be done again. */
function observedAgain(request: BuildRequest, attempt: number): BuildRequest {
  return attempt === 1
    ? request
    : { ...request, build: { ...request.build, noCache: false, pull: false } };
}

async function retryPush(
  builder: Builder,
  request: BuildRequest,
  ports: PushPorts,
  attempt: (number: number) => Promise<BuilderRun>,
): Promise<ProcessResult | TagTaken> {
  let renewals = 0;
  for (let number = 1; ; number++) {
    const builderRun = await attempt(number);
    if (builderRun.result.exitCode === 0) return builderRun.result;
    // The build's own output may quote the registry's words: whether it came to a push at all is asked first.
    if (!builder.pushCommand && !failedDuringPush(builderRun.lines))
      throw await buildFailedError(request, builderRun);
    const failure = classifyPushFailure(
      builder.pushCommand ? builderRun.lines : buildxErrorLines(builderRun.lines),
    );
    if (failure === "tag-taken") return { taken: number === 1 ? "on first try" : "on retry" };
    if (failure === "password-expired" && renewals < 2) {
      renewals += 1;
      ports.reporter.info(
        "The registry's password has run out during the push; a new one is fetched.",
      );
      await ports.renewPassword();
      continue;
    }
    const wait = pushRetryDelaysMilliseconds[number - 1];
    if (failure !== "passing" || wait === undefined)
      throw pushFailedError(request.reference, failure, builderRun);
    ports.reporter.info(
      `The push was cut off; it goes on in ${wait / 1000} s with what is missing.`,
    );
    await ports.clock.sleep(wait, ports.signal);
  }
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
  return builderRun;
}

async function runOnce(
  command: CommandLine,
  limit: TimeLimit,
  ports: PushPorts,
): Promise<BuilderRun> {
  const { run, reporter, environment } = ports;
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
  return { result, lines };
}

async function buildFailedError(
  { build }: BuildRequest,
  { result, lines }: BuilderRun,
): Promise<DeployError> {
  const dockerfile = await readFile(build.dockerfile, "utf8").catch(() => "");
  return new DeployError(
    describeBuildFailure({ build, exitCode: result.exitCode, lines, dockerfile }),
  );
}

const pushPermissionHint =
  "Allow the role ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload and ecr:PutImage on the repository (docs/iam.md).";

const pushFailureHints: Readonly<Record<PushFailure, string>> = {
  "tag-taken": "",
  "password-expired": "Run the job again: ECR refused even a fresh password.",
  passing: `The registry or the network between it and this runner is in trouble. Run the job again when it is over: layers that arrived are not sent again.
If it ends the same way every time, a missing permission may be the cause, for some registries and proxies then just close the connection. ${pushPermissionHint}`,
  "no-repository": "The repository was there when this step began; somebody has deleted it.",
  unauthorized:
    "ECR gave us this password, so the role is right; does something between this runner and the registry (a proxy, a mirror) drop the Authorization header?",
  quota:
    "A quota of ECR is used up, of images in this repository, of tags or layers of an image, or of storage; permissions are not the cause. Delete images that nobody runs any more (a lifecycle policy does so by itself), or ask for a higher quota: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html",
  forbidden: pushPermissionHint,
  "disk-full":
    "The runner's disk is full: remove what the job does not need (docker system prune), or use a larger runner.",
  unknown: "The builder's whole output is in the log of this step.",
};

function pushFailedError(
  reference: string,
  failure: PushFailure,
  { lines }: BuilderRun,
): DeployError {
  const messageLines = lines.map((line) => line.trimEnd()).filter(Boolean);
  return new DeployError({
    code: failure === "unauthorized" ? "SignInFailed" : "PushFailed",
    message: `Pushing ${reference} failed: ${messageLines.slice(-2).join("\n") || "the builder gave no reason"}`,
    hint: `${pushFailureHints[failure]}\nNothing was registered and the service was not touched.`,
  });
}
