import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("Terraform is not started if the state for the post step cannot be saved", async () => {
  const stage = await setStage({ terraform: {} });
  stage.saveState = () => false;

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "DiskNotWritable" });
  expect(play.calls).not.toContain("ecs:UpdateService");
  expect(play.terraform?.commands).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/disk-terraform-is-not-started-without-the-post-step.txt",
  );
});
