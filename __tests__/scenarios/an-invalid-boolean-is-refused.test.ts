import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("an invalid boolean is refused", async () => {
  const stage = await setStage();

  const play = await stage.play({ "wait-for-service-stability": "yes" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    'wait-for-service-stability: expected "true" or "false", got "yes"',
  );
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/an-invalid-boolean-is-refused.txt",
  );
});
