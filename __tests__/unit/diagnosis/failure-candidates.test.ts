// Which container is blamed for the end of a task, and what a task waits for that does not start.

import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/diagnosis/diagnosis.ts";
import type { Evidence } from "../../../src/diagnosis/evidence.ts";
import type { DefinedContainer } from "../../../src/diagnosis/failure-candidates.ts";
import type { ServiceTask, TaskContainer } from "../../../src/ecs/service-task.ts";

const essential = (name: string, more: Partial<DefinedContainer> = {}): DefinedContainer => ({
  name,
  image: `${name}:1`,
  essential: true,
  ...more,
});
const optional = (name: string): DefinedContainer => essential(name, { essential: false });

let count = 0;
const task = (more: Partial<ServiceTask>): ServiceTask => ({
  id: String(++count).padStart(32, "0"),
  startedBy: "ecs-svc/2",
  lastStatus: "STOPPED",
  health: "UNKNOWN",
  stoppedAt: 1,
  stopCode: "EssentialContainerExited",
  stoppedReason: "Essential container in task exited",
  containers: [],
  ...more,
});

const nothing: Evidence = {
  stoppedTasks: [],
  liveTasks: [],
  events: [],
  triggeredAlarms: [],
  imageMismatches: [],
  containers: [essential("app")],
  missing: [],
};
const stopped = (
  containers: readonly TaskContainer[],
  defined: readonly DefinedContainer[] = nothing.containers,
  more: Partial<ServiceTask> = {},
) => diagnose({ ...nothing, containers: defined, stoppedTasks: [task({ containers, ...more })] });
const waits = (
  containers: readonly TaskContainer[],
  defined: readonly DefinedContainer[],
  more: Partial<ServiceTask> = {},
) =>
  diagnose({
    ...nothing,
    containers: defined,
    liveTasks: [
      task({ lastStatus: "PENDING", stopCode: "", stoppedReason: "", containers, ...more }),
    ],
  });

const guardDuty = "aws-guardduty-agent-a1b2";
const timedOut =
  'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref 593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1: failed to do request: Head "https://593207742271.dkr.ecr.us-east-1.amazonaws.com/v2/": dial tcp 10.0.3.17:443: i/o timeout';
const forbidden =
  "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1: pulling from host failed with status code [manifests v1]: 403 Forbidden";
const outOfMemory = "OutOfMemoryError: Container killed due to memory usage";
const noCommand =
  'CannotStartContainerError: OCI runtime create failed: runc create failed: exec: "agent": executable file not found in $PATH: unknown';

describe("a container that may fail is not blamed, but named", () => {
  test("GuardDuty's agent cannot be pulled, the app exits", () => {
    const diagnosis = stopped([
      { name: "app", exitCode: 1 },
      { name: guardDuty, reason: timedOut },
    ]);
    expect(diagnosis).toMatchObject({
      name: "application-error",
      cause: expect.stringContaining('Container "app" exited with code 1'),
      otherCauses: [
        {
          count: 1,
          cause: expect.stringMatching(
            /^Not the cause.*GuardDuty agent.*cannot reach the registry/,
          ),
        },
      ],
    });
  });

  test("GuardDuty's agent is refused, the load balancer finds the app unhealthy", () => {
    const unhealthy = {
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Task failed ELB health checks in (target-group arn:aws:x:targetgroup/shop/1)",
    };
    const containers = [
      { name: "app", exitCode: 143 },
      { name: guardDuty, reason: forbidden },
    ];
    expect(stopped(containers, undefined, unhealthy)).toMatchObject({
      name: "target-unhealthy",
      otherCauses: [{ cause: expect.stringContaining("GuardDuty agent") }],
    });
  });

  test("a sidecar runs out of memory, the app exits", () => {
    const containers = [
      { name: "app", exitCode: 1 },
      { name: "metrics", exitCode: 137, reason: outOfMemory },
    ];
    expect(stopped(containers, [essential("app"), optional("metrics")])).toMatchObject({
      name: "application-error",
      otherCauses: [
        {
          cause: expect.stringContaining(
            'container "metrics": Container "metrics" ran out of memory',
          ),
        },
      ],
    });
  });

  test("a sidecar does not start, the app exits", () => {
    const containers = [
      { name: "app", exitCode: 3 },
      { name: "metrics", reason: noCommand },
    ];
    expect(stopped(containers, [essential("app"), optional("metrics")]).cause).toContain(
      '"app" exited with code 3',
    );
  });

  test("a sidecar exits in error before the app ends well", () => {
    const containers = [
      { name: "app", exitCode: 0 },
      { name: "init", exitCode: 2 },
    ];
    expect(stopped(containers, [essential("app"), optional("init")])).toMatchObject({
      name: "ended-by-itself",
      otherCauses: [{ cause: expect.stringContaining('"init" exited with code 2') }],
    });
  });

  test("containers that were stopped with the task are not mentioned", () => {
    const containers = [
      { name: "app", exitCode: 1 },
      { name: "a", exitCode: 143 },
      { name: "b", exitCode: 137 },
    ];
    expect(
      stopped(containers, [essential("app"), optional("a"), optional("b")]).otherCauses,
    ).toEqual([]);
  });

  test("without the task definition GuardDuty's agent is known by its name", () => {
    const containers = [
      { name: "app", exitCode: 1 },
      { name: guardDuty, reason: timedOut },
    ];
    expect(stopped(containers, []).name).toBe("application-error");
  });
});

