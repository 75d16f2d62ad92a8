// The main step: builds the real world, runs the story, tells the end. The only catch.

import { lookup } from "node:dns/promises";
import { readFileSync, statSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { tmpdir } from "node:os";
import { isAbsolute, relative, resolve, sep } from "node:path";
import * as core from "@actions/core";
import type { HttpGet } from "./aws/id-token.ts";
import { systemClock } from "./clock.ts";
import { deploy } from "./deploy.ts";
import { startDetached } from "./detached.ts";
import { asDeployError, DeployError } from "./errors.ts";
import { type InputSurroundings, readInputs } from "./inputs/read.ts";
import { leaveForPost } from "./post.ts";
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
  const outcome = await run(surroundingsOf(environment), realWorld(environment));
  await writeSummary(renderSummary(outcome));
  if (outcome.problem) annotate(outcome);
  process.exitCode = outcome.passes ? 0 : 1;
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

export function realWorld(environment: Environment): World {
  const reporter = createActionsReporter();
  const signal = cancelSignal();
  // The runner's proxy settings are the environment's; Node's agents follow them (https://nodejs.org/api/http.html#built-in-proxy-support).
  const agents = {
    httpAgent: new http.Agent(agentOptions(environment)),
    httpsAgent: new https.Agent(agentOptions(environment)),
  };
  return {
    clock: systemClock,
    signal,
    reporter,
    environment,
    random: Math.random,
    mask: reporter.mask,
    get: httpGet(agents),
    requestHandler: { ...agents, connectionTimeout: 5_000 },
    run: createProcessRunner(signal),
    startDetached,
    commit: environment.GITHUB_SHA ?? "",
    temporaryFolder: environment.RUNNER_TEMP || tmpdir(),
    handOver: leaveForPost,
  };
}

/** The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills. The first one is enough for us. */
function cancelSignal(): AbortSignal {
  const controller = new AbortController();
  const cancel = () => {
    leaveForPost.cancelled();
    controller.abort(new DeployError({ code: "Cancelled", message: "The run was cancelled." }));
  };
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  return controller.signal;
}

function agentOptions(environment: Environment): https.AgentOptions {
  return { keepAlive: true, proxyEnv: environment as NodeJS.ProcessEnv };
}

function httpGet(agents: { readonly httpAgent: http.Agent; readonly httpsAgent: https.Agent }): HttpGet {
  return (url, headers, signal) =>
    new Promise((resolve, reject) => {
      const secure = url.startsWith("https:");
      const request = (secure ? https : http).get(
        url,
        { headers, signal, agent: secure ? agents.httpsAgent : agents.httpAgent },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (text: string) => {
            body += text;
          });
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, body, headers: singleHeaders(response.headers) }),
          );
          response.on("error", reject);
        },
      );
      request.on("error", reject);
    });
}

function singleHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]));
}

export function surroundingsOf(environment: Environment): InputSurroundings {
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
