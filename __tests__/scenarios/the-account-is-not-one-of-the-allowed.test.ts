import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the account is not one of the allowed", async () => {
  const stage = await setStage();

  const play = await stage.play({ "allowed-account-ids": "210987654321" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AccountNotAllowed" });
  expect(play.exitCode).toBe(1);
  expect(play.calls.at(-1)).toBe("sts:GetCallerIdentity");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-account-is-not-one-of-the-allowed.txt",
  );
});
