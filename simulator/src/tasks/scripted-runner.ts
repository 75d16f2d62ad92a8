// Virtual tasks: each plays the behaviour that the scenario chose for it, with a function of this
// file:
//
//   scriptedRunner({
//     clock,
//     behaviour: ({ revision }) =>
//       revision === 2 ? exitsWith(1, { logs: ["boom"] }) : healthyAfter(8_000),
//   })

import type {
  LaunchedContainer,
  SimulatorClock,
  StoppedContainer,
  TaskEvents,
  TaskHandle,
  TaskLaunch,
  TaskRunner,
  TaskStop,
} from "../contract.ts";

/** What happens to a task once its image has been pulled. */
type TaskCourse =
  /**
   * Runs until it is asked to stop; containers with a health check become HEALTHY after
   * `healthyAfter`, or never.
   */
  | {
      readonly is: "runs";
      readonly healthyAfter: number | "never" | { readonly unhealthyAfter: number };
    }
  /**
   * A container exits by itself, this long after it started. Healthy before that, if `healthyAfter`
   * is given.
   */
  | {
      readonly is: "exits";
      readonly exitCode: number;
      readonly after: number;
      readonly healthyAfter?: number;
      readonly reason?: string;
      readonly container?: string;
    }
  /** Never runs. */
  | {
      readonly is: "failsToStart";
      readonly stopCode: string;
      readonly stoppedReason: string;
      readonly containerReason?: string;
    }
  /** A container that is not essential exits by itself; the others run until asked to stop. */
  | {
      readonly is: "isLeft";
      readonly container: string;
      readonly exitCode: number;
      readonly after: number;
    }
  /**
   * `container` runs and the others wait for it in vain: it exits with an error, becomes UNHEALTHY,
   * or just keeps running. The task stays PENDING.
   */
  | {
      readonly is: "waits";
      readonly container: string;
      readonly becomes: { readonly exitCode: number } | "UNHEALTHY" | "nothing";
      readonly after: number;
    }
  /** Its host is lost: there is no exit code. */
  | {
      readonly is: "vanishes";
      readonly after: number;
      readonly stopCode: "TerminationNotice" | "InfrastructureHealth";
      readonly stoppedReason: string;
    }
  /** Runs until the scheduler stops it for this reason (a failed load balancer check). */
  | { readonly is: "condemned"; readonly after: number; readonly stoppedReason: string };

export interface Behaviour {
  /** Milliseconds; default 2 s. */
  readonly pullsFor?: number;
  /** From the pull's end until all containers run; default 1 s. */
  readonly startsFor?: number;
  /** From the stop request until it has stopped; default 1 s. */
  readonly stopsFor?: number;
  /** Exit code of a task that is asked to stop; default 0. */
  readonly stopsWith?: number;
  /**
   * Lines of the first essential container (or of the named one), written from its start on, 100 ms
   * apart.
   */
  readonly logs?: readonly string[];
  readonly privateIpv4Address?: string;
  /** How the other containers ended, at the task's end; including those that AWS added. */
  readonly also?: readonly StoppedContainer[];
  readonly next: TaskCourse;
}

type Extras = Omit<Behaviour, "next">;

/**
 * The default: starts, becomes healthy after 8 s when it has a health check, runs until asked to
 * stop.
 */
export const runs = (extras: Extras = {}): Behaviour => ({
  ...extras,
  next: { is: "runs", healthyAfter: 8_000 },
});

export const healthyAfter = (milliseconds: number, extras: Extras = {}): Behaviour => ({
  ...extras,
  next: { is: "runs", healthyAfter: milliseconds },
});

/** Runs, but its health check never passes: UNHEALTHY after `after` (default 30 s). */
export const neverHealthy = ({
  after = 30_000,
  ...extras
}: Extras & { readonly after?: number } = {}): Behaviour => ({
  ...extras,
  next: { is: "runs", healthyAfter: { unhealthyAfter: after } },
});

/** Runs, and its health check never reports anything. */
export const healthNeverReported = (extras: Extras = {}): Behaviour => ({
  ...extras,
  next: { is: "runs", healthyAfter: "never" },
});

interface ExitOptions extends Extras {
  /** Milliseconds after the start; default 1 s. */
  readonly after?: number;
  readonly healthyAfter?: number;
  readonly reason?: string;
  /** Default: the first essential container. */
  readonly container?: string;
}

export function exitsWith(exitCode: number, options: ExitOptions = {}): Behaviour {
  const { after = 1_000, healthyAfter: healthyDelay, reason, container, ...extras } = options;
  return {
    ...extras,
    next: {
      is: "exits",
      exitCode,
      after,
      ...(healthyDelay === undefined ? {} : { healthyAfter: healthyDelay }),
      ...(reason === undefined ? {} : { reason }),
      ...(container === undefined ? {} : { container }),
    },
  };
}

