import { describe, expect, test } from "vitest";
import { setStage } from "./support/stage.ts";

describe("a region", () => {
  test("in the SDK's list needs no DNS lookup", async () => {
    const stage = await setStage({ region: "eusc-de-east-1" });
    const asked: string[] = [];
    stage.surroundings.hostExists = async (host) => asked.push(host) < 0;

    expect((await stage.play()).outcome.outcome).toBe("succeeded");
    expect(asked).toEqual([]);
  });

  test("that is newer than the list is found in the DNS, by its partition's suffix", async () => {
    const stage = await setStage({ region: "cn-south-9" });
    stage.surroundings.hostExists = async (host) => host.endsWith(".amazonaws.com.cn");

    expect((await stage.play()).outcome.outcome).toBe("succeeded");
  });

  test("that is mistyped is refused if the DNS knows the partition", async () => {
    const stage = await setStage();
    const inputs = {
      "aws-region": "us-gov-wset-1",
      "role-to-assume": "arn:aws-us-gov:iam::123456789012:role/deploy",
    };
    stage.surroundings.hostExists = async (host) => host === "sts.us-gov-west-1.amazonaws.com";

    const play = await stage.play(inputs);

    expect(play.outcome.reasonCode).toBe("InvalidInput");
    expect(play.annotation).toContain('got "us-gov-wset-1": AWS has no endpoint there');
  });

  test("of a partition that this DNS does not know is accepted", async () => {
    const stage = await setStage({ region: "us-iso-south-9" });
    stage.surroundings.hostExists = async (host) => host.endsWith(".amazonaws.com");

    expect((await stage.play()).outcome.outcome).toBe("succeeded");
  });
});
