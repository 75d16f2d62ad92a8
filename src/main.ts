// The main step: creates the runtime, runs the deployment, reports the outcome. The only catch.

import { lookup } from "node:dns/promises";
import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, relative, resolve, sep } from "node:path";
import * as core from "@actions/core";
import { partitionOf } from "./aws/partitions.ts";
import { systemClock } from "./clock.ts";
import { deploy } from "./deploy.ts";
import { asDeployError, DeployError, messageOf } from "./errors.ts";
import { type InputSource, readInputs } from "./inputs/read.ts";
import type { Verb } from "./inputs/verbs.ts";
import { startDetached } from "./process/detached.ts";
import { logDetached, logProcesses } from "./process/log-processes.ts";
import { createProcessRunner } from "./process/run-process.ts";
import {
  annotate,
  createActionsReporter,
  saveState,
  writeSummary,
} from "./report/actions-reporter.ts";
import { describeOutcome } from "./report/log-lines.ts";
import { chatMessage, killedMessage } from "./report/message.ts";
import { renderSummary } from "./report/summary/summary.ts";
import { failSafeReporter } from "./reporter/fail-safe-reporter.ts";
import type { Reporter } from "./reporter/reporter.ts";
import { finalOutputs, type Outcome } from "./run/outcome.ts";
import { newRunState, outcomeOf, type RunState } from "./run/state.ts";
import { openNetwork } from "./runtime/network.ts";
import { createPostStateWriter, type MainPostStateWriter } from "./runtime/post-state.ts";
import type { Runtime } from "./runtime/runtime.ts";

type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Runs the main step; the exit code is 0 only for an outcome that passes, even if some output
 * cannot be written.
 */
export async function main(
  environment: ProcessEnvironment,
  step: (source: InputSource<string>, runtime: Runtime) => Promise<Outcome> = run,
): Promise<void> {
  const reporter = failSafeReporter(createActionsReporter());
  const postState = createPostStateWriter(stateSaver(reporter));
  postState.started();
  const outcome = await step(
    createInputSource(environment),
    createRuntime(environment, reporter, postState),
  );
  process.exitCode = outcome.passes ? 0 : 1;
  if (outcome.problem) annotate(outcome);
  await writeJobSummary(outcome, reporter);
  postState.ended();
}

/** Warns once if the state for the post step cannot be saved. */
function stateSaver(reporter: Reporter): (name: string, value: string) => boolean {
  let warned = false;
  return (name, value) => {
    try {
      saveState(name, value);
      return true;
    } catch (error) {
      if (!warned)
        reporter.warning(
          `${messageOf(error)}. If this step is cancelled or killed, its post step does not ` +
            "know what to clean up or to report.",
        );
      warned = true;
      return false;
    }
  };
}

async function writeJobSummary(outcome: Outcome, reporter: Reporter): Promise<void> {
  try {
    await writeSummary(renderSummary(outcome));
  } catch (error) {
    reporter.warning(
      `${messageOf(error)}. The page of this run lacks the summary of this step; the log has ` +
        "all that it would say.",
    );
  }
}

/** The step with any runtime: never rejects; every failure is in the outcome. */
export async function run(inputSource: InputSource, runtime: Runtime): Promise<Outcome> {
  return await runStep("deploy", runtime, async (checked, runState) =>
    deploy(await readInputs(inputSource), checked, runState),
  );
}

/** The step of any verb: `work` does it, and writes what becomes known into the run state. */
export async function runStep(
  verb: Verb,
  runtime: Runtime,
  work: (runtime: Runtime, runState: RunState) => Promise<void>,
): Promise<Outcome> {
  const { clock } = runtime;
  const { reporter, mask, secrets } = collectSecrets(failSafeReporter(runtime.reporter), runtime);
  // The runner reads the outputs of a step that was killed, too; the last value counts.
  reporter.output("message", killedMessage(verb));
  const runState = newRunState(verb, clock.now(), errorsPageUrl(runtime.environment));
  let error: DeployError | undefined;
  try {
    await work({ ...runtime, reporter, mask }, runState);
  } catch (caught) {
    reporter.debugCauses(caught);
    error = asDeployError(caught);
  }
  const outcome = outcomeOf(runState, clock.now(), error);
  for (const [name, value] of finalOutputs(outcome)) reporter.output(name, value);
  reporter.output("message", chatMessage(outcome, secrets));
  if (outcome.outcome === "planned") {
    const { renderPlanOutput } = await import("./report/plan-output.ts");
    reporter.output("plan", renderPlanOutput(outcome));
  }
  for (const line of describeOutcome(outcome)) reporter.info(line);
  return outcome;
}