/** `container` exits, and its task continues. */
export const sidecarExits = (
  container: string,
  exitCode: number,
  { after = 1_000, ...extras }: Extras & { readonly after?: number } = {},
): Behaviour => ({
  ...extras,
  next: { is: "isLeft", container, exitCode, after },
});

/** The other containers wait for `container`, and never start. Default: it just keeps running. */
export const blockedBy = (
  container: string,
  becomes: Extract<TaskCourse, { is: "waits" }>["becomes"] = "nothing",
  { after = 1_000, ...extras }: Extras & { readonly after?: number } = {},
): Behaviour => ({ ...extras, next: { is: "waits", container, becomes, after } });

type Delayed = Extras & { readonly after?: number };

/** The task vanishes with its container instance. */
function lostWithHost(
  { after = 1_000, ...extras }: Delayed,
  stop: Pick<Extract<TaskCourse, { is: "vanishes" }>, "stopCode" | "stoppedReason">,
): Behaviour {
  return { ...extras, next: { is: "vanishes", after, ...stop } };
}

export const hostTerminated = (options: Delayed = {}): Behaviour =>
  lostWithHost(options, {
    stopCode: "TerminationNotice",
    stoppedReason: "Host EC2 (instance i-0123456789abcdef0) terminated.",
  });

/** The stop code is in the API's model; no text of AWS is known, so this one is ours. */
export const hostImpaired = (options: Delayed = {}): Behaviour =>
  lostWithHost(options, {
    stopCode: "InfrastructureHealth",
    stoppedReason: "The container instance (instance i-0123456789abcdef0) is impaired.",
  });

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
export const outOfMemory = (options: Omit<ExitOptions, "reason"> = {}): Behaviour =>
  exitsWith(137, {
    after: 3_000,
    ...options,
    reason: "OutOfMemoryError: Container killed due to memory usage",
  });

interface StartFailureOptions extends Extras {
  readonly stopCode?: string;
  readonly containerReason?: string;
}

/** `text` is the task's stoppedReason. */
export function failsToStart(text: string, options: StartFailureOptions = {}): Behaviour {
  const { stopCode = "TaskFailedToStart", containerReason, ...extras } = options;
  return {
    ...extras,
    next: {
      is: "failsToStart",
      stopCode,
      stoppedReason: text,
      ...(containerReason === undefined ? {} : { containerReason }),
    },
  };
}

/** The image does not exist; ECS names the image in the text. */
export function pullFails(options: Extras & { readonly image?: string } = {}): Behaviour {
  const { image = "the-image", ...extras } = options;
  const text =
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
    `failed to resolve ref ${image}: ${image}: not found`;
  return failsToStart(text, { ...extras, containerReason: text });
}

/**
 * The load balancer health check fails: the scheduler stops the task after `after` (default 30 s).
 */
export function failsTargetChecks(
  targetGroup: string,
  { after = 30_000, ...extras }: Extras & { readonly after?: number } = {},
): Behaviour {
  return {
    ...extras,
    next: {
      is: "condemned",
      after,
      stoppedReason: `Task failed ELB health checks in (target-group ${targetGroup})`,
    },
  };
}

export interface ScriptedOptions {
  readonly clock: SimulatorClock;
  /** Chooses by image, environment, revision … ; default: every task `runs()`. */
  readonly behaviour?: (launch: TaskLaunch) => Behaviour;
}

export function scriptedRunner({ clock, behaviour = () => runs() }: ScriptedOptions): TaskRunner {
  return { start: (launch, events) => play(clock, launch, events, behaviour(launch)) };
}

/** Plays one task. Timers that are left are cancelled when it ends. */
function play(
  clock: SimulatorClock,
  launch: TaskLaunch,
  events: TaskEvents,
  script: Behaviour,
): TaskHandle {
  const pending = new Set<() => void>();
  let started = false;
  let over = false;
  const later = (delay: number, work: () => void): void => {
    const cancel = clock.schedule(delay, () => {
      pending.delete(cancel);
      work();
    });
    pending.add(cancel);
  };
  const finish = (stop: TaskStop): void => {
    if (over) return;
    over = true;
    for (const cancel of pending) cancel();
    events.stopped({ ...stop, containers: withOthers(stop.containers, script.also ?? []) });
  };
  const { pullsFor = 2_000, startsFor = 1_000, stopsFor = 1_000, stopsWith = 0, next } = script;

  later(pullsFor, () => {
    if (next.is === "failsToStart") return finish(failedStart(launch, next));
    events.pulled({});
    if (next.is === "waits")
      return later(startsFor, () => playBlocked(next, script, events, later));
    later(startsFor, () => {
      started = true;
      events.running(
        script.privateIpv4Address ? { privateIpv4Address: script.privateIpv4Address } : {},
      );
      playCourse(launch, script, events, later, finish);
    });
  });
  return {
    stop(stopCode, stoppedReason) {
      const containers = launch.containers.map(({ name }): StoppedContainer => {
        if (next.is === "waits" && next.container === name)
          return { name, exitCode: typeof next.becomes === "object" ? next.becomes.exitCode : 143 };
        if (!started) return { name };
        return {
          name,
          exitCode: next.is === "isLeft" && next.container === name ? next.exitCode : stopsWith,
        };
      });
      later(started ? stopsFor : 0, () => finish({ stopCode, stoppedReason, containers }));
    },
  };
}

