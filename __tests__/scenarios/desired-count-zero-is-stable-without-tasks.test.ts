import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("desired count zero is stable without tasks", async () => {
  const stage = await setStage({ service: { desiredCount: 0 } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.log.join("\n")).toContain("nothing runs: its desired count is 0");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/desired-count-zero-is-stable-without-tasks.txt",
  );
});
