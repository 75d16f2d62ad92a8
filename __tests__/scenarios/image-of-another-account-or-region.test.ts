// Our password is only good in our own region, and is sent nowhere else: permissions are not the cure.

import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

test.each(["123456789012", "210987654321"])(
  "an image in ECR of another region, account %s: the region is named, and the way to sign in",
  async (account) => {
    const stage = await setStage();
    const image = `${account}.dkr.ecr.eu-west-1.amazonaws.com/shared/app:v3`;
    const play = await stage.play({ image, "ecr-repository": "" });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageUnreadable" });
    expect(play.annotation).toContain("in ECR in another region, eu-west-1");
    expect(play.annotation).toMatch(/Sign in to that registry.*eu-west-1/);
    expect(play.annotation).not.toContain("ecr:BatchGetImage");
    expect(movesOf(play)).toEqual([]);
  },
);
