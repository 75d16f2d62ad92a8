import { expect, test } from "vitest";
import { denyServiceDeployments } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("no permission to read service deployments, successful rollout", async () => {
  const stage = await setStage();
  denyServiceDeployments(stage);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(play.log.join("\n")).toContain("ecs:ListServiceDeployments");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/no-permission-to-read-service-deployments-successful-rollout.txt",
  );
});
