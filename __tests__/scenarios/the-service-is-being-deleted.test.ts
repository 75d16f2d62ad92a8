import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { clockko, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the service is being deleted", async () => {
  const stage = await setStage();
  stage.simulator.ecs.deleteService(clockko);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ServiceNotActive" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("DRAINING");
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-service-is-being-deleted.txt",
  );
});
