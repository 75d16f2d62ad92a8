import { expect, test } from "vitest";
import { failsToStart } from "../../simulator/tasks/scripted.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const missing =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: " +
  "service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:123456789012:secret:clockko/db-AbCdEf " +
  "from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.";

test("a secret does not exist", async () => {
  const stage = await setStage({ tasks: () => failsToStart(missing) });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("Secret clockko/db-AbCdEf does not exist in this region");
  expect(play.annotation).toContain("secrets[].valueFrom");
  expect(play.calls).not.toContain("logs:GetLogEvents");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/diagnosis-a-secret-does-not-exist.txt");
});
