// Every call of a pre-deploy task × every fault: never two tasks, and no update but after a migration that is known to have ended well.

import type { Fault } from "ecs-simulator";
import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { alembic, isUntouched, migrating, oneOffTasks } from "../scenarios/support/migration.ts";

const error = (name: string, message: string, status = 400): Fault => ({
  kind: "error",
  name,
  message,
  status,
});

const faults: readonly (readonly [name: string, fault: Fault, times: number])[] = [
  ["throttled three times", error("ThrottlingException", "Rate exceeded"), 3],
  ["500 three times", error("ServerException", "Internal", 500), 3],
  ["reset", { kind: "reset" }, 1],
  ["hang", { kind: "hang" }, 1],
  ["garbage", { kind: "garbage", status: 502, body: "<html>Bad Gateway</html>" }, 1],
  ["half an answer", { kind: "half", operate: true }, 1],
  ["a lost answer", { kind: "lost", operate: true }, 1],
  ["never an answer", { kind: "lost", operate: true }, 1_000],
  [
    "denied",
    error("AccessDeniedException", "User is not authorized to perform this action"),
    1_000,
  ],
  [
    "an expired token",
    error("ExpiredTokenException", "The security token included in the request is expired"),
    1,
  ],
];

const verdictsStayTrue = ["logs:GetLogEvents"];
const lasting = ["never an answer", "denied"];

const cases = ["ecs:RunTask", "ecs:DescribeTasks", "logs:GetLogEvents"].flatMap((call) =>
  faults.flatMap(([name, fault, times]) =>
    [0, 1].map((exitCode) => ({ call, name, fault, times, exitCode })),
  ),
);

test.each(cases)(
  "migration: exit code $exitCode, $call: $name",
  async ({ call, name, fault, times, exitCode }) => {
    const stage = await migrating(exitsWith(exitCode, { after: 30_000, logs: ["one", "two"] }));
    stage.simulator.faults.add(call, fault, times);

    const play = await stage.play(alembic);

    const blind = lasting.includes(name) && !verdictsStayTrue.includes(call);
    const good = exitCode === 0 && !blind;
    expect(play.outcome.outcome).toBe(good ? "succeeded" : "failed");
    expect(oneOffTasks(stage).length).toBe(call === "ecs:RunTask" && name === "denied" ? 0 : 1);
    expect(isUntouched(stage, play)).toBe(!good);
    if (!good)
      expect(play.annotation).toContain(
        "The service was not touched: clockko-backend runs clockko-backend:1.",
      );
    if (blind && name !== "denied")
      expect(play.annotation).toMatch(/It keeps running in ECS|It may have been started anyway/);
  },
);
