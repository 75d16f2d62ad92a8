// From evidence to one cause and one remedy: which cause is reported, what is only quoted, what is left out.

import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/diagnosis/diagnosis.ts";
import type { Evidence } from "../../../src/diagnosis/evidence.ts";
import type { ServiceTask, TaskContainer } from "../../../src/ecs/service-task.ts";

const nothing: Evidence = {
  stoppedTasks: [],
  liveTasks: [],
  events: [],
  triggeredAlarms: [],
  imageMismatches: [],
  containers: [{ name: "app", image: "shop:2", essential: true, logGroup: "/ecs/shop" }],
  missing: [],
};

let count = 0;
function task(
  stopped: Partial<ServiceTask> & { readonly containers?: readonly TaskContainer[] },
): ServiceTask {
  return {
    id: String(++count).padStart(32, "0"),
    startedBy: "ecs-svc/2",
    lastStatus: "STOPPED",
    health: "UNKNOWN",
    stoppedAt: 1,
    stopCode: "TaskFailedToStart",
    stoppedReason: "",
    containers: [{ name: "app" }],
    ...stopped,
  };
}

const exited = (...containers: readonly TaskContainer[]) =>
  task({
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers,
  });
const exits = (exitCode: number) => exited({ name: "app", exitCode });
const missingSecret = () =>
  task({
    stoppedReason:
      "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
  });
const replaced = () =>
  task({
    stopCode: "ServiceSchedulerInitiated",
    stoppedReason: "Scaling activity initiated by (deployment ecs-svc/1)",
    containers: [{ name: "app", exitCode: 137 }],
  });
const event = (message: string) => ({
  id: message,
  createdAt: 1,
  message: `(service shop) ${message}`,
});

