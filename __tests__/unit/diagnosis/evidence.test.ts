// What is gathered after a failure: only of our deployment, bounded, and each piece able to fail alone.

import { VirtualClock } from "ecs-simulator/clock";
import { describe, expect, test } from "vitest";
import { toDeployError } from "../../../src/aws/aws-errors.ts";
import type { CallOptions } from "../../../src/aws/call.ts";
import {
  type Evidence,
  type EvidencePorts,
  gatherEvidence,
} from "../../../src/diagnosis/evidence.ts";
import { truncateLog } from "../../../src/diagnosis/log-tail.ts";
import type { ServiceTask } from "../../../src/ecs/service-task.ts";
import type { JsonObject } from "../../../src/json.ts";
import type { RolloutEnd } from "../../../src/run/rollout-end.ts";

const ours = "ecs-svc/2";
const pushed = { container: "app", reference: "shop:2", digest: "sha256:pushed" };
const theirs = "0".repeat(32);

function task(id: string, stopped: Partial<ServiceTask> = {}): ServiceTask {
  return {
    id,
    startedBy: ours,
    lastStatus: "STOPPED",
    health: "UNKNOWN",
    stoppedAt: 1,
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers: [{ name: "app", exitCode: 1, runtimeId: `runtime-${id}` }],
    ...stopped,
  };
}

const awslogs = {
  "awslogs-group": "/ecs/shop",
  "awslogs-region": "eu-west-1",
  "awslogs-stream-prefix": "shop",
};

const deployment = {
  cluster: "prod",
  service: "shop",
  id: ours,
  startedAt: 100,
  taskDefinitionArn: "arn:aws:ecs:eu-west-1:1:task-definition/shop:2",
  earlierIds: ["ecs-svc/1"],
};

function end(verdict: RolloutEnd["verdict"] = { kind: "failed", reason: "x" }): RolloutEnd {
  const event = (createdAt: number, message: string) => ({ id: message, createdAt, message });
  return {
    verdict,
    gaveUp: undefined,
    trafficShiftedAt: undefined,
    bakeStartedAt: undefined,
    outage: undefined,
    startedAt: 100,
    endedAt: 200,
    history: [],
    snapshot: {
      at: 200,
      seen: true,
      newer: [],
      service: {
        name: "shop",
        arn: "",
        clusterArn: "",
        clusterName: "prod",
        status: "ACTIVE",
        controller: "ECS",
        desiredCount: 1,
        runningCount: 1,
        pendingCount: 0,
        taskDefinitionArn: "",
        deploymentConfiguration: {},
        deployments: [],
        raw: {},
        events: [
          event(150, "(service shop) was unable to place a task."),
          event(140, `(service shop) (task ${theirs}) failed container health checks.`),
          event(
            130,
            "(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start.",
          ),
          event(99, "(service shop) was unable to do something before us."),
        ],
      },
      serviceDeployment: {
        arn: "d",
        createdAt: 100,
        status: "ROLLBACK_SUCCESSFUL",
        targetRevisionArn: "revision-2",
        statusReason: "rolled back",
        requestedTasks: 1,
        runningTasks: 0,
        pendingTasks: 0,
        hooks: [],
        triggeredAlarms: ["errors"],
        breaker: { status: "TRIGGERED", failureCount: 3, threshold: 3 },
      },
    },
  };
}

interface Changes {
  readonly stopped?: EvidencePorts["ecs"]["describeServiceTasks"];
  readonly definition?: EvidencePorts["ecs"]["describeTaskDefinition"];
  readonly revisions?: EvidencePorts["ecs"]["describeServiceRevisions"];
  readonly tail?: EvidencePorts["logs"]["readTail"];
  readonly logConfiguration?: JsonObject | undefined;
  readonly verdict?: RolloutEnd["verdict"];
}

const tasks = [
  task("old", { startedBy: "ecs-svc/1", id: theirs }),
  task("a"),
  task("b", { stoppedAt: 2 }),
];

