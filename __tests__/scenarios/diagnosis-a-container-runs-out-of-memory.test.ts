import { outOfMemory } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a container runs out of memory", async () => {
  const stage = await setStage({ tasks: () => outOfMemory({ logs: ["loading the whole table"] }) });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    'Container "app" ran out of memory and was killed (exit code 137).',
  );
  expect(play.annotation).toContain("Raise `memory`");
  expect(play.annotation).toContain("loading the whole table");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-a-container-runs-out-of-memory.txt",
  );
});
