import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("no log tail without awslogs", async () => {
  const stage = await setStage({
    container: {
      logConfiguration: {
        logDriver: "splunk",
        options: { "splunk-url": "https://splunk.example" },
      },
    },
    tasks: () => exitsWith(1, { logs: ["not in CloudWatch"] }),
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Container "app" exited with code 1');
  expect(play.annotation).toContain("it does not log to CloudWatch (log driver splunk)");
  expect(play.calls).not.toContain("logs:GetLogEvents");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-no-log-tail-without-awslogs.txt",
  );
});