/** The runner masks its log, but no output: what is masked is kept for the output `message`. */
function collectSecrets(reporter: Reporter, runtime: Pick<Runtime, "mask">) {
  const secrets = new Set<string>();
  const collecting = (mask: (secret: string) => void) => (secret: string) => {
    secrets.add(secret);
    mask(secret);
  };
  return {
    secrets,
    reporter: { ...reporter, mask: collecting(reporter.mask) },
    mask: collecting(runtime.mask),
  };
}

function createRuntime(
  environment: ProcessEnvironment,
  reporter: Reporter,
  postState: MainPostStateWriter,
): Runtime {
  const signal = cancelSignal(postState);
  return {
    clock: systemClock,
    signal,
    reporter,
    environment,
    random: Math.random,
    mask: reporter.mask,
    debug: reporter.debug,
    ...openNetwork(environment),
    run: logProcesses(createProcessRunner(signal), systemClock, reporter.debug),
    startDetached: logDetached(startDetached, systemClock, reporter.debug),
    openProbe: async () => (await import("./runtime/probe.ts")).createProbe(environment),
    commit: environment.GITHUB_SHA ?? "",
    temporaryFolder: environment.RUNNER_TEMP || tmpdir(),
    postState,
  };
}

/**
 * The runner sends SIGINT, 7.5 s later SIGTERM, and kills 2.5 s later. The first one starts the
 * cancel here.
 */
function cancelSignal({ cancelled }: MainPostStateWriter): AbortSignal {
  const controller = new AbortController();
  const cancel = () => {
    cancelled();
    controller.abort(new DeployError({ code: "Cancelled", message: "The run was cancelled." }));
  };
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  return controller.signal;
}

function createInputSource(environment: ProcessEnvironment): InputSource<string> {
  return {
    environment,
    get: (name) => core.getInput(name),
    kindOf(path) {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory()) {
        if (isInside(environment.GITHUB_WORKSPACE || process.cwd(), path)) return "folder";
        return "outside";
      }
      if (found) return "file";
      return "nothing";
    },
    readText(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    hostExists: (host) => hostExists(host, environment),
    partitionOf,
  };
}

function isInside(workspace: string, path: string): boolean {
  const pathFromWorkspace = relative(workspace, resolve(path));
  return (
    pathFromWorkspace !== ".." &&
    !pathFromWorkspace.startsWith(`..${sep}`) &&
    !isAbsolute(pathFromWorkspace)
  );
}

/**
 * Behind a proxy or with a custom endpoint the DNS of this machine may not know AWS, so it is not
 * asked.
 */
async function hostExists(
  host: string,
  environment: ProcessEnvironment,
): Promise<boolean | undefined> {
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, HTTPS_PROXY, https_proxy } = environment;
  if (AWS_ENDPOINT_URL || AWS_ENDPOINT_URL_STS || HTTPS_PROXY || https_proxy) return undefined;
  return lookup(host).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTFOUND") return false;
      return undefined;
    },
  );
}

/** docs/errors.md in the running version of the action. */
function errorsPageUrl({
  GITHUB_SERVER_URL,
  GITHUB_ACTION_REPOSITORY,
  GITHUB_ACTION_REF,
}: ProcessEnvironment): string {
  if (GITHUB_SERVER_URL && GITHUB_ACTION_REPOSITORY)
    return `${GITHUB_SERVER_URL}/${GITHUB_ACTION_REPOSITORY}/blob/${GITHUB_ACTION_REF || "main"}/docs/errors.md`;
  return "docs/errors.md";
}
