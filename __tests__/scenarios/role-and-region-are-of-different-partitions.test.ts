import { describe, expect, test } from "vitest";
import { setStage, useOwnCredentials } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("role and region are of different partitions", async () => {
  const stage = await setStage();

  const play = await stage.play({
    "role-to-assume": "arn:aws-us-gov:iam::123456789012:role/deploy",
  });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "InvalidInput" });
  expect(play.annotation).toMatch(
    /role of the partition aws-us-gov, but aws-region us-east-1 is in the partition aws\b/,
  );
  expect(play.calls).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/role-and-region-are-of-different-partitions.txt",
  );
});

describe("keys do not show their partition: AWS only reports that they are invalid", () => {
  test("the job's own keys", async () => {
    const stage = await setStage({ region: "cn-north-1" });
    await useOwnCredentials({
      AWS_ACCESS_KEY_ID: "AKIAELSEWHERE",
      AWS_SECRET_ACCESS_KEY: "elsewhere",
    });

    const play = await stage.play({ "role-to-assume": "" });

    expect(play.outcome.reasonCode).toBe("CredentialsRefused");
    expect(play.annotation).toContain("aws-region cn-north-1 is in aws-cn");
  });

  test("a role session in a region that is not enabled: the remedy is not to use a role", async () => {
    const stage = await setStage();
    const invalid = {
      name: "InvalidClientTokenId",
      message: "The security token included in the request is invalid",
    };
    stage.simulator.faults.add(
      "sts:GetCallerIdentity",
      { kind: "error", ...invalid, status: 403 },
      9,
    );

    const play = await stage.play();

    expect(play.outcome.reasonCode).toBe("CredentialsRefused");
    expect(play.annotation).not.toContain("Use role-to-assume");
    expect(play.annotation).toContain(
      "not accepted in us-east-1. Is that aws-region switched on in the role's account",
    );
  });
});
