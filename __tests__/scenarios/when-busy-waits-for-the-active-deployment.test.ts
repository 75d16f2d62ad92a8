import { healthNeverReported } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { changesOf } from "./support/no-changes.ts";
import { setStage } from "./support/stage.ts";

test("when-busy: wait lets the other deployment end first", async () => {
  const stage = await setStage();
  await stage.play({ "wait-for-service-stability": "false", "image-tag": "other" });

  const play = await stage.play({ "when-busy": "wait" });

  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toMatch(
    /Waiting for the active deployment: clockko-backend \(clockko-backend:2, 0 of 1 running\)/,
  );
  expect(revisionOf(stage)).toBe("clockko-backend:3");
});

test("when-busy: wait gives up when the time is over", async () => {
  const stage = await setStage({
    container: { healthCheck: { command: ["CMD", "true"] } },
    tasks: () => healthNeverReported(),
  });
  await stage.play({ "wait-for-service-stability": "false", "image-tag": "other" });

  const play = await stage.play({ "when-busy": "wait", "wait-for-minutes": "2" });

  expect(play.outcome.reasonCode).toBe("DeploymentInProgress");
  expect(play.annotation).toContain("It did not finish within 2 minutes");
  expect(changesOf(play)).toEqual([]);
});

test("when-busy: proceed replaces the active deployment, with a warning that names it", async () => {
  const stage = await setStage();
  await stage.play({ "wait-for-service-stability": "false", "image-tag": "other" });

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toMatch(
    /warning: clockko-backend has a deployment in progress: clockko-backend:2 since/,
  );
});
