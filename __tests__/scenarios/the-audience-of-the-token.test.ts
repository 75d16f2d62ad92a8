import { githubIssuer } from "ecs-simulator/iam";
import { describe, expect, test } from "vitest";
import { type Stage, setStage } from "./support/stage.ts";

/** The account's identity provider lists these, and the role trusts tokens for any of them. */
function listAudiences({ simulator }: Stage, ...clientIds: readonly string[]): void {
  simulator.providers.put({ url: githubIssuer, clientIds, keys: simulator.oidc.jwks });
}

function audiencesOf({ simulator }: Stage): readonly unknown[] {
  const asked = simulator.calls.filter(({ service }) => service === "oidc");
  return asked.map(({ input }) => (input as { readonly audience?: string }).audience);
}

describe("in China", () => {
  test("sts.amazonaws.com.cn is tried first, then the audience of the official action", async () => {
    const stage = await setStage({ region: "cn-north-1" });
    listAudiences(stage, "sts.amazonaws.com");

    const play = await stage.play();

    expect(audiencesOf(stage)).toEqual(["sts.amazonaws.com.cn", "sts.amazonaws.com"]);
    // The role of the stage trusts only the first one.
    expect(play.outcome.reasonCode).toBe("RoleRefused");
    expect(play.annotation).toContain(
      '"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"',
    );
  });

  test("an audience that the provider does not list is refused, and the one for China is named", async () => {
    const stage = await setStage({ region: "cn-north-1" });

    const play = await stage.play({ audience: "sts.amazonaws.com" });

    expect(audiencesOf(stage)).toEqual(["sts.amazonaws.com"]);
    expect(play.outcome.reasonCode).toBe("RoleRefused");
    expect(play.annotation).toContain("(aud: sts.amazonaws.com): Incorrect token audience");
    expect(play.annotation).toContain("in China it is usually sts.amazonaws.com.cn");
  });
});

test("elsewhere only one audience is tried, once", async () => {
  const stage = await setStage();
  listAudiences(stage, "something-else");

  const play = await stage.play();

  expect(audiencesOf(stage)).toEqual(["sts.amazonaws.com"]);
  expect(play.annotation).toContain("with the audience sts.amazonaws.com. If it lists another one");
});