type Later = (delay: number, work: () => void) => void;

function playBlocked(
  next: Extract<TaskCourse, { is: "waits" }>,
  script: Behaviour,
  events: TaskEvents,
  later: Later,
): void {
  const { container, becomes, after } = next;
  events.started(container);
  for (const [index, line] of (script.logs ?? []).entries())
    later(index * 100, () => events.log(container, line));
  if (becomes === "UNHEALTHY") later(after, () => events.health(container, "UNHEALTHY"));
  else if (becomes !== "nothing") later(after, () => events.exited(container, becomes.exitCode));
}

function withOthers(
  containers: readonly StoppedContainer[],
  others: readonly StoppedContainer[],
): readonly StoppedContainer[] {
  const own = containers.filter(({ name }) => !others.some((one) => one.name === name));
  return [...own, ...others];
}

function playCourse(
  launch: TaskLaunch,
  script: Behaviour,
  events: TaskEvents,
  later: Later,
  finish: (stop: TaskStop) => void,
): void {
  const { next } = script;
  const speaker =
    ((next.is === "exits" || next.is === "isLeft") && next.container) ||
    mainContainer(launch)?.name ||
    "";
  for (const [index, line] of (script.logs ?? []).entries())
    later(index * 100, () => events.log(speaker, line));
  const become = (status: "HEALTHY" | "UNHEALTHY", after: number): void => {
    for (const { name } of launch.containers.filter(hasCheck))
      later(after, () => events.health(name, status));
  };
  switch (next.is) {
    case "runs":
      if (typeof next.healthyAfter === "number") become("HEALTHY", next.healthyAfter);
      else if (next.healthyAfter !== "never") become("UNHEALTHY", next.healthyAfter.unhealthyAfter);
      return;
    case "exits":
      if (next.healthyAfter !== undefined) become("HEALTHY", next.healthyAfter);
      return later(next.after, () => finish(exited(launch, next)));
    case "isLeft":
      return later(next.after, () => events.exited(next.container, next.exitCode));
    case "vanishes":
      return later(next.after, () =>
        finish({
          stopCode: next.stopCode,
          stoppedReason: next.stoppedReason,
          containers: launch.containers.map(({ name }) => ({ name })),
        }),
      );
    case "condemned":
      return later(next.after, () =>
        finish({
          stopCode: "ServiceSchedulerInitiated",
          stoppedReason: next.stoppedReason,
          containers: launch.containers.map(({ name }) => ({
            name,
            exitCode: script.stopsWith ?? 0,
          })),
        }),
      );
    case "failsToStart":
    case "waits":
      return;
  }
}

const mainContainer = (launch: TaskLaunch): LaunchedContainer | undefined =>
  launch.containers.find((one) => one.essential) ?? launch.containers[0];

const hasCheck = (container: LaunchedContainer): boolean =>
  container.definition["healthCheck"] !== undefined;

function failedStart(
  launch: TaskLaunch,
  next: Extract<TaskCourse, { is: "failsToStart" }>,
): TaskStop {
  const main = mainContainer(launch)?.name;
  const reason = next.containerReason === undefined ? {} : { reason: next.containerReason };
  const containers = launch.containers.map(({ name }) => ({
    name,
    ...(name === main ? reason : {}),
  }));
  return { stopCode: next.stopCode, stoppedReason: next.stoppedReason, containers };
}

/** ECS stops the other containers of the task: SIGTERM, exit 143. */
function exited(launch: TaskLaunch, next: Extract<TaskCourse, { is: "exits" }>): TaskStop {
  const name = next.container ?? mainContainer(launch)?.name;
  const reason = next.reason === undefined ? {} : { reason: next.reason };
  const containers = launch.containers.map((one): StoppedContainer => {
    if (one.name !== name) return { name: one.name, exitCode: 143 };
    return { name: one.name, exitCode: next.exitCode, ...reason };
  });
  return {
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers,
  };
}
