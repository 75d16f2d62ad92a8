// Fifty services, one build, one shared poll: seven fail in seven ways, every verdict is right, and the reads stay few.

import {
  type Behaviour,
  exitsWith,
  failsToStart,
  neverHealthy,
  outOfMemory,
  runs,
  type TaskLaunch,
} from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

const failures: Readonly<Record<string, () => Behaviour>> = {
  "service-1": () => exitsWith(1),
  "service-2": () => exitsWith(127),
  "service-3": () => outOfMemory(),
  "service-4": () =>
    failsToStart(
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found",
    ),
  "service-5": () =>
    failsToStart("ResourceInitializationError: unable to pull secrets or registry auth"),
  "service-6": () => neverHealthy(),
  "service-7": () => exitsWith(0),
};
const names = Array.from({ length: 49 }, (_, index) => `service-${index + 1}`);

test("fifty services in one step", { timeout: 60_000 }, async () => {
  const tasks = ({ family }: TaskLaunch) => failures[family]?.() ?? runs();
  const stage = await setStage({
    services: names,
    tasks,
    container: { healthCheck: { command: ["CMD", "true"] } },
  });

  const play = await stage.play({ service: ["clockko-backend", ...names].join("\n") });

  expect(play.outcome.services).toHaveLength(50);
  for (const { service, outcome } of play.outcome.services) {
    const fails = service in failures;
    expect([service, outcome]).toEqual([service, fails ? "rolled-back" : "succeeded"]);
    expect(revisionOf(stage, service)).toBe(`${service}:${fails ? 1 : 2}`);
  }
  expect(play.exitCode).toBe(1);
  expect(play.dockerCommands.filter((line) => line.startsWith("docker push"))).toHaveLength(1);
  expect(inputsOf(stage, "ecs:UpdateService")).toHaveLength(50);
  const busiest = mostReadsAMinute(stage.simulator.calls);
  console.info(`most reads in any minute of the watch: ${busiest}`);
  expect(busiest).toBeLessThan(180);
});

/** While it waits: from ten seconds after the last update until the first failure is explained. */
function mostReadsAMinute(
  calls: readonly { readonly at: number; readonly service: string; readonly operation: string }[],
): number {
  const updated = calls.findLast(({ operation }) => operation === "UpdateService")?.at ?? 0;
  const explained =
    calls.find(({ operation }) => operation === "ListTasks")?.at ?? Number.POSITIVE_INFINITY;
  const reads = calls.filter(
    ({ at, service, operation }) =>
      service === "ecs" && at > updated && at < explained && /^(Describe|List)/.test(operation),
  );
  return Math.max(
    0,
    ...reads.map(
      ({ at }) => reads.filter((other) => other.at >= at && other.at < at + 60_000).length,
    ),
  );
}
