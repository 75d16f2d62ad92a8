import { hostImpaired } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the container instance is impaired", async () => {
  const stage = await setStage({ tasks: () => hostImpaired() });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain("the container instance under it is impaired");
  expect(play.annotation).toContain("describe-container-instances");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-the-container-instance-is-impaired.txt",
  );
});
