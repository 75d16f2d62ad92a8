import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the run is cancelled before any change", async () => {
  const stage = await setStage({ docker: { beforePush: () => cancelAfter(stage, 0) } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.exitCode).toBe(1);
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-run-is-cancelled-before-any-change.txt",
  );
});
