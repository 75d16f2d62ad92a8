import { describe, expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

/** As Node says it; `__tests__/unit/aws/tls.test.ts` has it from a real connection. */
const intercepted = {
  kind: "tls",
  code: "SELF_SIGNED_CERT_IN_CHAIN",
  message: "self-signed certificate in certificate chain",
} as const;

test("proxy with an untrusted certificate", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("sts:*", intercepted, 1_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TlsFailed" });
  expect(play.elapsedMilliseconds).toBe(0);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/proxy-with-an-untrusted-certificate.txt",
  );
});

describe("in front of any service", () => {
  test.each([
    "oidc:*",
    "sts:GetCallerIdentity",
    "ecr:*",
    "ecs:DescribeServices",
    "ecs:RegisterTaskDefinition",
  ])("at %s it is reported at once, and the remedy is not a trust policy", async (call) => {
    const stage = await setStage();
    stage.simulator.faults.add(call, intercepted, 1_000);

    const play = await stage.play();

    expect(play.outcome.reasonCode).toBe("TlsFailed");
    expect(play.annotation).toContain("NODE_EXTRA_CA_CERTS");
    expect(movesOf(play).filter((move) => move.startsWith("ecs:UpdateService"))).toEqual([]);
  });
});
