import { putTaskRole } from "ecs-simulator/iam";
import { expect, test } from "vitest";
import { commit, registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("registry denies the pull", async () => {
  const stage = await setStage();
  const signInAndLog = ["ecr:GetAuthorizationToken", "logs:*"];
  putTaskRole(stage.simulator, "clockko-execution", [
    { Statement: { Effect: "Allow", Action: signInAndLog, Resource: "*" } },
  ]);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(
    `Role clockko-execution may not pull image ${registry}/clockko-backend:${commit}`,
  );
  expect(play.annotation).toContain("ecr:BatchGetImage");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-registry-denies-the-pull.txt",
  );
});
