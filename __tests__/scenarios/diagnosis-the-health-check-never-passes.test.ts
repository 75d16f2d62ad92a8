import { neverHealthy } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the health check never passes", async () => {
  const healthCheck = { command: ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"] };
  const stage = await setStage({
    container: { healthCheck },
    tasks: () => neverHealthy({ logs: ["listening on 127.0.0.1:8081"] }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" runs, but its health check does not pass.');
  expect(play.annotation).toContain("startPeriod");
  expect(play.annotation).toContain("listening on 127.0.0.1:8081");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-the-health-check-never-passes.txt",
  );
});
