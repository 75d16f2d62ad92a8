import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("service connect proxy stops the task", async () => {
  const proxy = "ecs-service-connect-x1y2z";
  const stage = await setStage({
    tasks: () => exitsWith(143, { also: [{ name: proxy, exitCode: 1 }] }),
  });
  stage.simulator.ecs.addContainers(proxy);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain(
    `The Service Connect proxy (container "${proxy}") exited with code 1`,
  );
  expect(play.annotation).toContain("256 CPU units");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-service-connect-proxy-stops-the-task.txt",
  );
});
