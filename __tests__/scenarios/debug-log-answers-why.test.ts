import { exitsWith, healthyAfter } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { clockko, commit, type Play, setStage } from "./support/stage.ts";
import { withoutRequestIds } from "./support/transcript.ts";

function debugTranscript({ debugLines }: Play): string {
  return `${withoutRequestIds(debugLines.join("\n"))}\n`;
}

test("the debug log answers why a deployment is superseded", async () => {
  const stage = await setStage({ tasks: () => healthyAfter(60_000) });
  stage.clock.schedule(20_000, () =>
    byAnotherUser(stage, "UpdateService", { ...clockko, taskDefinition: "clockko-backend:1" }),
  );

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("superseded");
  expect(play.debugLines).toContainEqual(
    expect.stringMatching(
      / STOPPED.*→ superseded by \S+ \(STOPPED, and there is a newer deployment\)$/,
    ),
  );
  await expect(debugTranscript(play)).toMatchFileSnapshot(
    "transcripts/debug-log-answers-why-superseded.txt",
  );
});

test("the debug log answers why an image is reused", async () => {
  const stage = await setStage();
  stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: [commit] });

  const play = await stage.play();

  expect(play.outputs["image-reused"]).toBe("true");
  expect(play.debugLines).toContainEqual(expect.stringMatching(/^image .* → reuse$/));
  await expect(debugTranscript(play)).toMatchFileSnapshot(
    "transcripts/debug-log-answers-why-reused.txt",
  );
});

test("the debug log answers why a container gets the image", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });

  const play = await stage.play();

  expect(play.debugLines).toContainEqual(
    expect.stringMatching(/^clockko-backend: container app gets the image: .* comes from \S+$/),
  );
  await expect(debugTranscript(play)).toMatchFileSnapshot(
    "transcripts/debug-log-answers-why-this-container.txt",
  );
});