async function gather(
  changes: Changes = {},
): Promise<Evidence & { readonly milliseconds: number; readonly asked: readonly string[] }> {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const asked: string[] = [];
  const logConfiguration =
    "logConfiguration" in changes
      ? changes.logConfiguration
      : { logDriver: "awslogs", options: awslogs };
  const evidence = await gatherEvidence(
    { deployment, end: end(changes.verdict), region: "eu-west-1", expected: [pushed] },
    {
      clock,
      ecs: {
        describeServiceTasks:
          changes.stopped ??
          (async (_cluster, _service, status) => {
            asked.push(status);
            return { tasks, truncated: false };
          }),
        describeTaskDefinition:
          changes.definition ??
          (async (arn) => ({
            arn,
            tags: [],
            definition: {
              containerDefinitions: [
                { name: "app", image: "shop:2", ...(logConfiguration && { logConfiguration }) },
              ],
            },
          })),
        describeServiceRevisions:
          changes.revisions ??
          (async () => [
            {
              arn: "revision-2",
              taskDefinitionArn: "",
              images: [{ containerName: "app", image: "shop:2", digest: "sha256:ran" }],
            },
          ]),
      },
      logs: {
        readTail:
          changes.tail ??
          (async (group, stream) => {
            asked.push(`${group} ${stream}`);
            return ["boom"];
          }),
      },
    },
  );
  return { ...evidence, milliseconds: clock.now() - startedAt, asked };
}

function awsError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const denied = (action: string) => async () => {
  throw toDeployError(action, awsError("AccessDeniedException", "User: x is not authorized"));
};
const hangs = (_: unknown, __: unknown, ___?: unknown, options?: CallOptions): Promise<never> =>
  new Promise((_resolve, reject) => {
    const signal = options?.signal ?? (_ as CallOptions)?.signal ?? (__ as CallOptions)?.signal;
    signal?.addEventListener("abort", () => reject(signal.reason));
  });

