import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the job has no id-token permission", async () => {
  const stage = await setStage();
  stage.environment = { GITHUB_RUN_ID: "42" };

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "IdTokenNotGranted" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("permissions:\n  id-token: write\n");
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-job-has-no-id-token-permission.txt",
  );
});
