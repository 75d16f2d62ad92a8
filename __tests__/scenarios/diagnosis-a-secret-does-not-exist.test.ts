import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a secret does not exist", async () => {
  // The deploy role may not look it up, so only the tasks show it.
  const stage = await setStage();
  stage.changePolicy = (statements) => statements.filter(({ Sid }) => !/^Secrets/.test(Sid));

  const play = await stage.play({
    secrets: "DATABASE_URL=arn:aws:secretsmanager:us-east-1:123456789012:secret:clockko/db-AbCdEf",
  });

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    "Secret clockko/db-AbCdEf does not exist (or no longer exists) in this region",
  );
  expect(play.annotation).toContain("secrets[].valueFrom");
  expect(play.annotation).toContain("role clockko-execution looks for it there");
  expect(play.calls).not.toContain("logs:GetLogEvents");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-a-secret-does-not-exist.txt",
  );
});
