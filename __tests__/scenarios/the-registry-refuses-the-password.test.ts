import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the registry refuses the password", async () => {
  const stage = await setStage({
    docker: { pushFails: "unauthorized: authentication required" },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SignInFailed" });
  expect(play.exitCode).toBe(1);
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  expect(play.calls).not.toContain("ecs:UpdateService");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-registry-refuses-the-password.txt");
});
