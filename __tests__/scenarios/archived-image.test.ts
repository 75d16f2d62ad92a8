// The deployed tag names an image in ECR's archive: it is described, but cannot be pulled.

import { describe, expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import { type InputTexts, registry, type Stage, setStage } from "./support/stage.ts";

/** `stable` is archived; the repository allows it to move, or not. */
async function stageWithArchived(movable: boolean): Promise<Stage> {
  const stage = await setStage();
  const { repositories } = stage.simulator.ecr;
  repositories.setTagMutability("clockko-backend", "IMMUTABLE_WITH_EXCLUSION", [
    movable ? "stable" : "latest",
  ]);
  repositories.putImage("clockko-backend", { tags: ["stable"] });
  repositories.archiveImage("clockko-backend", "stable");
  return stage;
}

describe("refused, with the command that restores it", () => {
  const cases: Readonly<Record<string, readonly [boolean, InputTexts]>> = {
    "an immutable tag": [false, {}],
    "reuse of an immutable tag": [false, { "if-image-exists": "reuse" }],
    "reuse of a mutable tag": [true, { "if-image-exists": "reuse" }],
  };
  test.each(Object.entries(cases))("%s", async (_, [movable, inputs]) => {
    const stage = await stageWithArchived(movable);
    const play = await stage.play({ "image-tag": "stable", "latest-tag": "none", ...inputs });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageArchived" });
    expect(play.annotation).toContain("is archived in ECR: tasks cannot pull it");
    expect(play.annotation).toContain("update-image-storage-class");
    expect(changesOf(play)).toEqual([]);
  });
});

test("it is being restored, and deployed when that is done", async () => {
  const stage = await stageWithArchived(false);
  const inputs = { "image-tag": "stable", "latest-tag": "none", "if-image-exists": "reuse" };
  const { ecr } = stage.simulator;
  const principal = { accountId: "123456789012", arn: "root", accessKeyId: "test" };
  ecr.service.operations["UpdateImageStorageClass"]?.(
    {
      repositoryName: "clockko-backend",
      imageId: { imageTag: "stable" },
      targetStorageClass: "STANDARD",
    },
    { principal, host: "localhost", requestId: "test" },
  );
  const early = await stage.play(inputs);
  expect(early.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageArchived" });
  expect(early.annotation).toContain("is being restored");
  stage.clock.advance(20 * 60_000);
  expect((await stage.play(inputs)).outcome.outcome).toBe("succeeded");
});

test("a mutable tag is moved to an image that is built now", async () => {
  const stage = await stageWithArchived(true);
  const play = await stage.play({ "image-tag": "stable", "latest-tag": "none" });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toContain("names an archived image: the image is built");
});

test("`image` names an archived image: it is not found, and the archive is mentioned", async () => {
  const stage = await stageWithArchived(false);
  const play = await stage.play({
    image: `${registry}/clockko-backend:stable`,
    "ecr-repository": "",
  });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageNotFound" });
  expect(play.annotation).toContain("ECR's archive");
});

test("a registry that does not know the archive is asked without the filter", async () => {
  const stage = await setStage();
  stage.simulator.faults.add(
    "ecr:DescribeImages",
    { kind: "error", name: "InvalidParameterException", message: "Unknown filter", status: 400 },
    1,
  );
  expect((await stage.play()).outcome.outcome).toBe("succeeded");
});
