import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the role trusts only the old spelling of the subject", async () => {
  const stage = await setStage({ simulator: { job: { subject: "immutable" } } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RoleRefused" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("sub: repo:octo@500600/app@700100200:ref:refs/heads/main");
  expect(play.annotation).toContain('"repo:octo/app:ref:refs/heads/main"');
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-role-trusts-only-the-old-spelling-of-the-subject.txt",
  );
});
