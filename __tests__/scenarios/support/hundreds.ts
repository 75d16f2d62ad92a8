// Hundreds of services in one step while ECS refuses calls for their rate: each is judged by its own service deployment, and few calls are
// refused.

import { ecsBuckets, type RecordedCall } from "ecs-simulator";
import { expect } from "vitest";
import { setStage } from "./stage.ts";

export interface Hundreds {
  readonly count: number;
  readonly families: "own" | "shared";
  /** Seconds that the documented buckets alone need: registrations and updates beyond the burst. */
  readonly bucketsTake: number;
}

/** Returns what the log says of the time before anything changes. */
export async function deployHundreds({
  count,
  families,
  bucketsTake,
}: Hundreds): Promise<readonly string[]> {
  const alone = await (await setStage()).play();
  const names = Array.from({ length: count }, (_, index) => `service-${index + 1}`);
  const stage = await setStage({
    services: names,
    family: families === "shared" ? () => "shared" : undefined,
    simulator: { throttling: ecsBuckets },
  });

  const play = await stage.play({ service: names.join("\n") });

  expect(play.outcome.services).toHaveLength(count);
  expect(play.outcome.services.filter(({ outcome }) => outcome !== "succeeded")).toEqual([]);
  const calls = stage.simulator.calls.filter(({ service }) => service === "ecs");
  const refused = calls.filter(({ error }) => error === "ThrottlingException");
  expect(refused.length / calls.length).toBeLessThan(0.05);
  const allowed = alone.elapsedMilliseconds / 1_000 + bucketsTake;
  console.info(
    `${count} services with ${families} families: ${play.elapsedMilliseconds / 1_000} s, of ${allowed} s that the buckets allow; ` +
      `${refused.length} of ${calls.length} calls refused`,
  );
  expect(play.elapsedMilliseconds / 1_000).toBeLessThan(1.3 * allowed);
  expect(describedDeployments(calls)).toBe(count);
  expect(inputsOfMost(calls, "DescribeServices", "services")).toBe(10);
  expect(inputsOfMost(calls, "DescribeServiceDeployments", "serviceDeploymentArns")).toBe(20);
  expect(inputsOfMost(calls, "DescribeServiceRevisions", "serviceRevisionArns")).toBe(20);
  const warned = play.log.filter((line) => /^ {2}(notice|warning):/.test(line));
  expect(warned.filter((line) => line.includes("classic"))).toEqual([]);
  const said = play.log.filter((line) => line.includes("ECS limits the rate of its calls"));
  const builds = play.log.findIndex((line) => line.includes("Build and push"));
  expect(said).toHaveLength(1);
  expect(play.log.indexOf(said[0] ?? "")).toBeLessThan(builds);
  return said.map((line) => line.trim());
}

/** Every service deployment was read. */
function describedDeployments(calls: readonly RecordedCall[]): number {
  return new Set(listsOf(calls, "DescribeServiceDeployments", "serviceDeploymentArns").flat()).size;
}

function inputsOfMost(calls: readonly RecordedCall[], operation: string, member: string): number {
  return Math.max(...listsOf(calls, operation, member).map(({ length }) => length));
}

function listsOf(
  calls: readonly RecordedCall[],
  operation: string,
  member: string,
): readonly (readonly string[])[] {
  return calls
    .filter((call) => call.operation === operation)
    .map(({ input }) => (input as Readonly<Record<string, readonly string[]>>)[member] ?? []);
}
