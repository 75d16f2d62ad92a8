import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { setStage, useOwnCredentials } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the jobs own credentials are used", async () => {
  const stage = await setStage();
  await useOwnCredentials({ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });

  const play = await stage.play({ "role-to-assume": "" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(inputsOf(stage, "sts:AssumeRoleWithWebIdentity")).toEqual([]);
  expect(play.log.join("\n")).toContain("role-to-assume");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-jobs-own-credentials-are-used.txt",
  );
});