describe("what did end the task is blamed", () => {
  test("an essential log router that exits first", () => {
    const containers = [
      { name: "log_router", exitCode: 1 },
      { name: "app", exitCode: 143 },
    ];
    expect(stopped(containers, [essential("app"), essential("log_router")]).cause).toContain(
      '"log_router" exited',
    );
  });

  test("a container that may fail, where ECS did not start the task because of it", () => {
    const failed = { stopCode: "TaskFailedToStart", stoppedReason: timedOut };
    expect(
      stopped([{ name: "app" }, { name: guardDuty, reason: timedOut }], undefined, failed),
    ).toMatchObject({
      name: "registry-unreachable",
      otherCauses: [],
    });
  });

  test("but not where the task says something else", () => {
    const failed = {
      stopCode: "TaskFailedToStart",
      stoppedReason: "ECS was unable to assume the role 'arn:aws:iam::1:role/x'",
    };
    expect(
      stopped([{ name: "app" }, { name: guardDuty, reason: timedOut }], undefined, failed).name,
    ).toBe("role-not-assumed");
  });

  test("a container that is not defined, where ECS only stopped the app", () => {
    const containers = [
      { name: "app", exitCode: 143 },
      { name: "added-by-aws", exitCode: 1 },
    ];
    expect(stopped(containers).cause).toContain('"added-by-aws" exited with code 1');
  });

  test("the Service Connect proxy, by what it is", () => {
    const containers = [
      { name: "app", exitCode: 143 },
      { name: "ecs-service-connect-x1", exitCode: 1 },
    ];
    expect(stopped(containers)).toMatchObject({
      name: "service-connect-proxy-exited",
      cause: expect.stringContaining(
        'The Service Connect proxy (container "ecs-service-connect-x1") exited with code 1',
      ),
      remedy: expect.stringContaining("256 CPU units"),
    });
  });

  test("the app, where the proxy was stopped along", () => {
    const containers = [
      { name: "app", exitCode: 1 },
      { name: "ecs-service-connect-x1", exitCode: 0 },
    ];
    expect(stopped(containers).name).toBe("application-error");
  });

  test("of several containers the one that is UNHEALTHY", () => {
    const check = {
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Task failed container health checks",
    };
    const containers = [
      { name: "app", exitCode: 0, health: "HEALTHY" },
      { name: "ecs-service-connect-x1", exitCode: 0, health: "UNHEALTHY" },
    ];
    expect(stopped(containers, undefined, check).name).toBe("service-connect-proxy-unhealthy");
    const other = [
      { name: "app", exitCode: 0, health: "UNHEALTHY" },
      { name: "web", exitCode: 0, health: "HEALTHY" },
    ];
    expect(stopped(other, [essential("app"), essential("web")], check).cause).toContain(
      'Container "app" runs',
    );
  });
});

