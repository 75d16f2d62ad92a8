// The main step: builds the real world, runs the story, tells the end. The only catch.

import { lookup } from "node:dns/promises";
import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, relative, resolve, sep } from "node:path";
import * as core from "@actions/core";
import { systemClock } from "./clock.ts";
import { deploy } from "./deploy.ts";
import { startDetached } from "./detached.ts";
import { asDeployError, DeployError } from "./errors.ts";
import { type InputSurroundings, readInputs } from "./inputs/read.ts";
import { openNetwork } from "./network.ts";
import { createHandOver, type MainHandOver } from "./post-state.ts";
import { createProcessRunner } from "./process.ts";
import { annotate, createActionsReporter, writeSummary } from "./report/actions-reporter.ts";
import { newJournal, outcomeOf } from "./report/journal.ts";
import { describeEnd } from "./report/log-lines.ts";
import { lastOutputs, type Outcome } from "./report/outcome.ts";
import { renderSummary } from "./report/summary.ts";
import type { World } from "./world.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the main step; the exit code is 0 only for an outcome that passes. */
export async function main(environment: Environment): Promise<void> {
  const handOver = createHandOver(saveState);
  handOver.begun();
  const outcome = await run(surroundingsOf(environment), realWorld(environment, handOver));
  await writeSummary(renderSummary(outcome));
  if (outcome.problem) annotate(outcome);
  handOver.ended();
  process.exitCode = outcome.passes ? 0 : 1;
}

function saveState(name: string, value: string): boolean {
  core.saveState(name, value);
  return true;
}

/** The step in any world: never rejects, whatever happens is in the outcome. */
export async function run(surroundings: InputSurroundings, world: World): Promise<Outcome> {
  const { clock, reporter } = world;
  const journal = newJournal(clock.now(), errorsPage(world.environment));
  let error: DeployError | undefined;
  try {
    await deploy(await readInputs(surroundings), world, journal);
  } catch (caught) {
    reporter.debugCauses(caught);
    error = asDeployError(caught);
  }
  const outcome = outcomeOf(journal, clock.now(), error);
  for (const [name, value] of lastOutputs(outcome)) reporter.output(name, value);
  for (const line of describeEnd(outcome)) reporter.info(line);
  return outcome;
}

function realWorld(environment: Environment, handOver: MainHandOver): World {
  const reporter = createActionsReporter();
  const signal = cancelSignal(handOver);
  return {
    clock: systemClock,
    signal,
    reporter,
    environment,
    random: Math.random,
    mask: reporter.mask,
    ...openNetwork(environment),
    run: createProcessRunner(signal),
    startDetached,
    commit: environment.GITHUB_SHA ?? "",
    temporaryFolder: environment.RUNNER_TEMP || tmpdir(),
    handOver,
  };
}

/** The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills. The first one is enough for us. */
function cancelSignal({ cancelled }: MainHandOver): AbortSignal {
  const controller = new AbortController();
  const cancel = () => {
    cancelled();
    controller.abort(new DeployError({ code: "Cancelled", message: "The run was cancelled." }));
  };
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  return controller.signal;
}

function surroundingsOf(environment: Environment): InputSurroundings {
  return {
    get: (name) => core.getInput(name),
    kindOf(path) {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory())
        return isBelow(environment.GITHUB_WORKSPACE || process.cwd(), path) ? "folder" : "outside";
      return found ? "file" : "nothing";
    },
    readText(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    hostExists: (host) => hostExists(host, environment),
  };
}

function isBelow(workspace: string, path: string): boolean {
  const way = relative(workspace, resolve(path));
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Only a DNS that knows AWS can say that a host of AWS is not there; behind a proxy or with an endpoint of your own it is not asked. */
async function hostExists(host: string, environment: Environment): Promise<boolean | undefined> {
  if (environment.AWS_ENDPOINT_URL || environment.HTTPS_PROXY || environment.https_proxy) return undefined;
  const known = async (name: string) => (await lookup(name).catch(() => undefined)) !== undefined;
  if (await known(host)) return true;
  return (await known("sts.us-east-1.amazonaws.com")) ? false : undefined;
}

/** docs/errors.md in the version of the action that runs. */
function errorsPage({ GITHUB_SERVER_URL, GITHUB_ACTION_REPOSITORY, GITHUB_ACTION_REF }: Environment): string {
  return GITHUB_SERVER_URL && GITHUB_ACTION_REPOSITORY
    ? `${GITHUB_SERVER_URL}/${GITHUB_ACTION_REPOSITORY}/blob/${GITHUB_ACTION_REF || "main"}/docs/errors.md`
    : "docs/errors.md";
}
