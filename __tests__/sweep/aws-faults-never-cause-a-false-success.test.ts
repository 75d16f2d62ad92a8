// The fault sweep: every AWS call that a deploy makes × every fault. Whatever AWS or the network does, the step reports the true result: never
// green over a service that does not run our revision, never two deployments, never one that is neither watched nor reported.
// Its result is docs/fault-table.md.

import type { ListServiceDeploymentsResponse } from "@aws-sdk/client-ecs";
import type { Fault } from "ecs-simulator";
import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import {
  account,
  type Play,
  type Stage,
  type StageOptions,
  setStage,
} from "../scenarios/support/stage.ts";
import { faultOf, faults } from "./faults.ts";

/** After the update one API fails permanently, while the other works. */
const sides: Readonly<Record<string, readonly string[]>> = {
  "service deployments (the newer API)": [
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
  ],
  "services (the older API)": ["ecs:DescribeServices"],
};

const outages: readonly { readonly name: string; readonly fault: Fault }[] = [
  {
    name: "500",
    fault: { kind: "error", name: "ServerException", message: "Internal", status: 500 },
  },
  {
    name: "throttle",
    fault: { kind: "error", name: "ThrottlingException", message: "Rate exceeded" },
  },
  { name: "reset", fault: { kind: "reset" } },
  { name: "hang", fault: { kind: "hang" } },
  { name: "garbage", fault: { kind: "garbage", status: 502, body: "<html>Bad Gateway</html>" } },
  { name: "empty answer", fault: { kind: "empty", operate: false } },
  {
    name: "AccessDenied",
    fault: { kind: "error", name: "AccessDeniedException", message: "not authorized" },
  },
];

const worlds: Readonly<Record<string, { readonly options: StageOptions; readonly truth: string }>> =
  {
    "a version that starts": { options: {}, truth: "succeeded" },
    "a version that exits at start": {
      options: { tasks: () => exitsWith(1, { logs: ["cannot start"] }) },
      truth: "rolled-back",
    },
  };

const calls = [
  "oidc:GET /_oidc/token",
  "sts:AssumeRoleWithWebIdentity",
  "sts:GetCallerIdentity",
  "ecr:DescribeRepositories",
  "ecr:DescribeImages",
  "ecr:GetAuthorizationToken",
  "ecr:BatchGetImage",
  "ecr:PutImage",
  "ecs:DescribeClusters",
  "ecs:DescribeServices",
  "ecs:DescribeTaskDefinition",
  "logs:DescribeLogGroups",
  "ecs:RegisterTaskDefinition",
  "ecs:UpdateService",
  "ecs:ListServiceDeployments",
  "ecs:DescribeServiceDeployments",
  "ecs:DescribeServiceRevisions",
  "ecs:ListTasks",
  "ecs:DescribeTasks",
  "logs:GetLogEvents",
];

const table = new Map<string, string>();

for (const [world, { options, truth }] of Object.entries(worlds)) {
  describe(world, () => {
    test("the sweep covers every call of a deployment", async () => {
      const stage = await setStage(options);
      await stage.play();
      const made = new Set(
        stage.simulator.calls.map(({ service, operation }) => `${service}:${operation}`),
      );
      expect(
        [...made].filter((call) => !calls.includes(call) && !call.startsWith("registry:")),
      ).toEqual([]);
    });

    test.each(calls)("%s", async (call) => {
      for (const { name, fault, times } of faults) {
        const stage = await setStage(options);
        stage.simulator.faults.add(call, faultOf(call, name, fault), times);
        const play = await stage.play();
        table.set(`${world}|${call}|${name}`, cell(play));
        const label = `${call}, ${name}`;
        expect(deploymentsOf(stage), `${label}: one deployment at the most`).toBeLessThanOrEqual(1);
        if (play.exitCode === 0)
          expect(settledOnOurs(stage, play), `${label}: green only over our revision`).toBe(true);
        if (play.outcome.outcome === "succeeded" || play.outcome.outcome === "rolled-back") {
          expect(play.outcome.outcome, `${label}: the truth`).toBe(truth);
        } else {
          expect(play.annotation, `${label}: says why`).not.toBe("");
          if (deploymentsOf(stage) === 1)
            expect(play.annotation, `${label}: says what goes on`).toMatch(
              /goes on|continues|may have|Running now/,
            );
        }
      }
    });
  });
}

