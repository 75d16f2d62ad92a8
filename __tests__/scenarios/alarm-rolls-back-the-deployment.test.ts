import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("alarm rolls back the deployment", async () => {
  const alarms = { alarmNames: ["clockko-5xx"], enable: true, rollback: true };
  const stage = await setStage({ service: { deploymentConfiguration: { alarms } } });
  stage.clock.schedule(60_000, () => stage.simulator.ecs.triggerAlarm("clockko-5xx"));

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain("clockko-5xx");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/alarm-rolls-back-the-deployment.txt",
  );
});
