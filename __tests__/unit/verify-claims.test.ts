// The judge of script/attack finds what it is there for: each of these steps has one fault, or none.

import { expect, test } from "vitest";
import { type End, judge } from "../rig/interrupt/verify-claims.ts";
import type { SmallAccount } from "../rig/small-account.ts";

const signalledAt = 1_000_000;
const endedAt = signalledAt + 200;

interface Case {
  /** What main said, and what the post step said. */
  readonly main?: string;
  readonly post?: string;
  /** Calls that ECS accepted, with the milliseconds from the signal. */
  readonly calls?: readonly (readonly [operation: string, after: number])[];
  readonly status?: string;
  /** When that status became final, from the signal. */
  readonly finished?: number;
  readonly onCancel?: "leave" | "rollback";
  readonly end?: Partial<End>;
}

function faultsOf({
  main = "",
  post = "",
  calls = [],
  status,
  finished,
  onCancel = "leave",
  end,
}: Case): string {
  const ours = {
    status,
    ...(finished !== undefined && { finishedAt: (signalledAt + finished) / 1000 }),
  };
  const account = {
    simulator: {
      calls: calls.map(([operation, after]) => ({
        service: "ecs",
        operation,
        at: signalledAt + after,
        input: {},
      })),
      ecs: {
        service: {
          operations: {
            ListServiceDeployments: () => ({ serviceDeployments: [...(status ? [ours] : []), {}] }),
          },
        },
      },
    },
    ...{ cluster: "demo", service: "app" },
  } as unknown as SmallAccount;
  const lines = [
    ...(main === "" ? [] : [{ at: endedAt - 10, text: main }]),
    ...(post === "" ? [] : [{ at: endedAt + 200, text: post }]),
  ];
  const step: End = {
    ...{
      exitCode: 1,
      endedAt,
      postExitCode: 0,
      rawLog: "",
      log: [],
      annotations: [],
      outputs: {},
      summary: "",
    },
    ...{ folder: "", lines, signalledAt, cancelled: false, leftBehind: [] },
    ...end,
  };
  const plan = { number: 0, kind: "cancel", onCancel, signals: [] } as const;
  return judge(plan, step, account).join("\n");
}

const updated = [["UpdateService", -500]] as const;
const goesOn = "app → app:2: the deployment continues in ECS, but is not watched.";
const warning = { level: "warning", title: "", message: "" };

test.each<readonly [string, Case, string | RegExp]>([
  ["nothing was done and nothing said", {}, ""],
  ["it goes on, and that is said", { main: goesOn, calls: updated, status: "IN_PROGRESS" }, ""],
  [
    "it ended after the signal: unknown",
    { main: goesOn, calls: updated, status: "SUCCESSFUL", finished: 50 },
    "",
  ],
  [
    "it was over before the signal",
    { main: goesOn, calls: updated, status: "SUCCESSFUL", finished: -1 },
    /untrue: .*continues/,
  ],
  ["it was never begun", { main: goesOn }, /untrue: .*continues/],
  [
    "the summary says it alone",
    { end: { summary: `# Title\n${goesOn}` } },
    /summary: untrue: app → app:2/,
  ],
  [
    "the post step says it too late",
    { post: goesOn, calls: updated, status: "SUCCESSFUL", finished: 100 },
    /untrue: .*continues/,
  ],
  [
    "no rollback was requested",
    { main: "ECS was asked to roll back, app → app:2", calls: updated, status: "IN_PROGRESS" },
    /untrue/,
  ],
  [
    "it was changed",
    { main: "Nothing was changed. app → app:2", calls: updated, status: "IN_PROGRESS" },
    /untrue: Nothing/,
  ],
  [
    "a false green",
    { main: "outcome: succeeded app → app:2", calls: updated, status: "IN_PROGRESS" },
    /untrue: outcome/,
  ],
  [
    "is not reported",
    { main: "outcome: cancelled", calls: updated, status: "IN_PROGRESS" },
    /is not reported/,
  ],
  [
    "the post step deploys",
    { calls: [["UpdateService", 400]], post: "app → app:2" },
    /the post step called UpdateService/,
  ],
  [
    "the post step registers",
    { calls: [["RegisterTaskDefinition", 400]] },
    /called RegisterTaskDefinition/,
  ],
  [
    "on-cancel is not heeded",
    {
      main: goesOn,
      calls: updated,
      status: "IN_PROGRESS",
      onCancel: "rollback",
      end: { cancelled: true },
    },
    /no rollback was requested from ECS/,
  ],
  ["two annotations", { end: { annotations: [warning, warning] } }, /^2 annotations/],
  [
    "a file stays",
    { end: { leftBehind: ["deploy-ecs-docker-1"] } },
    "left behind: deploy-ecs-docker-1",
  ],
  ["the post step fails", { end: { postExitCode: 1 } }, /ended with 1/],
  [
    "a stack",
    { end: { rawLog: "Error: x\n    at run (file:///dist/index.js:1:2)" } },
    /a stack or a Bug/,
  ],
  ["too late", { end: { endedAt: signalledAt + 3_001 } }, /3001 ms after the signal/],
])("%s", (_, step, fault) => {
  if (fault === "") expect(faultsOf(step)).toBe("");
  else expect(faultsOf(step)).toMatch(fault);
});
