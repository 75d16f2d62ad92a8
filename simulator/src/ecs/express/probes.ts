// The load balancer's health checks of an Express Mode service's tasks. Only where a load balancer
// is open that can ask them; else a target becomes healthy by time.

import type { EcsState, TaskState } from "../state.ts";
import { portOf } from "./definition.ts";

/** What is asked for, over HTTP: 200 is healthy. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

const healthyChecks = 2;
const unhealthyChecks = 5;

/** From now on until the task is asked to stop. */
export function watchTarget(world: EcsState, task: TaskState): void {
  const { service, revision, address } = task;
  const { probe } = world.express;
  if (!probe || !service?.express || !address) return;
  const { healthCheckPath: path } = revision?.express ?? service.express.values;
  const target = { address, port: portOf(task.definition.definition), path };
  task.target ??= { passed: 0, failed: 0 };
  world.clock.schedule(world.timing.targetCheck, () => {
    if (task.desiredStatus === "RUNNING") void probe(target).then(noteCheck);
  });
  const noteCheck = (isHealthy: boolean): void => {
    const { passed, failed } = task.target ?? { passed: 0, failed: 0 };
    const now = world.clock.now();
    task.target = {
      ...task.target,
      passed: isHealthy ? passed + 1 : 0,
      failed: isHealthy ? 0 : failed + 1,
    };
    if (task.target.passed >= healthyChecks) task.target.healthyAt ??= now;
    if (task.target.failed >= unhealthyChecks) task.target.unhealthyAt ??= now;
    world.wake(service, world.timing.reaction);
    watchTarget(world, task);
  };
}