for (const [world, { options, truth }] of Object.entries(worlds)) {
  test.each(Object.entries(sides))(
    `${world}: %s fail permanently after the update`,
    async (side, calls) => {
      for (const { name, fault } of outages) {
        const stage = await setStage(options);
        stage.onCall = (call) => {
          if (call !== "ecs:UpdateService") return;
          for (const one of calls) stage.simulator.faults.add(one, fault, 100_000);
          stage.onCall = () => {};
        };
        const play = await stage.play();
        table.set(`${world}|${side}|${name}`, cell(play));
        expect(play.outcome.outcome, `${side}, ${name}: the other API tells the truth`).toBe(truth);
        expect(deploymentsOf(stage)).toBe(1);
      }
    },
  );
}

function outageSection(): string {
  const head = ["permanently, from the update on", ...outages.map(({ name }) => name)];
  const rows = Object.entries(worlds).flatMap(([world]) =>
    Object.keys(sides).map((side) => [
      `${side}; ${world}`,
      ...outages.map(({ name }) => table.get(`${world}|${side}|${name}`) ?? ""),
    ]),
  );
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [
    "## One of the two APIs for a deployment fails, and the other one works",
    "",
    ...lines,
  ].join("\n");
}

test("docs/fault-table.md has these results", async () => {
  const head = ["call", ...faults.map(({ name }) => name)];
  const sections = Object.entries(worlds).map(([world, { truth }]) => {
    const rows = calls.map((call) => [
      `\`${call}\``,
      ...faults.map(({ name }) => table.get(`${world}|${call}|${name}`) ?? ""),
    ]);
    const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
    return [
      `## ${world[0]?.toUpperCase()}${world.slice(1)} (the actual result: ${truth})`,
      "",
      ...lines,
    ].join("\n");
  });
  const text = [
    "# What each fault of AWS or the network leads to",
    "",
    "For everybody who asks what the action does when AWS or the network fails.",
    "",
    "Written by `__tests__/sweep/aws-faults-never-cause-a-false-success.test.ts`. Each cell is the outcome (and the reason code) of a deployment in which this call meets this fault. “no answer”, “only empty answers” and AccessDenied are permanent; the other faults occur once, or as often as the header says. After ExpiredToken the session is renewed with a new OIDC token. GitHub's token endpoint throttles with 429 and refuses with 401 and 403. An empty answer is 200 without any member. A lost answer: AWS executed the call, and the connection broke.",
    "",
    ...[...sections, outageSection()].flatMap((section) => [section, ""]),
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../../docs/fault-table.md");
});

function cell({ outcome }: Play): string {
  return outcome.problem && outcome.outcome === "failed"
    ? `failed (${outcome.problem.code})`
    : outcome.outcome;
}

/** Service deployments that began after the stage was set, asked past all faults. */
function deploymentsOf({ simulator }: Stage): number {
  const context = {
    principal: { accountId: account, arn: "root", accessKeyId: "test" },
    host: "",
    requestId: "",
  };
  const list = simulator.ecs.service.operations["ListServiceDeployments"];
  const answer = list?.(
    { cluster: "clockko", service: "clockko-backend" },
    context,
  ) as ListServiceDeploymentsResponse;
  return (answer.serviceDeployments?.length ?? 0) - 1;
}

function settledOnOurs({ simulator }: Stage, play: Play): boolean {
  const { deployments = [] } = simulator.ecs.describeService({
    cluster: "clockko",
    service: "clockko-backend",
  });
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  return (
    primary?.taskDefinition === play.outputs["task-definition-arn"] &&
    (primary?.runningCount ?? 0) > 0
  );
}
