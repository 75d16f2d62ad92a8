import { expect, test } from "vitest";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the run is cancelled while the update is on its way", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:UpdateService", { kind: "hang" });
  stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 5_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.exitCode).toBe(1);
  expect(play.outputs["duration-seconds"]).toBe("5");
  expect(play.annotation).toContain("may have begun in ECS, unwatched: clockko-backend → clockko-backend:2.");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-run-is-cancelled-while-the-update-is-on-its-way.txt",
  );
});
