import { pullFails } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { commit, registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the task cannot pull its image", async () => {
  const stage = await setStage({
    tasks: () => pullFails({ image: `${registry}/clockko-backend:${commit}` }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(`clockko-backend:${commit} does not exist`);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-task-cannot-pull-its-image.txt",
  );
});
