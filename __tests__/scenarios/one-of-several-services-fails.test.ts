import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("one of several services fails", async () => {
  const stage = await setStage({
    tasks: ({ family }) =>
      family === "clockko-worker" ? exitsWith(1, { logs: ["no queue"] }) : runs(),
    services: ["clockko-worker"],
  });

  const play = await stage.play({ service: "clockko-backend\nclockko-worker" });

  expect(play.outcome).toMatchObject({
    outcome: "rolled-back",
    reasonCode: "RolledBack",
    services: [
      { service: "clockko-backend", outcome: "succeeded" },
      { service: "clockko-worker", outcome: "rolled-back" },
    ],
  });
  expect(play.exitCode).toBe(1);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(revisionOf(stage, "clockko-worker")).toBe("clockko-worker:1");
  expect(play.annotation).toContain("clockko-worker");
  expect(play.dockerCommands.filter((line) => line.startsWith("docker push"))).toHaveLength(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/one-of-several-services-fails.txt",
  );
});
