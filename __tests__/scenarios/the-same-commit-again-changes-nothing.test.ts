import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the same commit again changes nothing", async () => {
  const stage = await setStage();
  await stage.play();
  stage.clock.advance(60_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "unchanged", reasonCode: "Unchanged" });
  expect(play.exitCode).toBe(0);
  expect(play.dockerCommands).toEqual([]);
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  expect(play.calls).not.toContain("ecs:UpdateService");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-same-commit-again-changes-nothing.txt",
  );
});