describe("which cause is reported", () => {
  test("the most frequent cause, not the most frequent text", () => {
    const pull = (registry: string) =>
      task({
        stoppedReason: `CannotPullContainerError: failed to resolve ref ${registry}/shop:2: not found`,
      });
    const { name, stopReasons } = diagnose({
      ...nothing,
      stoppedTasks: [
        missingSecret(),
        missingSecret(),
        pull("a.example"),
        pull("b.example"),
        pull("c.example"),
      ],
    });
    expect(name).toBe("image-missing");
    expect(stopReasons.map((one) => one.count)).toEqual([2, 1, 1, 1]);
  });

  test("one that names what to mend comes before exits that are more frequent; the others are counted", () => {
    const diagnosis = diagnose({
      ...nothing,
      stoppedTasks: [exits(1), exits(1), exits(1), missingSecret()],
    });
    expect(diagnosis).toMatchObject({
      kind: "explained",
      name: "secret-missing",
      otherCauses: [
        {
          cause: 'Container "app" exited with code 1: the application itself ended with an error.',
          count: 3,
        },
      ],
    });
    expect(diagnosis.cause).toContain("Secret db-AbCdEf does not exist");
  });

  test("an interruption does not outrank the exits that are more frequent", () => {
    const spot = task({
      stopCode: "SpotInterruption",
      stoppedReason: "Your Spot Task was interrupted.",
    });
    expect(diagnose({ ...nothing, stoppedTasks: [spot, exits(1), exits(1)] }).name).toBe(
      "application-error",
    );
  });

  test("a container that ECS stopped is not reported as the one that crashed", () => {
    const crash = exited({ name: "sidecar", exitCode: 143 }, { name: "app", exitCode: 139 });
    expect(diagnose({ ...nothing, stoppedTasks: [crash] }).cause).toContain(
      'Container "app" crashed',
    );
  });

  test("nor is one that was killed because it did not stop in time", () => {
    const crash = exited({ name: "sidecar", exitCode: 137 }, { name: "app", exitCode: 1 });
    expect(diagnose({ ...nothing, stoppedTasks: [crash] }).cause).toContain(
      'Container "app" exited with code 1',
    );
  });

  test("nor one that is not essential", () => {
    const containers = [...nothing.containers, { name: "init", image: "x", essential: false }];
    const done = exited({ name: "init", exitCode: 2 }, { name: "app", exitCode: 0 });
    expect(diagnose({ ...nothing, containers, stoppedTasks: [done] }).name).toBe("ended-by-itself");
  });

  test("out of memory in a sidecar is reported for the sidecar", () => {
    const oom = exited(
      { name: "app", exitCode: 143 },
      {
        name: "sidecar",
        exitCode: 137,
        reason: "OutOfMemoryError: Container killed due to memory usage",
      },
    );
    expect(diagnose({ ...nothing, stoppedTasks: [oom] }).cause).toBe(
      'Container "sidecar" ran out of memory and was killed (exit code 137).',
    );
  });

  test("with several containers none is named where ECS names none", () => {
    const sick = task({
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Task failed container health checks",
      containers: [
        { name: "app", exitCode: 0 },
        { name: "sidecar", exitCode: 0 },
      ],
    });
    const containers = [...nothing.containers, { name: "sidecar", image: "x", essential: true }];
    expect(diagnose({ ...nothing, containers, stoppedTasks: [sick] }).cause).toBe(
      "A container runs, but its health check does not pass.",
    );
  });

  test("what the log says of the processor goes for all tasks that ended the same way", () => {
    const [first, second] = [exits(255), exits(255)];
    const logTail = {
      container: "app",
      taskId: first.id,
      logGroup: "/ecs/shop",
      logStream: "s",
      lines: ["exec /bin/python: exec format error"],
    };
    const diagnosis = diagnose({ ...nothing, stoppedTasks: [first, second, exits(1)], logTail });
    expect(diagnosis.name).toBe("exec-format-error");
    expect(diagnosis.otherCauses).toMatchObject([{ count: 1 }]);
  });

  test("the codes of a load balancer's check come from the event", () => {
    const condemned = task({
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Task failed ELB health checks in (target-group arn:aws:x:targetgroup/shop/1)",
      containers: [{ name: "app", exitCode: 0 }],
    });
    const events = [
      event(
        "(port 80) is unhealthy in (target-group arn:aws:x:targetgroup/shop/1) due to (reason Health checks failed with these codes: [502]).",
      ),
    ];
    expect(diagnose({ ...nothing, stoppedTasks: [condemned], events }).cause).toBe(
      "The task runs, but the load balancer health check fails (target group shop): Health checks failed with these codes: [502].",
    );
  });

  test("alarms, when it was not the tasks that tripped the breaker", () => {
    const breaker = { tripped: false, failedTasks: 0, threshold: 3 };
    const alarm = { ...nothing, triggeredAlarms: ["5xx"], breaker, stoppedTasks: [replaced()] };
    expect(diagnose(alarm)).toMatchObject({
      name: "alarm",
      cause: expect.stringContaining('alarm "5xx" went off'),
    });
    expect(
      diagnose({ ...alarm, breaker: { ...breaker, tripped: true }, stoppedTasks: [exits(1)] }).name,
    ).toBe("application-error");
  });

  test("a lifecycle hook that failed, before anything that tasks say", () => {
    const statusReason =
      "Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed.";
    expect(diagnose({ ...nothing, statusReason, stoppedTasks: [exits(1)] }).name).toBe(
      "hook-failed",
    );
  });
});

