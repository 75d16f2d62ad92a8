import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import type { TaskLaunch } from "../../src/contract.ts";
import {
  type Behaviour,
  blockedBy,
  exitsWith,
  failsTargetChecks,
  failsToStart,
  healthNeverReported,
  healthyAfter,
  hostImpaired,
  hostTerminated,
  neverHealthy,
  outOfMemory,
  pullFails,
  runs,
  scriptedRunner,
  sidecarExits,
} from "../../src/tasks/scripted-runner.ts";

const container = (name: string, more: object = {}) => ({
  name,
  image: "app:1",
  essential: true,
  environment: {},
  definition: { name, healthCheck: { command: ["CMD", "true"] } },
  ...more,
});

const launch: TaskLaunch = {
  taskArn: "arn:task/1",
  taskId: "1",
  clusterName: "shop",
  startedBy: "ecs-svc/1",
  taskDefinitionArn: "arn:td",
  family: "web",
  revision: 1,
  containers: [container("side", { essential: false, definition: {} }), container("app")],
};

/** What the engine hears, each line with its second; `stopAt`: asked to stop then. */
function play(
  behaviour: Behaviour | undefined,
  { seconds = 120, stopAt = Infinity } = {},
): string[] {
  const clock = new VirtualClock(0);
  const heard: string[] = [];
  const note = (what: string, ...details: unknown[]) =>
    void heard.push(
      [
        clock.now() / 1000,
        what,
        ...details.map((one) => (typeof one === "string" ? one : JSON.stringify(one))),
      ].join(" "),
    );
  const runner = scriptedRunner({ clock, ...(behaviour && { behaviour: () => behaviour }) });
  const handle = runner.start(launch, {
    pulled: () => note("pulled"),
    started: (name) => note("started", name),
    running: (details) => note("running", details),
    health: (name, status) => note("health", name, status),
    log: (name, message) => note("log", name, message),
    exited: (name, exitCode) => note("exited", name, exitCode),
    stopped: (stop) => note("stopped", stop.stopCode, stop.containers),
  });
  clock.schedule(stopAt * 1_000, () => handle.stop("ServiceSchedulerInitiated", "scaling"));
  clock.advance(seconds * 1_000);
  return heard;
}

