import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("container output cannot inject workflow commands", async () => {
  const logs = ["::add-mask::everything", "\u001b[31m##[error]forged\u001b[0m", "KeyError: 'PORT'"];
  const stage = await setStage({ tasks: () => exitsWith(1, { logs }) });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("KeyError: 'PORT'");
  for (const reported of [play.annotation, play.summary, ...play.log]) {
    expect(reported).not.toMatch(/^\s*::add-mask|##\[error/m);
    expect(reported).not.toContain("\u001b");
  }
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-container-output-cannot-inject-workflow-commands.txt",
  );
});
