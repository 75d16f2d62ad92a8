import { expect, test } from "vitest";
import { revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("one of several services cannot be updated", async () => {
  const stage = await setStage({ services: ["clockko-worker"] });
  const message = `User: arn:aws:sts::123456789012:assumed-role/clockko-gha-role/deploy-ecs-42 is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/clockko-execution because no identity-based policy allows the iam:PassRole action`;
  stage.simulator.faults.add("ecs:UpdateService", {
    kind: "error",
    name: "AccessDeniedException",
    message,
  });

  const play = await stage.play({ service: "clockko-backend\nclockko-worker" });

  expect(play.outcome).toMatchObject({
    outcome: "failed",
    reasonCode: "PermissionMissing",
    services: [{ outcome: "failed" }, { outcome: "succeeded" }],
  });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain('Allow the action "iam:PassRole"');
  expect(revisionOf(stage, "clockko-worker")).toBe("clockko-worker:2");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/one-of-several-services-cannot-be-updated.txt",
  );
});