describe("when no task stopped", () => {
  const texts: readonly (readonly [string, string])[] = [
    [
      "no-instance-fits",
      "was unable to place a task because no container instance met all of its requirements.",
    ],
    ["no-capacity", "was unable to place a task. Reason: Capacity is unavailable at this time."],
    [
      "task-limit",
      "was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.",
    ],
    [
      "cpu-limit",
      "was unable to place a task. Reason: The requested CPU configuration is above your limit.",
    ],
    ["target-group-unusable", "was unable to register targets: TARGET GROUP IS NOT FOUND"],
    [
      "healthy-percent-leaves-no-capacity",
      "was unable to stop or start tasks during a deployment because of the service deployment configuration.",
    ],
  ];
  test.each(texts)("the events say why: %s", (name, text) => {
    expect(diagnose({ ...nothing, events: [event(text)] })).toMatchObject({
      kind: "explained",
      name,
    });
  });

  test("a task that runs and is UNHEALTHY is explained while it is still tried again", () => {
    const liveTasks = [task({ lastStatus: "RUNNING", stopCode: "", health: "UNHEALTHY" })];
    expect(diagnose({ ...nothing, liveTasks })).toMatchObject({
      name: "container-unhealthy",
      cause: 'Container "app" runs, but its health check does not pass.',
    });
  });

  test("tasks that stopped because of a check are explained at a time-out as well", () => {
    const sick = task({
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Task failed container health checks",
    });
    const liveTasks = [task({ lastStatus: "PENDING", stopCode: "" })];
    expect(diagnose({ ...nothing, stoppedTasks: [sick], liveTasks }).name).toBe(
      "container-unhealthy",
    );
  });

  test("an event that is not known is shown as it is", () => {
    const events = [
      event("has started 1 tasks: (task 1)."),
      event("was unable to reach the moon."),
    ];
    expect(diagnose({ ...nothing, events })).toMatchObject({
      kind: "unexplained",
      cause: expect.stringContaining("(service shop) was unable to reach the moon."),
    });
  });

  test("everyday events are no cause: nothing is found, and that is said", () => {
    const events = [
      event("has started 1 tasks: (task 1)."),
      event("registered 1 targets in (target-group x)"),
      event("has reached a steady state."),
    ];
    const liveTasks = [task({ lastStatus: "PENDING" }), task({ lastStatus: "PENDING" })];
    expect(diagnose({ ...nothing, events, liveTasks })).toMatchObject({
      kind: "nothing-found",
      cause: "ECS reported no cause, and no task of this deployment failed; 2 tasks are PENDING.",
      events: [],
    });
  });

  test("nor is the verdict in other words", () => {
    const events = [event("(deployment ecs-svc/2) deployment failed: tasks failed to start.")];
    expect(diagnose({ ...nothing, events }).kind).toBe("nothing-found");
  });

  test("what could not be read does not count as absent", () => {
    const missing = ['stopped tasks: not allowed. Allow the action "ecs:ListTasks".'];
    expect(diagnose({ ...nothing, missing })).toMatchObject({
      kind: "nothing-found",
      cause: "ECS reported no cause, and some evidence could not be read.",
      remedy: expect.stringContaining("ecs:ListTasks"),
      missing,
    });
  });
});

