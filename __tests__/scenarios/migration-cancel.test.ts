// The run is cancelled while the task runs: the task continues, unless stopping it was requested explicitly.

import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { alembic, isUntouched, migrating, oneOffTasks } from "./support/migration.ts";
import { cancelAfter, type InputTexts } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

async function cancelled(inputs: InputTexts) {
  const stage = await migrating(runs({ logs: ["ALTER TABLE entries ..."] }));
  stage.onCall = (call) => call === "ecs:RunTask" && cancelAfter(stage, 40_000);
  const play = await stage.play({ ...alembic, ...inputs });
  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(isUntouched(stage, play)).toBe(true);
  expect(play.elapsedMilliseconds).toBeLessThan(45_000);
  return { stage, play };
}

test.each(["leave", "rollback"])(
  "migration: cancelled with on-cancel: %s, the task continues",
  async (onCancel) => {
    const { stage, play } = await cancelled({ "on-cancel": onCancel });
    expect(play.annotation).toMatch(
      /was running: arn:aws:ecs:\S+\nIt keeps running in ECS, unwatched\. The service was not touched/,
    );
    expect(play.annotation).toMatch(/To stop it:\naws ecs stop-task --cluster clockko --task arn:/);
    expect(play.calls.join("\n")).not.toContain("StopTask");
    expect(oneOffTasks(stage)).toMatchObject([{ lastStatus: "RUNNING", desiredStatus: "RUNNING" }]);
    if (onCancel === "leave")
      await expect(transcript(play)).toMatchFileSnapshot("transcripts/migration-cancel.txt");
  },
);

test("migration: cancelled with on-cancel: rollback-and-stop-task, it is stopped", async () => {
  const { stage, play } = await cancelled({ "on-cancel": "rollback-and-stop-task" });
  expect(play.annotation).toContain(
    "ECS was asked to stop it (on-cancel): its work may be half done.",
  );
  expect(oneOffTasks(stage)).toMatchObject([
    {
      desiredStatus: "STOPPED",
      stopCode: "UserInitiated",
      stoppedReason: "The workflow run was cancelled (on-cancel).",
    },
  ]);
});

test("migration: cancelled, and the task cannot be stopped", async () => {
  const stage = await migrating(runs());
  stage.onCall = (call) => call === "ecs:RunTask" && cancelAfter(stage, 40_000);
  stage.simulator.faults.add(
    "ecs:StopTask",
    { kind: "error", name: "AccessDeniedException", message: "no" },
    10,
  );
  const play = await stage.play({ ...alembic, "on-cancel": "rollback-and-stop-task" });
  expect(play.annotation).toMatch(
    /It keeps running in ECS, unwatched, because it could not be stopped: AWS refused ecs:StopTask/,
  );
});

test("migration: cancelled while the task is started", async () => {
  const stage = await migrating(runs());
  stage.simulator.faults.add("ecs:RunTask", { kind: "lost", operate: true }, 10);
  stage.onCall = (call) => call === "ecs:RunTask" && cancelAfter(stage, 0);
  const play = await stage.play(alembic);
  expect(play.outcome.outcome).toBe("cancelled");
  expect(play.annotation).toContain("It may have been started anyway, and then it keeps running.");
  expect(isUntouched(stage, play)).toBe(true);
});
