import { expect, test } from "vitest";
import { commit, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the tag is in the repository already", async () => {
  const stage = await setStage();
  const digest = stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: [commit] });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(play.outputs).toMatchObject({ "image-reused": "true", "image-digest": digest });
  expect(play.dockerCommands).toEqual([]);
  expect(stage.simulator.ecr.repositories.tags("clockko-backend")).toMatchObject({
    latest: digest,
  });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-tag-is-in-the-repository-already.txt",
  );
});
