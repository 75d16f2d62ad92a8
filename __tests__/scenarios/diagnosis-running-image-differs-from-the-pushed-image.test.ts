import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("running image differs from the pushed image", async () => {
  const stage = await setStage();
  // Another run moves the tag between the push and the time when ECS resolves it; ECS reports the digest.
  const theirs = `sha256:${"b".repeat(64)}`;
  Object.assign(stage.simulator.ecr, { resolve: () => theirs });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  const digest = play.outputs["image-digest"];
  expect(play.log).toContainEqual(
    expect.stringMatching(
      new RegExp(
        `warning: Container "app" does not run .* was ${digest}, but ECS resolved it to ${theirs}`,
      ),
    ),
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-running-image-differs-from-the-pushed-image.txt",
  );
});
