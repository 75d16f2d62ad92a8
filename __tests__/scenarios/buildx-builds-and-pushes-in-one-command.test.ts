import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("buildx builds and pushes in one command", async () => {
  const stage = await setStage({
    docker: { buildx: true },
    taskDefinition: {
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  expect(play.dockerCommands.at(-1)).toContain("--platform linux/arm64");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/buildx-builds-and-pushes-in-one-command.txt",
  );
});
