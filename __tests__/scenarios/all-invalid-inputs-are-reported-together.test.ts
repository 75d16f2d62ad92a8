import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("all invalid inputs are reported together", async () => {
  const stage = await setStage();
  const wrong = {
    "role-to-assume": "clockko-gha-role",
    "aws-region": "Virginia",
    "role-session-name": "deploy of the day",
    "role-duration-seconds": "60",
    "inline-session-policy": "{",
    "managed-session-policies": "ReadOnlyAccess",
    "allowed-account-ids": "1234",
    "ecr-repository": "123456789012.dkr.ecr.us-east-1.amazonaws.com/clockko-backend:v1",
    "image-tag": "feature/x",
    "latest-tag": "-",
    context: "backend",
    cluster: "",
    service: "clockko backend",
    "wait-for-service-stability": "yes",
    "wait-for-minutes": "half an hour",
  };
  stage.surroundings.kindOf = () => "nothing";

  const play = await stage.play(wrong);

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("15 inputs are wrong");
  for (const name of Object.keys(wrong)) expect(play.annotation).toContain(`- ${name}: `);
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/all-invalid-inputs-are-reported-together.txt",
  );
});
