import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const others = ["clockko-admin", "clockko-cron", "clockko-mail", "clockko-worker"];

/** Also a picture of docs/summary.md: script/picture. */
test("one of five services fails", async () => {
  const stage = await setStage({
    tasks: ({ family, revision }) => {
      const fails = family === "clockko-mail" && revision > 1;
      return fails ? exitsWith(1, { logs: ["KeyError: 'SMTP_HOST'"] }) : runs();
    },
    services: others,
    docker: { duringBuild: () => stage.clock.advance(74_000) },
  });

  const play = await stage.play({ service: ["clockko-backend", ...others].join("\n") });

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.outcome.services.map(({ outcome }) => outcome)).toEqual([
    "succeeded",
    "succeeded",
    "succeeded",
    "rolled-back",
    "succeeded",
  ]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/one-of-five-services-fails.txt");
});
