import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a good commit reaches the service", async () => {
  const stage = await setStage();

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(inputsOf(stage, "ecs:UpdateService")).toMatchObject([
    { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } },
  ]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/a-good-commit-reaches-the-service.txt",
  );
});
