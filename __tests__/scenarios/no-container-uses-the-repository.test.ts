import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("no container uses the repository", async () => {
  const stage = await setStage({
    taskDefinition: {
      containerDefinitions: [
        { name: "web", image: "public.ecr.aws/nginx/nginx:1.29" },
        { name: "agent", image: "public.ecr.aws/datadog/agent:7" },
      ],
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ContainerNotFound" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('"web", "agent"');
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/no-container-uses-the-repository.txt",
  );
});
