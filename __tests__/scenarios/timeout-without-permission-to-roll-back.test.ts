import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("timeout without permission to roll back", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 30 * 60_000 }) });
  stage.simulator.faults.add(
    "ecs:StopServiceDeployment",
    {
      kind: "error",
      name: "AccessDeniedException",
      message: "User is not authorized to perform: ecs:StopServiceDeployment",
    },
    100,
  );

  const play = await stage.play({ "wait-for-minutes": "2", "on-timeout": "rollback" });

  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.annotation).toContain("It could not be rolled back");
  expect(play.annotation).toContain("ecs:StopServiceDeployment");
  expect(play.annotation).toContain("The deployment continues in ECS.");
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/timeout-without-permission-to-roll-back.txt",
  );
});