describe("what is gathered", () => {
  test("all of it", async () => {
    expect(await gather()).toMatchObject({
      breaker: { tripped: true, failedTasks: 3, threshold: 3 },
      triggeredAlarms: ["errors"],
      statusReason: "rolled back",
      containers: [{ name: "app", image: "shop:2", essential: true, logGroup: "/ecs/shop" }],
      imageMismatches: [{ ...pushed, runningDigest: "sha256:ran" }],
      logTail: {
        container: "app",
        taskId: "b",
        logGroup: "/ecs/shop",
        logStream: "shop/app/b",
        lines: ["boom"],
      },
      missing: [],
    });
  });

  test("stopped tasks of our deployment only, newest first", async () => {
    expect((await gather()).stoppedTasks.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  test("events since the update, without those of other tasks and deployments", async () => {
    expect((await gather()).events.map(({ message }) => message)).toEqual([
      "(service shop) was unable to place a task.",
    ]);
  });

  test("tasks that still run are read only when the rollout is not decided", async () => {
    expect((await gather()).asked).toEqual(["STOPPED", "/ecs/shop shop/app/b"]);
    expect((await gather({ verdict: { kind: "undecided", stage: "x" } })).asked).toEqual([
      "STOPPED",
      "RUNNING",
      "/ecs/shop shop/app/b",
    ]);
  });

  test("the log of a running UNHEALTHY task is read", async () => {
    const sick = task("live", {
      lastStatus: "RUNNING",
      health: "UNHEALTHY",
      stopCode: "",
      stoppedReason: "",
      containers: [{ name: "app" }],
    });
    const { logTail, liveTasks } = await gather({
      verdict: { kind: "undecided", stage: "x" },
      stopped: async (_cluster, _service, status) => ({
        tasks: status === "RUNNING" ? [sick, { ...sick, startedBy: "ecs-svc/1" }] : [],
        truncated: false,
      }),
    });
    expect(liveTasks).toEqual([sick]);
    expect(logTail).toMatchObject({ taskId: "live", lines: ["boom"] });
  });

  test("the same digest is no finding, nor is one that ECS does not report", async () => {
    const revision = (digest?: string) => async () => [
      {
        arn: "revision-2",
        taskDefinitionArn: "",
        images: [{ containerName: "app", image: "", ...(digest && { digest }) }],
      },
    ];
    expect((await gather({ revisions: revision("sha256:pushed") })).imageMismatches).toEqual([]);
    expect((await gather({ revisions: revision() })).imageMismatches).toEqual([]);
    expect((await gather({ revisions: async () => [] })).imageMismatches).toEqual([]);
  });

  test("more stopped tasks than were read are mentioned", async () => {
    const { missing } = await gather({ stopped: async () => ({ tasks, truncated: true }) });
    expect(missing).toEqual(["stopped tasks: there are more than were read"]);
  });
});

describe("log tail", () => {
  const wordless: readonly (readonly [string, JsonObject | undefined, string])[] = [
    ["no log configuration", undefined, "it does not log to CloudWatch (no logConfiguration)."],
    [
      "another driver",
      { logDriver: "awsfirelens", options: {} },
      "it does not log to CloudWatch (log driver awsfirelens).",
    ],
  ];
  test.each(wordless)(
    "%s: reported, nothing is read, and nothing is missing",
    async (_, logConfiguration, why) => {
      const { missing, asked, logTail, noLog } = await gather({ logConfiguration });
      expect(noLog).toBe(`No log of container "app" to show: ${why}`);
      expect({ missing, asked, logTail }).toEqual({
        missing: [],
        asked: ["STOPPED"],
        logTail: undefined,
      });
    },
  );

  const elsewhere: readonly (readonly [string, JsonObject | undefined, string])[] = [
    [
      "another region",
      { logDriver: "awslogs", options: { ...awslogs, "awslogs-region": "us-east-1" } },
      "they are in another region (us-east-1), log group /ecs/shop, stream shop/app/b",
    ],
  ];
  test.each(elsewhere)("%s: reported, and nothing is read", async (_, logConfiguration, why) => {
    const { missing, asked, logTail } = await gather({ logConfiguration });
    expect(missing).toEqual([`last log lines of container "app": ${why}`]);
    expect(asked).toEqual(["STOPPED"]);
    expect(logTail).toBeUndefined();
  });

  test("without a prefix the stream is named after the container's runtime id", async () => {
    const { "awslogs-stream-prefix": _, ...options } = awslogs;
    expect(
      (await gather({ logConfiguration: { logDriver: "awslogs", options } })).logTail?.logStream,
    ).toBe("runtime-b");
    const { missing } = await gather({
      logConfiguration: { logDriver: "awslogs", options },
      stopped: async () => ({
        tasks: [task("a", { containers: [{ name: "app", exitCode: 1 }] })],
        truncated: false,
      }),
    });
    expect(missing[0]).toContain("awslogs-stream-prefix is not set");
  });

  const failing: readonly (readonly [string, EvidencePorts["logs"]["readTail"], string])[] = [
    [
      "AccessDenied",
      denied("logs:GetLogEvents"),
      "Allow logs:GetLogEvents on arn:aws:logs:eu-west-1:*:log-group:/ecs/shop:*",
    ],
    [
      "no group",
      async () => {
        throw toDeployError(
          "logs:GetLogEvents",
          awsError("ResourceNotFoundException", "The specified log group does not exist."),
        );
      },
      "log group /ecs/shop does not exist",
    ],
  ];
  test.each(failing)("%s", async (_, tail, why) => {
    const { missing, stoppedTasks } = await gather({ tail });
    expect(missing).toEqual([expect.stringContaining(why)]);
    expect(stoppedTasks).toHaveLength(2);
  });

  const silent: readonly (readonly [string, EvidencePorts["logs"]["readTail"]])[] = [
    [
      "no stream",
      async () => {
        throw toDeployError(
          "logs:GetLogEvents",
          awsError("ResourceNotFoundException", "The specified log stream does not exist."),
        );
      },
    ],
    ["an empty stream", async () => []],
  ];
  test.each(silent)("%s: the log was read and is empty", async (_, tail) => {
    const { missing, noLog } = await gather({ tail });
    expect(missing).toEqual([]);
    expect(noLog).toBe(
      'No log output from container "app" (log group /ecs/shop, stream shop/app/b). Check its command, and that it logs to stdout.',
    );
  });

  test("a task that never ran has none, and that is no missing piece", async () => {
    const { missing, asked } = await gather({
      stopped: async () => ({
        tasks: [task("a", { containers: [{ name: "app" }] })],
        truncated: false,
      }),
    });
    expect(missing).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe("each piece fails alone", () => {
  test("stopped tasks", async () => {
    const evidence = await gather({ stopped: denied("ecs:ListTasks") });
    expect(evidence.missing).toEqual([
      expect.stringMatching(/^stopped tasks: not allowed. Allow the action "ecs:ListTasks"/),
    ]);
    expect(evidence).toMatchObject({
      stoppedTasks: [],
      imageMismatches: [pushed],
      triggeredAlarms: ["errors"],
    });
    expect(evidence.events).toHaveLength(2);
  });

  test("task definition: no log tail either, the tasks are kept", async () => {
    const evidence = await gather({ definition: denied("ecs:DescribeTaskDefinition") });
    expect(evidence.missing).toEqual([expect.stringContaining("ecs:DescribeTaskDefinition")]);
    expect(evidence.stoppedTasks).toHaveLength(2);
  });

  test("image digest", async () => {
    const evidence = await gather({ revisions: denied("ecs:DescribeServiceRevisions") });
    expect(evidence.missing).toEqual([expect.stringContaining("ecs:DescribeServiceRevisions")]);
    expect(evidence.logTail?.lines).toEqual(["boom"]);
  });

  test("without the newer API there is no digest, and the classic count is used for the breaker", async () => {
    const { serviceDeployment: _, ...snapshot } = end().snapshot;
    const deployments = [
      {
        id: ours,
        status: "ACTIVE",
        taskDefinitionArn: "",
        desiredCount: 1,
        pendingCount: 0,
        runningCount: 0,
        failedTasks: 4,
        createdAt: 100,
      },
    ];
    const classic = {
      ...end(),
      snapshot: { ...snapshot, service: { ...snapshot.service!, deployments } },
    };
    const evidence = await gatherEvidence(
      { deployment, end: classic, region: "eu-west-1", expected: [pushed] },
      {
        clock: new VirtualClock(),
        ecs: {
          describeServiceTasks: async () => ({ tasks: [], truncated: false }),
          describeTaskDefinition: async (arn) => ({ arn, tags: [], definition: {} }),
          describeServiceRevisions: denied("ecs:DescribeServiceRevisions"),
        },
        logs: { readTail: async () => [] },
      },
    );
    expect(evidence).toMatchObject({
      breaker: { tripped: false, failedTasks: 4 },
      triggeredAlarms: [],
      missing: [],
    });
  });
});

describe("nothing delays the verdict for long", () => {
  test("a log that never answers is given up after 10 s", async () => {
    const { missing, milliseconds } = await gather({ tail: hangs });
    expect(missing).toEqual(['last log lines of container "app": no answer within 10 s']);
    expect(milliseconds).toBe(10_000);
  });

  test("when nothing answers it is over in 20 s, and every piece is named", async () => {
    const { missing, milliseconds } = await gather({
      stopped: hangs,
      definition: hangs as never,
      revisions: hangs as never,
      tail: hangs,
    });
    expect(missing.toSorted()).toEqual([
      "image digest: no answer within 10 s",
      "stopped tasks: no answer within 10 s",
      "task definition: no answer within 10 s",
    ]);
    expect(milliseconds).toBeLessThanOrEqual(20_000);
  });

  test("what does not listen to its signal is not waited for either", async () => {
    const { milliseconds } = await gather({ tail: () => new Promise(() => {}) });
    expect(milliseconds).toBe(10_000);
  });
});

describe("a log is bounded and harmless", () => {
  test("fifty lines, the newest", () => {
    const lines = truncateLog(Array.from({ length: 80 }, (_, index) => `line ${index}`));
    expect(lines).toHaveLength(50);
    expect(lines.at(0)).toBe("line 30");
    expect(lines.at(-1)).toBe("line 79");
  });

  test("8 KiB, the newest lines whole", () => {
    const lines = truncateLog(
      Array.from({ length: 20 }, (_, index) => `${index} ${"x".repeat(1_000)}`),
    );
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)?.startsWith("19 ")).toBe(true);
  });

  test("one endless line is cut, not dropped, and no character is halved", () => {
    const [line, ...others] = truncateLog(["first", "ü".repeat(9_000)]);
    expect(others).toEqual([]);
    expect(Buffer.byteLength(line ?? "")).toBeLessThanOrEqual(8 * 1024);
    expect(line).toMatch(/^ü+…$/);
  });

  test("control characters go, colours too", () => {
    expect(truncateLog(["\u001b[31mred\u001b[0m\u0007 \u0000alert\r"])).toEqual(["red alert"]);
  });

  test.each(["::add-mask::x", "  ::error title=x::y", "##[error]x", "said ##[set-env name=PATH]x"])(
    "%s cannot inject a workflow command",
    (line) => {
      const [harmless = ""] = truncateLog([line]);
      expect(harmless.trimStart().startsWith("::")).toBe(false);
      expect(harmless).not.toContain("##[");
    },
  );
});
