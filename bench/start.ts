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
import { RealClock } from "../simulator/clock.ts";
import { awsTiming, type Timing } from "../simulator/ecs/timing.ts";
import { type HttpServer, serve } from "../simulator/http.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { healthyAfter } from "../simulator/tasks/scripted.ts";
import type { Wire } from "../simulator/wire.ts";
import { cluster, createAccount, region, repository, role } from "./account.ts";
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
/** The simulated ECS takes its own steps so many times faster than AWS does: a deploy takes seconds then. */
const speed = 20;

export async function measureStarts(rounds: number): Promise<Starts> {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-bench-"));
  const clock = new RealClock();
  const behaviour = () => healthyAfter(500, { pullsFor: 200, startsFor: 100 });
  const simulator = createAccount({ clock, services: [service], behaviour, timing: timingAt(speed) });
  const arrivals = listenForArrivals(simulator);
  const server = await serve(arrivals.wire);
  const bare: Start[] = [];
  const deploys: Start[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      await steady(simulator);
      bare.push(await start(bareArguments(server), {}, folder, arrivals));
      deploys.push(
        await start([join(dist, "index.js")], jobEnvironment(round, folder, simulator, server), folder, arrivals),
      );
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
  return { bare, deploys };
}

function timingAt(times: number): Partial<Timing> {
  return Object.fromEntries(Object.entries(awsTiming).map(([step, milliseconds]) => [step, milliseconds / times]));
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

async function steady(simulator: Simulator): Promise<void> {
  while (!simulator.ecs.isSteady({ cluster, service })) await sleep(100);
}

/** What any action on Node pays before its first request. */
function bareArguments({ url }: HttpServer): readonly string[] {
  return ["--eval", `require("node:http").get("${url}", (response) => response.resume())`];
}

/** What a runner sets. A tag of its own for each round, in the repository already: each is a deploy, none is a build. */
function jobEnvironment(round: number, folder: string, simulator: Simulator, server: HttpServer) {
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
  folder: string,
  arrivals: Arrivals,
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
  if (exitCode !== 0 || Number.isNaN(firstRequestAfter)) throw new Error(`This run cannot be measured:\n${log}`);
  return { firstRequestAfter, memoryAtFirstRequest, peakMemory: Math.max(peakMemory, memoryAtFirstRequest) };
}

/** undefined: the process has ended. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function peakMemoryOf({ pid }: ChildProcess): number | undefined {
  try {
    const kibibytes = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmHWM:\s*(\d+) kB$/m)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
