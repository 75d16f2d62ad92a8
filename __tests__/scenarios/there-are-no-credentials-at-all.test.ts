import { expect, test } from "vitest";
import { setStage, useOwnCredentials } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("there are no credentials at all", async () => {
  const stage = await setStage();
  await useOwnCredentials({});

  const play = await stage.play({ "role-to-assume": "" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "CredentialsMissing" });
  expect(play.exitCode).toBe(1);
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/there-are-no-credentials-at-all.txt",
  );
});
