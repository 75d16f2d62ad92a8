import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the service uses the CodeDeploy controller", async () => {
  const stage = await setStage({ service: { deploymentController: { type: "CODE_DEPLOY" } } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ControllerUnsupported" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("CODE_DEPLOY");
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-service-uses-the-code-deploy-controller.txt",
  );
});
