import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("GitHub token service is unavailable", async () => {
  const stage = await setStage();
  stage.simulator.faults.add(
    "oidc:*",
    { kind: "error", name: "ServiceUnavailable", message: "", status: 503 },
    1_000,
  );

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsUnavailable" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain("GitHub's OIDC token endpoint");
  expect(play.elapsedMilliseconds).toBeLessThanOrEqual(60_000);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/github-token-service-is-unavailable.txt",
  );
});
