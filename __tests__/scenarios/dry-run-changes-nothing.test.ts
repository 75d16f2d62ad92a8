import { expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("a dry run changes nothing and reports the whole plan", async () => {
  const stage = await setStage({
    services: ["clockko-worker"],
    container: { healthCheck: { command: ["CMD", "true"] } },
  });

  const play = await stage.play({
    "dry-run": "true",
    service: "clockko-backend\nclockko-worker",
    "environment-variables": "GREETING=hello",
    "desired-count": "2",
    "task-definition-patch": "memory: '1024'",
  });

  expect(play.outcome).toMatchObject({ outcome: "planned", reasonCode: "Planned" });
  expect(play.exitCode).toBe(0);
  expect(changesOf(play)).toEqual([]);
  expect(play.summary).toContain("Would register a new revision of clockko-worker");
  expect(JSON.stringify(play)).not.toContain('hello"');
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/dry-run-changes-nothing.txt");
});

test("a dry run of the image that already runs", async () => {
  const stage = await setStage();
  await stage.play();
  stage.clock.advance(10 * 60_000);
  const play = await stage.play({ "dry-run": "true" });
  expect(play.log.join("\n")).toContain(
    "Would not change clockko-backend: clockko-backend:2 is already running.",
  );
  expect(changesOf(play)).toEqual([]);
});

test("a dry run finds the problems of a real run", async () => {
  const stage = await setStage();
  const play = await stage.play({ "dry-run": "true", "container-name": "typo" });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ContainerNotFound" });
  expect(changesOf(play)).toEqual([]);
});
