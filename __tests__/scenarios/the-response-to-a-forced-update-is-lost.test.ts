import { expect, test } from "vitest";
import { deploymentsOf, inputsOf } from "./support/changes.ts";
import { registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the response to a forced update is lost", async () => {
  // The service's revision names an image that was never pushed: a new deployment of the same revision is forced.
  const stage = await setStage({ container: { image: `${registry}/clockko-backend:v2` } });
  stage.simulator.faults.add("ecs:UpdateService", { kind: "lost", operate: true });

  const play = await stage.play({ "image-tag": "v2" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  // Sent again it would start once more; ECS is asked first whether it has begun.
  expect(inputsOf(stage, "ecs:UpdateService")).toMatchObject([{ forceNewDeployment: true }]);
  expect(deploymentsOf(stage)).toHaveLength(2);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-response-to-a-forced-update-is-lost.txt",
  );
});
