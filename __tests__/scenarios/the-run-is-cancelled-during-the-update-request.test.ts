import { expect, test } from "vitest";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the run is cancelled during the update request", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:UpdateService", { kind: "hang" });
  stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 5_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.exitCode).toBe(1);
  expect(play.outputs["duration-seconds"]).toBe("6");
  expect(play.annotation).toContain(
    "clockko-backend → clockko-backend:2: the update was sent, but ECS shows no deployment of it. A deployment may have started",
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-run-is-cancelled-during-the-update-request.txt",
  );
});
