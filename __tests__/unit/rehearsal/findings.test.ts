import { expect, test } from "vitest";
import { figuresOf, rehearsalFindings } from "../../../src/rehearsal/findings.ts";
import type { ContainerMeasurement, TaskMeasurement } from "../../../src/rehearsal/measurement.ts";

type Limits = ContainerMeasurement["limits"];

const healthCheck = { startPeriodSeconds: 10, intervalSeconds: 5, retries: 2 };

function container(
  measured: Partial<ContainerMeasurement>,
  limits: Partial<Limits> = {},
): ContainerMeasurement {
  return {
    name: "web",
    essential: true,
    healthyAfterSeconds: undefined,
    peakMemoryMib: undefined,
    exitCode: undefined,
    reason: undefined,
    silentPorts: [],
    garbledLines: 0,
    readonlyErrors: [],
    ...measured,
    limits: {
      memoryMib: 256,
      stopTimeoutSeconds: 30,
      readonlyRootFilesystem: false,
      healthCheck: undefined,
      ...limits,
    },
  };
}

function task(containers: readonly ContainerMeasurement[], stopped?: number): TaskMeasurement {
  return { containers, stoppedAfterSeconds: stopped };
}

const textsOf = (tasks: readonly TaskMeasurement[]) =>
  rehearsalFindings(tasks, undefined).map(
    ({ text, isProblem }) => `${isProblem ? "problem" : "figure"}: ${text}`,
  );

test("health against the start period and the patience of ECS", () => {
  expect(textsOf([task([container({ healthyAfterSeconds: 4 }, { healthCheck })])])).toEqual([
    "figure: web: healthy after 4 s; startPeriod is 10 s, and ECS gives up after about 20 s (startPeriod + interval × retries).",
  ]);
  expect(textsOf([task([container({ healthyAfterSeconds: 15 }, { healthCheck })])])).toEqual([
    expect.stringMatching(/^problem: web: healthy after 15 s.*Raise startPeriod/),
  ]);
});

test.each([
  [
    20,
    "figure: web: used at most 20 MiB of its 256 MiB of memory; without traffic 64 MiB would be enough.",
  ],
  [100, "figure: web: used at most 100 MiB of its 256 MiB of memory."],
  [
    230,
    "problem: web: used at most 230 MiB of its 256 MiB of memory. Under load this may not be enough.",
  ],
])("a peak of %s MiB", (peakMemoryMib, expected) => {
  expect(textsOf([task([container({ peakMemoryMib })])])).toEqual([expected]);
});

test("the end after SIGTERM, and who was killed", () => {
  expect(textsOf([task([container({ exitCode: 0 })], 0.4)])).toEqual([
    "figure: web: ended with exit code 0 within 0.4 s after SIGTERM; stopTimeout is 30 s.",
  ]);
  expect(textsOf([task([container({ exitCode: 137 })], 30.2)])).toEqual([
    expect.stringMatching(/^problem: web: did not end within 30 s \(stopTimeout\)/),
  ]);
  // Out of memory is no end by SIGKILL of ECS.
  const reason = "OutOfMemoryError: Container killed due to memory usage";
  expect(textsOf([task([container({ exitCode: 137, reason })], 31)])[0]).toMatch(/^figure/);
});

test("silent ports, refused writes and lines that are not text", () => {
  const texts = textsOf([
    task([
      container({
        silentPorts: [8080],
        garbledLines: 2,
        readonlyErrors: ["open /var/x: Read-only file system"],
      }),
    ]),
  ]);
  expect(texts).toEqual([
    expect.stringContaining("nothing accepts a connection on port 8080"),
    expect.stringContaining("a write to the read-only root was refused: open /var/x"),
    expect.stringContaining("2 log lines are not text"),
  ]);
});

test("the image and its pull", () => {
  const [finding] = rehearsalFindings([], { sizeInBytes: 250_000_000 });
  expect(finding?.text).toBe("Image: 250 MB compressed, about 20 s to pull at 100 Mbit/s.");
});

test("figures are of the task that became healthy; memory is the highest of all", () => {
  const healthy = container({ healthyAfterSeconds: 5, peakMemoryMib: 40 }, { healthCheck });
  const failed = container({ peakMemoryMib: 90.5 }, { healthCheck });
  const tasks = [task([healthy], 1.5), task([failed])];
  expect(figuresOf(tasks)).toEqual({
    healthyAfterSeconds: 5,
    stoppedAfterSeconds: 1.5,
    peakMemoryMib: 91,
  });
  expect(figuresOf([])).toEqual({
    healthyAfterSeconds: undefined,
    stoppedAfterSeconds: undefined,
    peakMemoryMib: undefined,
  });
});
