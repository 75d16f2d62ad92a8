import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("wait-for-minutes is reached", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });

  const play = await stage.play({ "wait-for-minutes": "1" });

  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.exitCode).toBe(1);
  expect(play.elapsedMilliseconds).toBe(60_000);
  expect(play.annotation).toContain("The deployment continues in ECS.");
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/wait-for-minutes-is-reached.txt");
});
