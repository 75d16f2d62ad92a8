import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the run is cancelled and the deployment is rolled back", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });
  stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 30_000);

  const play = await stage.play({ "on-cancel": "rollback" });

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.annotation).toContain("a rollback was requested (on-cancel)");
  expect(play.calls.at(-1)).toBe("ecs:StopServiceDeployment");
  expect(play.outputs["duration-seconds"]).toBe("30");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-run-is-cancelled-and-the-deployment-is-rolled-back.txt",
  );
});
