import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("GitHub denies the OIDC token", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("oidc:GET /_oidc/token", { kind: "garbage", status: 403, body: "{}" });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "IdTokenUnavailable" });
  expect(play.calls).toEqual(["oidc:GET /_oidc/token"]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/github-denies-the-oidc-token.txt",
  );
});
