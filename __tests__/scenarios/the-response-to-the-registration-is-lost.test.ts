import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the response to the registration is lost", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("ecs:RegisterTaskDefinition", { kind: "lost", operate: true });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  // RegisterTaskDefinition has no client token: the revision of the lost response stays unused.
  expect(revisionOf(stage)).toBe("clockko-backend:3");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-response-to-the-registration-is-lost.txt",
  );
});
