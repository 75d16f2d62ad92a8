import { runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the token service fails while the session is renewed", async () => {
  const stage = await setStage({ tasks: () => runs({ pullsFor: 14 * 60_000 }) });
  stage.clock.schedule(9 * 60_000, () =>
    stage.simulator.faults.add("sts:AssumeRoleWithWebIdentity", { kind: "reset" }, 15),
  );

  const play = await stage.play({ "role-duration-seconds": "900" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-token-service-fails-while-the-session-is-renewed.txt",
  );
});
