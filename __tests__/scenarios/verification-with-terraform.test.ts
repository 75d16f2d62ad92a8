// With Terraform a version that fails its verification is kept: a rollback would be undone by the next apply.

import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { type Play, setStage } from "./support/stage.ts";
import { serveWeb } from "./support/web.ts";

const service = {
  deploymentConfiguration: {
    ...{ maximumPercent: 200, minimumHealthyPercent: 100 },
    deploymentCircuitBreaker: { enable: true, rollback: true },
  },
};
const verify = { "verify-url": "https://shop.example/health" };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

test("verification with Terraform: rollback is refused before anything is built", async () => {
  const stage = await setStage({ terraform: {}, service });
  const play = await stage.play(verify);
  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain("with terraform-directory set on-verify-failure: keep");
  expect(play.calls).toEqual([]);
});

test("verification with Terraform: good", async () => {
  const stage = await setStage({ terraform: {}, service });
  serveWeb(stage, () => 200);
  const play = await stage.play({ ...verify, "on-verify-failure": "keep" });
  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.log).toContain("▸ Verify the new version");
});

test("verification with Terraform: bad, and kept", async () => {
  const stage = await setStage({ terraform: {}, service });
  serveWeb(stage, () => 500);
  const play = await stage.play({ ...verify, "on-verify-failure": "keep" });
  expect(verdictOf(play)).toBe("failed VerificationFailed");
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(inputsOf(stage, "ecs:StopServiceDeployment")).toEqual([]);
});
