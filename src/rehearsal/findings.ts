// What only a rehearsal can say of a service, as sentences with figures. PURE.

import type { ContainerMeasurement, ImageMeasurement, TaskMeasurement } from "./measurement.ts";

export interface RehearsalFinding {
  readonly text: string;
  /** Something to change; else only a figure. */
  readonly isProblem: boolean;
}

export interface RehearsalFigures {
  readonly healthyAfterSeconds: number | undefined;
  readonly stoppedAfterSeconds: number | undefined;
  readonly peakMemoryMib: number | undefined;
}

/** Of the last task that became healthy, else of the last one. */
function shownTask(tasks: readonly TaskMeasurement[]): TaskMeasurement | undefined {
  return tasks.findLast((task) => healthyAfter(task) !== undefined) ?? tasks.at(-1);
}

/** All health checks of the task have passed; undefined: it has none, or one never passed. */
function healthyAfter({ containers }: TaskMeasurement): number | undefined {
  const checked = containers.filter(({ limits }) => limits.healthCheck);
  const seconds = checked.flatMap(({ healthyAfterSeconds }) => healthyAfterSeconds ?? []);
  if (checked.length === 0 || seconds.length < checked.length) return undefined;
  return Math.max(...seconds);
}

export function figuresOf(tasks: readonly TaskMeasurement[]): RehearsalFigures {
  const shown = shownTask(tasks);
  const sums = tasks.map(({ containers }) =>
    containers.reduce((sum, { peakMemoryMib = 0 }) => sum + peakMemoryMib, 0),
  );
  const peak = Math.max(0, ...sums);
  return {
    healthyAfterSeconds: shown && healthyAfter(shown),
    stoppedAfterSeconds: shown?.stoppedAfterSeconds,
    peakMemoryMib: peak > 0 ? Math.ceil(peak) : undefined,
  };
}

export function rehearsalFindings(
  tasks: readonly TaskMeasurement[],
  image: ImageMeasurement | undefined,
): readonly RehearsalFinding[] {
  const shown = shownTask(tasks);
  return [
    ...(shown?.containers ?? []).flatMap((container) => [
      ...healthFindings(container),
      ...memoryFindings(container, highestOf(tasks, container.name)),
      ...stopFindings(container, shown?.stoppedAfterSeconds),
      ...portFindings(container),
      ...logFindings(container),
    ]),
    ...(image ? [imageFinding(image)] : []),
  ];
}

function healthFindings({
  name,
  healthyAfterSeconds: after,
  limits,
}: ContainerMeasurement): readonly RehearsalFinding[] {
  const check = limits.healthCheck;
  if (!check || after === undefined) return [];
  const { startPeriodSeconds: start, intervalSeconds, retries } = check;
  const patience = start + intervalSeconds * retries;
  const text =
    `${name}: healthy after ${after} s; startPeriod is ${start} s, and ECS gives up after about ` +
    `${patience} s (startPeriod + interval × retries)`;
  // A machine that is half as fast would not make it.
  const isTight = after * 2 > patience;
  if (!isTight) return [{ text: `${text}.`, isProblem: false }];
  return [
    { text: `${text}. Raise startPeriod: half the speed would be too slow.`, isProblem: true },
  ];
}

function highestOf(tasks: readonly TaskMeasurement[], name: string): number | undefined {
  const peaks = tasks.flatMap(({ containers }) =>
    containers.filter((one) => one.name === name).flatMap((one) => one.peakMemoryMib ?? []),
  );
  if (peaks.length === 0) return undefined;
  return Math.max(...peaks);
}

function memoryFindings(
  { name, limits: { memoryMib: limit } }: ContainerMeasurement,
  peak: number | undefined,
): readonly RehearsalFinding[] {
  if (peak === undefined || limit === undefined) return [];
  const share = Math.round((100 * peak) / limit);
  const text = `${name}: used at most ${Math.ceil(peak)} MiB of its ${limit} MiB of memory`;
  if (share >= 80)
    return [{ text: `${text}. Under load this may not be enough.`, isProblem: true }];
  // Without traffic: twice the reading leaves room for requests.
  const enough = Math.max(32, 2 ** Math.ceil(Math.log2(peak * 2)));
  if (enough > limit / 2) return [{ text: `${text}.`, isProblem: false }];
  return [{ text: `${text}; without traffic ${enough} MiB would be enough.`, isProblem: false }];
}

function stopFindings(
  { name, exitCode, reason, limits }: ContainerMeasurement,
  seconds: number | undefined,
): readonly RehearsalFinding[] {
  if (seconds === undefined || exitCode === undefined) return [];
  const limit = limits.stopTimeoutSeconds;
  const killed = exitCode === 137 && reason === undefined && seconds >= limit;
  if (!killed)
    return [
      {
        text: `${name}: ended with exit code ${exitCode} within ${seconds} s after SIGTERM; stopTimeout is ${limit} s.`,
        isProblem: false,
      },
    ];
  return [
    {
      text:
        `${name}: did not end within ${limit} s (stopTimeout) after SIGTERM and was killed: ` +
        "requests in progress are lost in every deployment, and each takes that much longer. " +
        "Handle SIGTERM; a shell in front of the program must start it with exec.",
      isProblem: true,
    },
  ];
}

function portFindings({ name, silentPorts }: ContainerMeasurement): readonly RehearsalFinding[] {
  return silentPorts.map((port) => ({
    text:
      `${name}: nothing accepts a connection on port ${port} of portMappings. A program that ` +
      "listens on 127.0.0.1 is not reachable from outside: let it listen on 0.0.0.0.",
    isProblem: true,
  }));
}

function logFindings({
  name,
  garbledLines,
  readonlyErrors,
}: ContainerMeasurement): readonly RehearsalFinding[] {
  const refused = readonlyErrors.map((line) => ({
    text: `${name}: a write to the read-only root was refused: ${line}`,
    isProblem: true,
  }));
  if (garbledLines === 0) return refused;
  return [
    ...refused,
    {
      text: `${name}: ${garbledLines} log lines are not text (UTF-8 without control characters).`,
      isProblem: true,
    },
  ];
}

const bytesPerSecond = 100_000_000 / 8;

function imageFinding({ sizeInBytes }: ImageMeasurement): RehearsalFinding {
  const megabytes = Math.ceil(sizeInBytes / 100_000) / 10;
  const seconds = Math.max(1, Math.ceil(sizeInBytes / bytesPerSecond));
  return {
    text: `Image: ${megabytes} MB compressed, about ${seconds} s to pull at 100 Mbit/s.`,
    isProblem: false,
  };
}
