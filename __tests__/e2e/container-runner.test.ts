import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContainerRunnerOptions,
  containerRunner,
  type LaunchedContainer,
  type TaskLaunch,
  type TaskStop,
} from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";

const IMAGE = "deploy-ecs-test/busybox:1";
const FOREIGN = "deploy-ecs-test/busybox:foreign";

describe.skipIf(!engineAnswers())("tasks with real containers", () => {
  const runners: ReturnType<typeof containerRunner>[] = [];

  beforeAll(() => {
    loadBusybox(IMAGE);
    loadBusybox(FOREIGN, process.arch === "x64" ? "arm64" : "amd64");
  });

  afterAll(async () => {
    await Promise.all(runners.map((runner) => runner.close()));
    removeImages(IMAGE, FOREIGN);
  });

  function runnerWith(options: ContainerRunnerOptions = {}) {
    const runner = containerRunner({ pullBehavior: "prefer-cached", ...options });
    runners.push(runner);
    return runner;
  }

  /** Starts a task and gathers what is heard of it. */
  function begin(
    containers: readonly Partial<LaunchedContainer>[],
    { runner = runnerWith(), ...rest }: Begin = {},
  ) {
    const logs: string[] = [];
    const health: string[] = [];
    const exits: string[] = [];
    const heard = {
      running: Promise.withResolvers<Running>(),
      stopped: Promise.withResolvers<TaskStop>(),
    };
    const unhealthy = Promise.withResolvers<void>();
    const healthy = Promise.withResolvers<void>();
    const handle = runner.start(launchOf(containers, rest), {
      pulled: () => undefined,
      started: () => undefined,
      running: (details) => heard.running.resolve(details),
      health: (container, status) => {
        health.push(`${container} ${status}`);
        (status === "HEALTHY" ? healthy : unhealthy).resolve();
      },
      log: (container, message) => logs.push(`${container}: ${message}`),
      exited: (container, exitCode) => exits.push(`${container} ${exitCode}`),
      stopped: (stop) => heard.stopped.resolve(stop),
    });
    const { running, stopped } = heard;
    return {
      handle,
      logs,
      health,
      exits,
      runner,
      healthy: healthy.promise,
      unhealthy: unhealthy.promise,
      running: running.promise,
      stopped: stopped.promise,
    };
  }

  test("a task answers at its own address, and stops on request within its stop timeout", async () => {
    const script = "trap 'echo bye; exit 0' TERM; httpd -p 8080 -h /bin; echo up; sleep 100 & wait";
    const task = begin([{ name: "web", command: ["sh", "-c", script] }]);
    const { privateIpv4Address, runtimeIds } = await task.running;
    expect(runtimeIds?.["web"]).toMatch(/^[0-9a-f]{64}$/);
    const answer = await eventually(() => fetch(`http://${privateIpv4Address}:8080/busybox`));
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
    task.handle.stop("UserInitiated", "Task stopped by user");
    expect(await task.stopped).toEqual({
      stopCode: "UserInitiated",
      stoppedReason: "Task stopped by user",
      containers: [{ name: "web", exitCode: 0 }],
    });
    expect(task.logs).toEqual(["web: up", "web: bye"]);
  });

  test("a task that ignores SIGTERM is killed after its stop timeout", async () => {
    const task = begin([{ command: ["sleep", "100"], definition: { stopTimeout: 1 } }]);
    await task.running;
    const since = Date.now();
    task.handle.stop("ServiceSchedulerInitiated", "Scaling activity");
    const { containers } = await task.stopped;
    expect(containers).toEqual([{ name: "app", exitCode: 137 }]);
    expect(Date.now() - since).toBeGreaterThan(900);
  });

  test("the exit of an essential container stops the task, after its last log lines were delivered", async () => {
    const task = begin([{ command: ["sh", "-c", "echo first; echo no database >&2; exit 3"] }]);
    expect(await task.stopped).toEqual({
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [{ name: "app", exitCode: 3 }],
    });
    expect(task.logs.toSorted()).toEqual(["app: first", "app: no database"]);
  });

  test("over the memory limit", async () => {
    const task = begin([{ command: ["tail", "/dev/zero"], definition: { memory: 16 } }], {
      memory: "512",
    });
    const { stopCode, containers } = await task.stopped;
    expect(stopCode).toBe("EssentialContainerExited");
    expect(containers).toEqual([
      {
        name: "app",
        exitCode: 137,
        reason: "OutOfMemoryError: Container killed due to memory usage",
      },
    ]);
  });

  test("a command that is not in the image", async () => {
    const { stopCode, stoppedReason, containers } = await begin([{ command: ["migrate", "up"] }])
      .stopped;
    expect(stopCode).toBe("TaskFailedToStart");
    expect(stoppedReason).toMatch(
      /^CannotStartContainerError: Error response from daemon: .*"migrate": executable file not found/,
    );
    expect(containers).toEqual([{ name: "app", reason: stoppedReason }]);
  });

  test("an image for another CPU architecture", async () => {
    const { stopCode, stoppedReason } = await begin([{ image: FOREIGN, command: ["true"] }])
      .stopped;
    expect(stopCode).toBe("TaskFailedToStart");
    expect(stoppedReason).toMatch(
      /^CannotPullContainerError: .*image Manifest does not contain descriptor matching platform 'linux\//,
    );
  });

  test("an image that cannot be pulled, and credentials that leave nothing behind", async () => {
    const registry = "127.0.0.1:9";
    const runner = runnerWith({
      credentials: () => ({ registry, username: "AWS", password: "secret" }),
    });
    const before = leftovers();
    const { stopCode, stoppedReason, containers } = await begin([{ image: `${registry}/app:1` }], {
      runner,
    }).stopped;
    expect(stopCode).toBe("TaskFailedToStart");
    expect(stoppedReason).toMatch(
      /^CannotPullContainerError: .*failed to resolve ref 127.0.0.1:9\/app:1: failed to do request: .*refused/,
    );
    expect(containers).toEqual([{ name: "app", reason: stoppedReason }]);
    expect(leftovers()).toEqual(before);
  });

  test("a rejected sign-in", async () => {
    const refuse = () => {
      throw Object.assign(
        new Error("User is not authorized to perform ecr:GetAuthorizationToken"),
        {
          name: "AccessDeniedException",
        },
      );
    };
    const runner = runnerWith({ credentials: refuse, pullBehavior: "always" });
    const { stoppedReason } = await begin([{}], { runner }).stopped;
    expect(stoppedReason).toMatch(
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*AccessDeniedException: User is not/,
    );
  });

  test("the health status is that of the health check in the definition", async () => {
    const check = (command: string[]) => ({
      healthCheck: { command, interval: 5, timeout: 2, retries: 1 },
    });
    const good = begin([
      { command: ["sleep", "100"], definition: check(["CMD", "echo", "it's $fine"]) },
    ]);
    const bad = begin([{ command: ["sleep", "100"], definition: check(["CMD-SHELL", "exit 1"]) }]);
    await Promise.all([good.healthy, bad.unhealthy]);
    expect(good.health).toEqual(["app HEALTHY"]);
    expect(bad.health).toEqual(["app UNHEALTHY"]);
    await Promise.all([good.runner.close(), bad.runner.close()]);
  }, 60_000);

  test("containers of a task share one network; one that is not essential may end", async () => {
    const wget =
      "for i in 1 2 3 4 5 6 7 8 9; do wget -q -O /dev/null http://127.0.0.1:8080/busybox && exit 7; sleep 1; done";
    const runner = runnerWith({ maximumStopTimeout: 1 });
    const containers = [
      { name: "probe", essential: false, command: ["sh", "-c", `${wget}`] },
      { name: "log", essential: false, command: ["sh", "-c", "echo ready; exec sleep 100"] },
      { name: "web", command: ["httpd", "-f", "-p", "8080", "-h", "/bin"] },
    ];
    const task = begin(containers, { runner });
    await task.running;
    await eventually(async () => task.logs.includes("log: ready") || Promise.reject());
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(task.exits).toEqual(["probe 7"]);
    task.handle.stop("UserInitiated", "enough");
    expect((await task.stopped).containers).toEqual([
      { name: "probe", exitCode: 7 },
      { name: "log", exitCode: 137 },
      { name: "web", exitCode: 137 },
    ]);
  });

  test("a container waits for those that it depends on, and shares a volume with them", async () => {
    const mountPoints = [{ sourceVolume: "data", containerPath: "/data" }];
    const task = begin([
      {
        name: "web",
        command: ["sh", "-c", "read word </data/word; echo found $word"],
        definition: {
          mountPoints,
          dependsOn: [{ containerName: "migrate", condition: "SUCCESS" }],
        },
      },
      {
        name: "migrate",
        essential: false,
        command: ["sh", "-c", "sleep 1; echo ready >/data/word"],
        definition: { mountPoints },
      },
    ]);
    await task.stopped;
    expect(task.logs).toEqual(["web: found ready"]);
  });

  test("a container that depends on the success of another one does not start without it", async () => {
    const { stopCode, stoppedReason } = await begin([
      {
        name: "web",
        command: ["sleep", "100"],
        definition: { dependsOn: [{ containerName: "migrate", condition: "SUCCESS" }] },
      },
      { name: "migrate", essential: false, command: ["false"] },
    ]).stopped;
    expect(stopCode).toBe("TaskFailedToStart");
    expect(stoppedReason).toMatch(/dependency \[migrate\] for target \[web\]/);
  });

  test("environment, entry point and user are passed unchanged; values are in no argument list", async () => {
    const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const command = join(folder, "docker");
    writeFileSync(command, `#!/bin/sh\necho "$@" >>"${folder}/arguments"\nexec docker "$@"\n`, {
      mode: 0o755,
    });
    const environment = {
      EMPTY: "",
      SPACES: "  a b ",
      HASH: "#1 $HOME",
      LINES: "line one\nline two",
    };
    const script =
      'echo "[$EMPTY][$SPACES][$HASH]"; echo "$LINES"; echo "$0 $1"; echo "user $(busybox id -u)"; pwd';
    const task = begin(
      [
        {
          environment,
          entryPoint: ["sh", "-c", script],
          command: ["zero", "one"],
          definition: { user: "1234", workingDirectory: "/bin" },
        },
      ],
      { runner: runnerWith({ docker: { command } }) },
    );
    await task.stopped;
    expect(task.logs.map((line) => line.replace("app: ", ""))).toEqual([
      "[][  a b ][#1 $HOME]",
      "line one",
      "line two",
      "zero one",
      "user 1234",
      "/bin",
    ]);
    const given = readFileSync(join(folder, "arguments"), "utf8");
    expect(given).toContain("create --pull never");
    expect(given).not.toMatch(/a b {2}|#1|line two/);
    await task.runner.close();
  });

  test("stopped while it is still being pulled", async () => {
    const arrived = Promise.withResolvers<void>();
    const silent = createServer(() => arrived.resolve()).listen(0, "127.0.0.1");
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once("listening", resolve));
    const task = begin([{ image: `127.0.0.1:${(silent.address() as AddressInfo).port}/never:1` }]);
    await arrived.promise;
    task.handle.stop("UserInitiated", "never mind");
    expect(await task.stopped).toEqual({
      stopCode: "UserInitiated",
      stoppedReason: "never mind",
      containers: [{ name: "app" }],
    });
  });

  test("close removes every container at once, and reports nothing more", async () => {
    const runner = runnerWith();
    let stops = 0;
    const tasks = [1, 2].map(() => begin([{ command: ["sleep", "100"] }], { runner }));
    for (const { stopped } of tasks) void stopped.then(() => stops++);
    await Promise.all(tasks.map(({ running }) => running));
    const since = Date.now();
    await runner.close();
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(stops).toBe(0);
    expect(() => begin([{}], { runner })).toThrow("closed");
    const left = spawnSync("docker", [
      "ps",
      "-aq",
      "--filter",
      `label=deploy-ecs.simulator=${runner.instance}`,
    ]);
    expect(left.stdout.toString()).toBe("");
  });

  test("nothing is left of stopped tasks", async () => {
    const runner = runnerWith();
    await Promise.all(
      [["true"], ["nope"]].map((command) => begin([{ command }], { runner }).stopped),
    );
    await eventually(async () => {
      const left = spawnSync("docker", [
        "ps",
        "-aq",
        "--filter",
        `label=deploy-ecs.simulator=${runner.instance}`,
      ]);
      return left.stdout.toString() === "" || Promise.reject();
    });
    await runner.close();
  });
});

interface Running {
  readonly privateIpv4Address?: string;
  readonly runtimeIds?: Readonly<Record<string, string>>;
}

interface Begin extends Partial<TaskLaunch> {
  readonly runner?: ReturnType<typeof containerRunner>;
}

let count = 0;

function launchOf(
  containers: readonly Partial<LaunchedContainer>[],
  rest: Partial<TaskLaunch>,
): TaskLaunch {
  const taskId = String(++count).padStart(32, "0");
  return {
    taskArn: `arn:aws:ecs:eu-central-1:123456789012:task/test/${taskId}`,
    taskId,
    clusterName: "test",
    startedBy: "ecs-svc/1",
    taskDefinitionArn: "arn:aws:ecs:eu-central-1:123456789012:task-definition/app:1",
    family: "app",
    revision: 1,
    ...rest,
    containers: containers.map((container) => ({
      name: "app",
      image: IMAGE,
      essential: true,
      environment: {},
      definition: {},
      ...container,
    })),
  };
}

/** Folders of ours in the machine's temporary folder. */
function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^deploy-ecs-(pull|task)-/.test(name));
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
