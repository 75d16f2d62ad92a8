import { exitsWith, outOfMemory } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("tasks fail for different reasons", async () => {
  let launches = 0;
  const stage = await setStage({
    tasks: () =>
      ++launches === 2 ? outOfMemory() : exitsWith(1, { logs: ["KeyError: 'DATABASE_URL'"] }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" ran out of memory');
  expect(play.outcome.services[0]?.diagnosis).toMatchObject({
    otherCauses: [{ cause: expect.stringContaining("exited with code 1"), count: 2 }],
    stopReasons: [{ count: 2 }, { count: 1 }],
  });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-tasks-fail-for-different-reasons.txt",
  );
});
