// The fault sweep of answer-pause: every AWS call of an answering run × every fault. It is green only if the service runs what was asked
// for, and an answer is given at most once.

import { expect, test } from "vitest";
import { deploymentsOf, revisionOf } from "../scenarios/support/changes.ts";
import { answering, pausing, startPausedDeployment } from "../scenarios/support/paused.ts";
import { type Stage, setStage } from "../scenarios/support/stage.ts";
import { faultOf, faults } from "./faults.ts";

const calls = [
  "ecs:DescribeServices",
  "ecs:ListServiceDeployments",
  "ecs:DescribeServiceDeployments",
  "ecs:DescribeServiceRevisions",
  "ecs:DescribeTaskDefinition",
  "ecs:ContinueServiceDeployment",
];

const answers = [
  { answer: "continue", runs: "clockko-backend:2", status: "SUCCESSFUL", outcome: "succeeded" },
  {
    answer: "rollback",
    runs: "clockko-backend:1",
    status: "ROLLBACK_SUCCESSFUL",
    outcome: "rolled-back",
  },
] as const;

async function paused(): Promise<Stage> {
  const stage = await setStage(pausing());
  await startPausedDeployment(stage);
  return stage;
}

test.each(answers)("the sweep covers every call to ECS: $answer", async ({ answer }) => {
  const stage = await paused();
  const from = stage.simulator.calls.length;
  await stage.play(answering(answer));
  const made = stage.simulator.calls
    .slice(from)
    .filter(({ service }) => service === "ecs")
    .map(({ operation }) => `ecs:${operation}`);
  expect([...new Set(made)].sort()).toEqual([...calls].sort());
});

test.each(answers.flatMap((expected) => calls.map((call) => ({ ...expected, call }))))(
  "$answer: $call",
  async ({ answer, runs, status, outcome, call }) => {
    for (const { name, fault, times } of faults) {
      const stage = await paused();
      stage.simulator.faults.add(call, faultOf(call, name, fault), times);
      const play = await stage.play(answering(answer));
      const label = `${call}, ${name}`;
      expect(deploymentsOf(stage), `${label}: no deployment is started`).toHaveLength(2);
      if (play.exitCode === 0) {
        expect(play.outcome.outcome, `${label}: the truth`).toBe(outcome);
        expect(deploymentsOf(stage)[0]?.status, `${label}: green only over what was asked`).toBe(
          status,
        );
        expect(revisionOf(stage), label).toBe(runs);
      } else expect(play.annotation, `${label}: says why`).not.toBe("");
      const recovers = times < 10;
      if (recovers) expect(play.exitCode, `${label}: a fault that passes costs nothing`).toBe(0);
    }
  },
);
