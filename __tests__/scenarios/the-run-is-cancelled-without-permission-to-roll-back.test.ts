import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the run is cancelled without permission to roll back", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });
  stage.simulator.faults.add(
    "ecs:StopServiceDeployment",
    {
      kind: "error",
      name: "AccessDeniedException",
      message: "User is not authorized to perform: ecs:StopServiceDeployment",
    },
    100,
  );
  stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 30_000);

  const play = await stage.play({ "on-cancel": "rollback" });

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.annotation).toContain(
    "the rollback could not be requested (the post step tries again), so the deployment continues",
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-run-is-cancelled-without-permission-to-roll-back.txt",
  );
});
