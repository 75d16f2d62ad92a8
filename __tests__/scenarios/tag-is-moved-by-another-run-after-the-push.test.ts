import { expect, test } from "vitest";
import { commit, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("tag is moved by another run after the push", async () => {
  const stage = await setStage({ docker: { afterPush: () => void move() } });
  const { repositories } = stage.simulator.ecr;
  repositories.setTagMutability("clockko-backend", "MUTABLE");
  const move = () =>
    repositories.putImage("clockko-backend", { tags: [commit], layers: ["theirs"] });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageMismatch" });
  expect(play.exitCode).toBe(1);
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  expect(play.calls).not.toContain("ecs:UpdateService");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/tag-is-moved-by-another-run-after-the-push.txt",
  );
});