describe("a task that does not start names what it waits for", () => {
  const needs = (condition: string, on = "init") =>
    essential("app", { dependsOn: [{ name: on, condition }] });

  test("a dependency that exited in error", () => {
    const containers = [
      { name: "app", lastStatus: "PENDING" },
      { name: "init", lastStatus: "STOPPED", exitCode: 1 },
    ];
    expect(waits(containers, [needs("SUCCESS"), optional("init")])).toMatchObject({
      kind: "explained",
      name: "dependency-failed",
      cause:
        'Container "app" has not started: it depends on container "init" (condition SUCCESS), which exited with code 1.',
    });
  });

  test("the same, where the task definition could not be read", () => {
    const containers = [{ name: "app" }, { name: "init", exitCode: 1 }];
    expect(waits(containers, []).cause).toBe(
      'Container "app" has not started, and container "init" exited with code 1.',
    );
  });

  test("a dependency that is UNHEALTHY", () => {
    const containers = [
      { name: "app", lastStatus: "PENDING" },
      { name: "db", lastStatus: "RUNNING", health: "UNHEALTHY" },
    ];
    expect(
      waits(containers, [needs("HEALTHY", "db"), essential("db")], { health: "UNHEALTHY" }),
    ).toMatchObject({
      name: "dependency-unhealthy",
      cause: expect.stringContaining(
        'depends on container "db" (condition HEALTHY), which is UNHEALTHY',
      ),
    });
  });

  test("a dependency that is not healthy yet, or has not ended", () => {
    const containers = [
      { name: "app", lastStatus: "PENDING" },
      { name: "init", lastStatus: "RUNNING", health: "UNKNOWN" },
    ];
    expect(waits(containers, [needs("HEALTHY"), optional("init")]).cause).toContain(
      "which runs, but is not HEALTHY yet",
    );
    expect(waits(containers, [needs("COMPLETE"), optional("init")]).cause).toContain(
      "which runs and has not ended",
    );
  });

  test("in a dependency chain the failed container is named", () => {
    const defined = [
      needs("HEALTHY", "db"),
      essential("db", { dependsOn: [{ name: "init", condition: "SUCCESS" }] }),
      optional("init"),
    ];
    const containers = [
      { name: "app", lastStatus: "PENDING" },
      { name: "db", lastStatus: "PENDING" },
      { name: "init", exitCode: 4 },
    ];
    expect(waits(containers, defined).cause).toContain(
      'Container "db" has not started: it depends on container "init"',
    );
  });

  test("a dependency that is met is not reported", () => {
    const containers = [
      { name: "app", lastStatus: "PENDING" },
      { name: "init", lastStatus: "STOPPED", exitCode: 0 },
    ];
    expect(waits(containers, [needs("SUCCESS"), optional("init")]).kind).toBe("nothing-found");
    const failed = [
      { name: "app", lastStatus: "PENDING" },
      { name: "init", lastStatus: "STOPPED", exitCode: 1 },
    ];
    expect(waits(failed, [needs("COMPLETE"), optional("init")]).kind).toBe("nothing-found");
  });

  test("a throttled ECS is reported only where there is no better reason", () => {
    const events = [
      {
        id: "1",
        createdAt: 1,
        message: "(service web) operations are being throttled. Will try again later.",
      },
    ];
    const containers = [
      { name: "app", lastStatus: "PENDING" },
      { name: "init", exitCode: 1 },
    ];
    const liveTasks = [
      task({ lastStatus: "PENDING", stopCode: "", stoppedReason: "", containers }),
    ];
    const evidence = { ...nothing, events, containers: [needs("SUCCESS"), optional("init")] };
    expect(diagnose({ ...evidence, liveTasks }).name).toBe("dependency-failed");
    expect(diagnose(evidence).name).toBe("scheduler-throttled");
  });

  test("also when it was taken back before it started", () => {
    const replaced = {
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Scaling activity initiated by (deployment ecs-svc/1)",
    };
    const containers = [
      { name: "app", lastStatus: "STOPPED" },
      { name: "init", lastStatus: "STOPPED", exitCode: 1 },
    ];
    expect(stopped(containers, [needs("SUCCESS"), optional("init")], replaced).name).toBe(
      "dependency-failed",
    );
    const reported = [
      { name: "app", lastStatus: "STOPPED" },
      { name: "init", lastStatus: "STOPPED", exitCode: 143 },
    ];
    expect(stopped(reported, [needs("SUCCESS"), optional("init")], replaced).kind).toBe(
      "nothing-found",
    );
  });

  test("also when its end says nothing", () => {
    const containers = [
      { name: "app", lastStatus: "STOPPED" },
      { name: "init", lastStatus: "STOPPED", exitCode: 1 },
    ];
    expect(stopped(containers, [needs("SUCCESS"), optional("init")]).name).toBe(
      "dependency-failed",
    );
  });
});

describe("a task without a place", () => {
  const provisioning = { lastStatus: "PROVISIONING" };

  test("on EC2 it waits for an instance, of the capacity provider that is named", () => {
    expect(
      waits([], nothing.containers, {
        ...provisioning,
        launchType: "EC2",
        capacityProvider: "gpu",
      }),
    ).toMatchObject({
      kind: "explained",
      name: "waiting-for-capacity",
      cause: expect.stringMatching(/1 task is in PROVISIONING.*capacity provider gpu/),
    });
  });

  test("with a place, or on Fargate, for its network interface", () => {
    const on = (more: Partial<ServiceTask>) =>
      waits([], nothing.containers, { ...provisioning, ...more }).name;
    expect(on({ launchType: "EC2", isPlaced: true })).toBe("stuck-in-provisioning");
    expect(on({ launchType: "FARGATE" })).toBe("stuck-in-provisioning");
    expect(on({ capacityProvider: "FARGATE_SPOT" })).toBe("stuck-in-provisioning");
  });

  test("a pull that has not ended is reported; a PENDING task without a pull is not explained", () => {
    expect(waits([], nothing.containers, { isPulling: true }).name).toBe("still-pulling");
    expect(waits([], nothing.containers).kind).toBe("nothing-found");
  });
});
