import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("alarm fails the deployment without rollback", async () => {
  const alarms = { alarmNames: ["clockko-5xx"], enable: true, rollback: false };
  const stage = await setStage({ service: { deploymentConfiguration: { alarms } } });
  stage.clock.schedule(60_000, () => stage.simulator.ecs.triggerAlarm("clockko-5xx"));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RolloutFailed" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("clockko-5xx");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/alarm-fails-the-deployment-without-rollback.txt",
  );
});