describe("a scripted task", () => {
  it("by default pulls for 2 s, starts for 1 s, is healthy 8 s later and runs", () => {
    expect(play(undefined)).toEqual(["2 pulled", "3 running {}", "11 health app HEALTHY"]);
  });

  it("stops on request, with its own exit code after its own delay", () => {
    expect(play(runs(), { stopAt: 20 }).at(-1)).toBe(
      '21 stopped ServiceSchedulerInitiated [{"name":"side","exitCode":0},{"name":"app","exitCode":0}]',
    );
    expect(play(runs({ stopsFor: 30_000, stopsWith: 137 }), { stopAt: 20 }).at(-1)).toContain(
      '50 stopped ServiceSchedulerInitiated [{"name":"side","exitCode":137}',
    );
  });

  it("stopped while it pulls: no exit code", () => {
    expect(play(runs({ pullsFor: 60_000 }), { stopAt: 5 })).toEqual([
      '5 stopped ServiceSchedulerInitiated [{"name":"side"},{"name":"app"}]',
    ]);
  });

  it("has an address and writes the configured log lines", () => {
    expect(
      play(healthyAfter(1_000, { privateIpv4Address: "10.0.0.9", logs: ["up", "ready"] })),
    ).toEqual([
      "2 pulled",
      '3 running {"privateIpv4Address":"10.0.0.9"}',
      "3 log app up",
      "3.1 log app ready",
      "4 health app HEALTHY",
    ]);
  });

  it("exits by itself, and takes the others along", () => {
    expect(play(exitsWith(2, { after: 500, logs: ["boom"] }))).toEqual([
      "2 pulled",
      "3 running {}",
      "3 log app boom",
      '3.5 stopped EssentialContainerExited [{"name":"side","exitCode":143},{"name":"app","exitCode":2}]',
    ]);
    expect(play(exitsWith(1, { container: "side" })).at(-1)).toContain(
      '[{"name":"side","exitCode":1},{"name":"app","exitCode":143}]',
    );
  });

  it("goes on when a container leaves it that is not essential", () => {
    expect(play(sidecarExits("side", 3, { after: 2_000, logs: ["done"] }), { stopAt: 20 })).toEqual(
      [
        "2 pulled",
        "3 running {}",
        "3 log side done",
        "5 exited side 3",
        '21 stopped ServiceSchedulerInitiated [{"name":"side","exitCode":3},{"name":"app","exitCode":0}]',
      ],
    );
  });

  it("goes with its host, and has no exit code", () => {
    expect(play(hostTerminated({ after: 4_000 })).at(-1)).toBe(
      '7 stopped TerminationNotice [{"name":"side"},{"name":"app"}]',
    );
    expect(play(hostImpaired({ after: 4_000 })).at(-1)).toBe(
      '7 stopped InfrastructureHealth [{"name":"side"},{"name":"app"}]',
    );
  });

  it("may be healthy before it exits", () => {
    expect(play(exitsWith(1, { healthyAfter: 2_000, after: 5_000 })).slice(2)).toEqual([
      "5 health app HEALTHY",
      expect.stringContaining("8 stopped EssentialContainerExited"),
    ]);
  });

  it("runs out of memory", () => {
    expect(play(outOfMemory()).at(-1)).toContain(
      '{"name":"app","exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"}',
    );
  });

  it("never starts", () => {
    expect(play(pullFails({ image: "app:9" }))).toEqual([
      expect.stringMatching(
        /^2 stopped TaskFailedToStart \[\{"name":"side"\},\{"name":"app","reason":"CannotPullContainerError: .*app:9: not found"\}\]$/,
      ),
    ]);
    expect(play(failsToStart("no network", { stopCode: "SpotInterruption" }))).toEqual([
      '2 stopped SpotInterruption [{"name":"side"},{"name":"app"}]',
    ]);
  });

  it("fails its health check, or keeps silent about it", () => {
    expect(play(neverHealthy({ after: 10_000 })).at(-1)).toBe("13 health app UNHEALTHY");
    expect(play(healthNeverReported())).toEqual(["2 pulled", "3 running {}"]);
  });

  it("is condemned by its load balancer", () => {
    expect(play(failsTargetChecks("arn:tg", { after: 7_000 })).at(-1)).toContain(
      "10 stopped ServiceSchedulerInitiated",
    );
  });

  it("waits for a container that fails, and never runs", () => {
    expect(play(blockedBy("side", { exitCode: 1 }, { logs: ["no way"] }), { stopAt: 20 })).toEqual([
      "2 pulled",
      "3 started side",
      "3 log side no way",
      "4 exited side 1",
      '20 stopped ServiceSchedulerInitiated [{"name":"side","exitCode":1},{"name":"app"}]',
    ]);
    expect(play(blockedBy("app", "UNHEALTHY", { after: 9_000 }))).toEqual([
      "2 pulled",
      "3 started app",
      "12 health app UNHEALTHY",
    ]);
    expect(play(blockedBy("app"))).toEqual(["2 pulled", "3 started app"]);
  });

  it("reports how other containers ended as well", () => {
    const also = [
      { name: "side", exitCode: 137 },
      { name: "added", reason: "no network" },
    ];
    expect(play(exitsWith(1, { also })).at(-1)).toContain(
      '[{"name":"app","exitCode":1},{"name":"side","exitCode":137},{"name":"added","reason":"no network"}]',
    );
  });

  it("after the end nothing more is heard", () => {
    expect(
      play(
        exitsWith(0, {
          after: 1_000,
          logs: Array.from({ length: 30 }, (_, index) => `line ${index}`),
        }),
        {
          stopAt: 4,
        },
      ).at(-1),
    ).toContain("stopped");
  });
});
