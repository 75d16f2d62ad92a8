import { healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

/** Also the picture of the README: script/picture. */
test("a rollout of four slow tasks succeeds, and the log has a line at least every minute", async () => {
  const stage = await setStage({
    service: {
      desiredCount: 4,
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 100 },
    },
    container: { healthCheck: { command: ["CMD-SHELL", "curl -f http://localhost/health"] } },
    tasks: ({ revision }) => healthyAfter(revision === 1 ? 8_000 : 75_000, { pullsFor: 11_000 }),
    docker: {
      duringBuild: () => stage.clock.advance(74_000),
      buildPrints: [
        "Step 1/3 : FROM python:3.13-slim",
        "Step 2/3 : RUN pip install -r requirements.txt",
        " ---> Using cache",
        "Step 3/3 : COPY . .",
      ],
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/a-slow-rollout-succeeds.txt");
});
