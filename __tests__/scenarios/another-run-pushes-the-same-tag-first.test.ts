import { expect, test } from "vitest";
import { commit, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("another run pushes the same tag first", async () => {
  const winner: { digest?: string } = {};
  const stage = await setStage({
    docker: {
      beforePush: () => {
        winner.digest = stage.simulator.ecr.repositories.putImage("clockko-backend", {
          tags: [commit],
          layers: ["theirs"],
        });
      },
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(play.outputs).toMatchObject({ "image-reused": "true", "image-digest": winner.digest });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/another-run-pushes-the-same-tag-first.txt",
  );
});
