import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the role does not trust the job", async () => {
  const stage = await setStage({ simulator: { job: { ref: "refs/heads/feature" } } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RoleRefused" });
  expect(play.exitCode).toBe(1);
  expect(play.elapsedMilliseconds).toBeLessThan(5_000);
  expect(play.calls).toEqual([
    "oidc:GET /_oidc/token",
    "sts:AssumeRoleWithWebIdentity → AccessDenied",
  ]);
  // Both spellings of the subject, whichever one this repository has.
  expect(play.annotation).toContain('"repo:octo/app:ref:refs/heads/feature"');
  expect(play.annotation).toContain('"repo:octo@500600/app@700100200:ref:refs/heads/feature"');
  for (const secret of stage.simulator.secrets()) expect(transcript(play)).not.toContain(secret);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-role-does-not-trust-the-job.txt",
  );
});
