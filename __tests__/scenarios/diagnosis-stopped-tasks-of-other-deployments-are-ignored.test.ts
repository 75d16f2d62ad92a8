import { exitsWith, outOfMemory } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("stopped tasks of other deployments are ignored", async () => {
  const stage = await setStage({
    // Version 1 runs out of memory in the midst of our rollout: louder than what is wrong with ours, and none of our business.
    firstTasks: () => outOfMemory({ after: 10 * 60_000 + 15_000 }),
    tasks: () => exitsWith(3, { logs: ["no such table: users"] }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" exited with code 3');
  expect(play.annotation).not.toContain("memory");
  expect(play.outcome.services[0]?.diagnosis).toMatchObject({
    stopReasons: [{ reason: expect.stringContaining("code 3"), count: 3 }],
    otherCauses: [],
  });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-stopped-tasks-of-other-deployments-are-ignored.txt",
  );
});
