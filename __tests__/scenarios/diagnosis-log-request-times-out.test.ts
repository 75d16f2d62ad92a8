import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("log request times out", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });
  stage.simulator.faults.add("logs:*", { kind: "hang" }, 99);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" exited with code 1');
  expect(play.annotation).toContain("no answer within 10 s");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-log-request-times-out.txt",
  );
});
