#!/usr/bin/env node
// npx ecs-simulator [--port N] [--containers] [--speed N]
//
// Starts the simulator on the real clock and prints one line of JSON: its URL, a role that the job may take, and the
// variables that a runner would set. Ends on SIGTERM or SIGINT.
//   --containers  tasks are containers on this machine's Docker engine; else they only say that they run
//   --speed N     ECS takes its own steps N times faster than AWS does

import { parseArgs } from "node:util";
import { RealClock } from "./src/clock.ts";
import { awsTiming, type Timing } from "./src/ecs/timing.ts";
import { putDeployRole } from "./src/iam/deploy-role.ts";
import { openLoadBalancer } from "./src/load-balancer/load-balancer.ts";
import { createSimulator, type Simulator } from "./src/simulator.ts";
import { containerRunner } from "./src/tasks/container-runner.ts";
import { scriptedRunner } from "./src/tasks/scripted-runner.ts";
import { serve } from "./src/wire/http.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    containers: { type: "boolean", default: false },
    speed: { type: "string", default: "1" },
  },
});

const clock = new RealClock();
const registry = { host: "" }; // known once the server listens; no task starts before
const containers = values.containers
  ? containerRunner({
      credentials: (launch) => ({
        registry: registry.host,
        username: "AWS",
        password: simulator.registryPassword(launch),
      }),
    })
  : undefined;
const simulator: Simulator = createSimulator({
  clock,
  runner: containers ?? scriptedRunner({ clock }),
  ecs: { timing: timingAt(Number(values.speed)) },
});
const roleArn = putDeployRole(simulator, { name: "deploy" });
const balancer = openLoadBalancer(simulator);
const server = await serve(simulator, {
  port: Number(values.port),
  forward: balancer.forward,
});
registry.host = new URL(server.url).host;
console.log(
  JSON.stringify({ url: server.url, roleArn, environment: simulator.environment(server.url) }),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end());

async function end(): Promise<void> {
  clock.stop(); // no task may be started any more
  await server.close();
  await balancer.close();
  await containers?.close();
  process.exit(0);
}

/** How long a stopped task stays visible is no step of ECS's, and stays as it is. */
function timingAt(speed: number): Timing {
  const { stoppedVisible, ...steps } = awsTiming;
  const faster = Object.entries(steps).map(([step, milliseconds]) => [step, milliseconds / speed]);
  return { stoppedVisible, ...Object.fromEntries(faster) };
}
