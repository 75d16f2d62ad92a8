import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("latest tag is immutable", async () => {
  const stage = await setStage();
  const { repositories } = stage.simulator.ecr;
  repositories.setTagMutability("clockko-backend", "IMMUTABLE");
  const frozen = repositories.putImage("clockko-backend", { tags: ["latest"] });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(repositories.tags("clockko-backend")["latest"]).toBe(frozen);
  expect(play.log.join("\n")).toContain("IMMUTABLE_WITH_EXCLUSION");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/latest-tag-is-immutable.txt");
});
