// How fast dist/index.js starts, and how much memory it takes: whole deploys as a runner starts them, with an image that is in the
// repository already, to a simulator behind a loopback socket.
//
// The clock runs from just before spawn until the first request to AWS (not to GitHub's token endpoint) is in. Peak memory is the kernel's
// VmHWM: read when that request is in, and again every 10 ms until the process ends. The bare start, node and one HTTP request, is
// measured the same way, in turn with the action's.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  awsTiming,
  type HttpServer,
  type Simulator,
  serve,
  type Timing,
  type Wire,
} from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { healthyAfter, type TaskLaunch } from "ecs-simulator/tasks";
import {
  cluster,
  createAccount,
  region,
  repository,
  role,
} from "../__tests__/rig/scripted-account.ts";
import { dist } from "./bundle.ts";

/** One start. Milliseconds from spawn to the first request to AWS, bytes of memory. */
export interface Start {
  readonly firstRequestAfter: number;
  readonly memoryAtFirstRequest: number;
  readonly peakMemory: number;
}

export interface Starts {
  readonly bare: readonly Start[];
  readonly deploys: readonly Start[];
}

const service = "app";

interface Stage {
  readonly simulator: Simulator;
  readonly server: HttpServer;
  readonly arrivals: Arrivals;
  readonly folder: string;
}

interface Pace {
  /** How many times faster than AWS the simulated ECS takes its own steps. */
  readonly speed: number;
  /** Milliseconds until a new task is healthy. */
  readonly healthyAfter: number;
}

/** Whole deploys of some seconds, and bare starts in turn with them. */
export function measureStarts(rounds: number): Promise<Starts> {
  return onStage({ speed: 20, healthyAfter: 500 }, async (stage) => {
    const bare: Start[] = [];
    const deploys: Start[] = [];
    for (let round = 0; round < rounds; round++) {
      bare.push(await start(bareArguments(stage.server), {}, stage));
      deploys.push(await deploy(round, stage));
    }
    return { bare, deploys };
  });
}

/** One deploy at AWS's own pace, with a rollout of four minutes: memory grows while it watches. */
export function measureLongDeploy(): Promise<Start> {
  return onStage({ speed: 1, healthyAfter: 225_000 }, (stage) => deploy(0, stage));
}

async function onStage<Result>(
  { speed, healthyAfter: good }: Pace,
  work: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const clock = new RealClock();
  const behaviour = ({ revision }: TaskLaunch) =>
    healthyAfter(revision === 1 ? 0 : good, { pullsFor: 200, startsFor: 100 });
  const simulator = createAccount({
    clock,
    services: [service],
    behaviour,
    timing: timingAt(speed),
  });
  const arrivals = listenForArrivals(simulator);
  const server = await serve(arrivals.wire);
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-bench-"));
  try {
    return await work({ simulator, server, arrivals, folder });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

async function deploy(round: number, stage: Stage): Promise<Start> {
  while (!stage.simulator.ecs.isSteady({ cluster, service })) await sleep(100);
  return start([join(dist, "index.js")], jobEnvironment(round, stage), stage);
}

function timingAt(times: number): Partial<Timing> {
  return Object.fromEntries(
    Object.entries(awsTiming).map(([step, milliseconds]) => [step, milliseconds / times]),
  );
}

interface Arrivals {
  readonly wire: Wire;
  /** Called once, with the next request to AWS still unanswered. */
  next: (() => void) | undefined;
}

function listenForArrivals(simulator: Simulator): Arrivals {
  const arrivals: Arrivals = {
    next: undefined,
    wire: {
      handle(request) {
        if (!request.path.startsWith("/_oidc/")) {
          arrivals.next?.();
          arrivals.next = undefined;
        }
        return simulator.handle(request);
      },
    },
  };
  return arrivals;
}

/** What any action on Node pays before its first request. */
function bareArguments({ url }: HttpServer): readonly string[] {
  return ["--eval", `require("node:http").get("${url}", (response) => response.resume())`];
}

/** What a runner sets. A tag of its own for each round, in the repository already: each is a deploy, none is a build. */
function jobEnvironment(round: number, { folder, simulator, server }: Stage) {
  const commit = `c0ffee${String(round).padStart(34, "0")}`;
  simulator.ecr.repositories.putImage(repository, { tags: [commit] });
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  const files = ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"].map((name) => {
    const path = join(folder, name.toLowerCase());
    writeFileSync(path, "");
    return [name, path];
  });
  return {
    ...Object.fromEntries(files),
    ...simulator.environment(server.url),
    RUNNER_TEMP: folder,
    GITHUB_SHA: commit,
    GITHUB_RUN_ID: "1",
    "INPUT_ROLE-TO-ASSUME": role,
    "INPUT_AWS-REGION": region,
    "INPUT_ECR-REPOSITORY": repository,
    INPUT_CLUSTER: cluster,
    INPUT_SERVICE: service,
  };
}

async function start(
  nodeArguments: readonly string[],
  environment: Readonly<Record<string, string>>,
  { folder, arrivals }: Stage,
): Promise<Start> {
  let firstRequestAfter = Number.NaN;
  let memoryAtFirstRequest = Number.NaN;
  let peakMemory = 0;
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, nodeArguments, {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  arrivals.next = () => {
    firstRequestAfter = performance.now() - spawnedAt;
    memoryAtFirstRequest = peakMemoryOf(child) ?? Number.NaN;
  };
  const sampler = setInterval(() => {
    peakMemory = peakMemoryOf(child) ?? peakMemory;
  }, 10);
  let log = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const [exitCode] = await once(child, "close");
  clearInterval(sampler);
  if (exitCode !== 0 || Number.isNaN(firstRequestAfter))
    throw new Error(`This run cannot be measured:\n${log}`);
  return {
    firstRequestAfter,
    memoryAtFirstRequest,
    peakMemory: Math.max(peakMemory, memoryAtFirstRequest),
  };
}

/** undefined: the process has ended. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function peakMemoryOf({ pid }: ChildProcess): number | undefined {
  try {
    const kibibytes = readFileSync(`/proc/${pid}/status`, "utf8").match(
      /^VmHWM:\s*(\d+) kB$/m,
    )?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
