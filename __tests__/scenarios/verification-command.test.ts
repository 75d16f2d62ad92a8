// `verify-command`: a task of the new revision judges it.

import { exitsWith, failsToStart, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { migrating, oneOffTasks } from "./support/migration.ts";
import { cancelAfter, type Play } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";
import { serveWeb } from "./support/web.ts";

const smoke = { "verify-command": "python -m clockko.smoke" };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

test("verification command: good, with the new revision, after the rollout", async () => {
  const stage = await migrating(exitsWith(0, { logs: ["12 passed"] }));
  const play = await stage.play(smoke);
  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.outcome.tasks).toMatchObject([{ moment: "verification", succeeded: true }]);
  expect(inputsOf(stage, "ecs:RunTask")).toMatchObject([
    { taskDefinition: expect.stringMatching(/clockko-backend:2$/) },
  ]);
  expect(play.summary).toContain("**Verification task** ✅");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-command-good.txt");
});

test("verification command: bad, rolled back, its last log lines in the annotation", async () => {
  const stage = await migrating(exitsWith(1, { logs: ["GET /health → 500"] }));
  const play = await stage.play(smoke);
  expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  expect(play.annotation).toContain("The verification task (python -m clockko.smoke) failed");
  expect(play.annotation).toContain("GET /health → 500");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-command-bad.txt");
});

test("verification command: not run if a URL is bad", async () => {
  const stage = await migrating(exitsWith(0));
  serveWeb(stage, () => 500);
  const play = await stage.play({ ...smoke, "verify-url": "https://shop.example/" });
  expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
  expect(oneOffTasks(stage)).toEqual([]);
});

test("verification command: it hangs: rolled back after pre-deploy-timeout-minutes", async () => {
  const stage = await migrating(runs());
  const play = await stage.play({ ...smoke, "pre-deploy-timeout-minutes": "2" });
  expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
  expect(play.annotation).toContain("did not finish within 2 min");
});

test("verification command: wait-for-minutes limits it", async () => {
  const stage = await migrating(runs());
  const play = await stage.play({ ...smoke, "wait-for-minutes": "5" });
  expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
  expect(play.annotation).toMatch(/did not finish within 4 min/);
});

test("verification command: it cannot start", async () => {
  const stage = await migrating(failsToStart("CannotStartContainerError: no such file"));
  const play = await stage.play(smoke);
  expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
});

test("verification command: the role may not run it: a missing permission is no bad version", async () => {
  const stage = await migrating(exitsWith(0));
  stage.changePolicy = (statements) =>
    statements.filter(({ Action }) => !JSON.stringify(Action).includes("ecs:RunTask"));
  const play = await stage.play(smoke);
  expect(verdictOf(play)).toBe("failed PermissionMissing");
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(play.exitCode).toBe(1);
});

test("verification command: cancelled meanwhile, the task keeps running and is named", async () => {
  const stage = await migrating(runs());
  stage.onCall = (call) => call === "ecs:RunTask" && cancelAfter(stage, 40_000);
  const play = await stage.play(smoke);
  expect(play.outcome.outcome).toBe("cancelled");
  expect(play.annotation).toMatch(/was running: arn:aws:ecs/);
  expect(revisionOf(stage)).toBe("clockko-backend:2");
});

test("verification command: none in a dry run", async () => {
  const stage = await migrating(exitsWith(0));
  await stage.play({ ...smoke, "dry-run": "true" });
  expect(oneOffTasks(stage)).toEqual([]);
});
