import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage, useOwnCredentials } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the jobs own credentials have expired", async () => {
  const stage = await setStage();
  await useOwnCredentials({
    AWS_ACCESS_KEY_ID: "ASIAOLD",
    AWS_SECRET_ACCESS_KEY: "old",
    AWS_SESSION_TOKEN: "old",
  });

  const play = await stage.play({ "role-to-assume": "" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "CredentialsRefused" });
  expect(play.exitCode).toBe(1);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-jobs-own-credentials-have-expired.txt",
  );
});