describe("what is reported besides the cause", () => {
  test("an unknown text is shown as it is, with what became of the containers", () => {
    const strange = task({
      stopCode: "SomethingNewer",
      stoppedReason: "Task moved to a\nbetter world",
      containers: [{ name: "app", exitCode: 7, reason: "so it goes" }],
    });
    expect(diagnose({ ...nothing, stoppedTasks: [strange, strange] })).toMatchObject({
      kind: "unexplained",
      cause:
        '2 tasks of this deployment stopped: Task moved to a better world (container "app" exited with code 7: so it goes)',
    });
  });

  test("a task that was replaced in the normal way is neither cause nor stop reason", () => {
    const diagnosis = diagnose({ ...nothing, stoppedTasks: [replaced(), replaced()] });
    expect(diagnosis).toMatchObject({ kind: "nothing-found", stopReasons: [], otherCauses: [] });
  });

  test("reasons that differ only in numbers are one, with the ids of three tasks", () => {
    const refused = (id: number) =>
      task({
        stoppedReason: `SomeError: has been retried ${id} time(s): dial tcp 10.0.0.${id}:443, request id: ${id}-a`,
      });
    const { stopReasons } = diagnose({ ...nothing, stoppedTasks: [1, 2, 3, 4].map(refused) });
    expect(stopReasons).toMatchObject([
      { count: 4, taskIds: [expect.any(String), expect.any(String), expect.any(String)] },
    ]);
  });

  test("a reason without end is cut", () => {
    const [reason] = diagnose({
      ...nothing,
      stoppedTasks: [task({ stoppedReason: "x".repeat(5_000) })],
    }).stopReasons;
    expect(reason?.reason).toHaveLength(2_000);
  });

  test("troubled events are counted, at most ten kinds", () => {
    const troubles = Array.from({ length: 12 }, (_, index) =>
      event(`was unable to do thing ${"abcdefghijkl"[index]}.`),
    );
    const { events } = diagnose({
      ...nothing,
      events: [
        event("was unable to place a task."),
        event("was unable to place a task."),
        ...troubles,
      ],
    });
    expect(events).toHaveLength(10);
    expect(events[0]).toEqual({ message: "(service shop) was unable to place a task.", count: 2 });
  });

  test("the breaker's count, the alarms and the log go through", () => {
    const breaker = { tripped: true, failedTasks: 3, threshold: 3 };
    const logTail = {
      container: "app",
      taskId: "1",
      logGroup: "g",
      logStream: "s",
      lines: ["boom"],
    };
    expect(diagnose({ ...nothing, breaker, logTail, triggeredAlarms: ["a"] })).toMatchObject({
      breaker,
      logTail,
      triggeredAlarms: ["a"],
    });
  });

  test("another image than the one pushed is a finding that names both digests", () => {
    const imageMismatch = {
      container: "app",
      reference: "shop:2",
      digest: "sha256:aa",
      runningDigest: "sha256:bb",
    };
    expect(diagnose({ ...nothing, imageMismatches: [imageMismatch] }).notes).toEqual([
      expect.stringMatching(/shop:2 was sha256:aa, but ECS resolved it to sha256:bb/),
    ]);
  });

  test("where the log would say why and cannot be shown, the next step begins with why not", () => {
    const missing = ['last log lines of container "app": no answer within 10 s'];
    expect(diagnose({ ...nothing, stoppedTasks: [exits(1)], missing }).remedy).toMatch(
      /^Could not be read: last log lines of container "app": no answer within 10 s\.\n/,
    );
    expect(diagnose({ ...nothing, stoppedTasks: [missingSecret()], missing }).remedy).not.toContain(
      "last log lines",
    );
  });

  test("an empty log is a finding, and nothing sends the user to it", () => {
    const noLog =
      'Container "app" logged nothing (log group /ecs/shop, stream s): check its command.';
    const diagnosis = diagnose({ ...nothing, stoppedTasks: [exits(1)], noLog });
    expect(diagnosis).toMatchObject({ notes: [noLog], missing: [] });
    expect(diagnosis.remedy.startsWith(`${noLog}\n`)).toBe(true);
    expect(diagnosis.remedy).not.toMatch(/log says why|say why/);
  });

  test("of an unknown text the whole is quoted, with AWS's page on such texts", () => {
    const words = `StrangeError: ${"because ".repeat(80)}no identity-based policy allows it`;
    const stopped = diagnose({ ...nothing, stoppedTasks: [task({ stoppedReason: words })] });
    expect(stopped).toMatchObject({ kind: "unexplained", cause: expect.stringContaining(words) });
    expect(stopped.remedy).toMatch(
      /does not recognize it.*docs\.aws\.amazon\.com\S+stopped-task-error-codes\.html$/s,
    );
    const placed = diagnose({ ...nothing, events: [event("was unable to reach the moon.")] });
    expect(placed.remedy).toMatch(
      /does not recognize it.*docs\.aws\.amazon\.com\S+service-event-messages-list\.html$/s,
    );
  });

  test("a reason is cut between words", () => {
    const [reason] = diagnose({
      ...nothing,
      stoppedTasks: [task({ stoppedReason: "word ".repeat(900) })],
    }).stopReasons;
    expect(reason?.reason).toMatch(/^(word )+…$/);
  });
});
