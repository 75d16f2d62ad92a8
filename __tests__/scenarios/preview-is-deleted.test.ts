// When a pull request is closed, its preview is deleted, and nothing that the action did not make.

import { describe, expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { setExpressStage } from "./support/express.ts";
import { changesOf } from "./support/no-changes.ts";
import { makePreview, pattern, previewStep, recordedGithub, statusOf } from "./support/preview.ts";
import type { Play } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const closed = previewStep({ state: "closed" });

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

test("closed: the preview is deleted, and the step does not wait for it", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);

  const play = await stage.play(pattern, closed);

  expect(verdictOf(play)).toBe("succeeded Deleted");
  expect(statusOf(stage, "shop-pr-12")).toBe("DRAINING");
  expect(statusOf(stage, "shop")).toBe("ACTIVE");
  expect(play.summary).toContain("Deleted preview shop-pr-12");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/preview-is-deleted.txt");
});

test("with wait-for-service-stability: true it waits until ECS has deleted it", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);

  const play = await stage.play({ ...pattern, "wait-for-service-stability": "true" }, closed);

  expect(verdictOf(play)).toBe("succeeded Deleted");
  expect(statusOf(stage, "shop-pr-12")).toBe("INACTIVE");
});

test("twice: the second run finds it being deleted, the third finds none", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);
  await stage.play(pattern, closed);

  const second = await stage.play(pattern, closed);
  stage.clock.advance(60 * 60_000);
  const third = await stage.play(pattern, closed);

  expect([verdictOf(second), verdictOf(third)]).toEqual([
    "unchanged Unchanged",
    "unchanged Unchanged",
  ]);
  expect(second.log.at(-1)).toContain("preview shop-pr-12 is being deleted already");
  expect(third.log.at(-1)).toContain("there is no preview shop-pr-12");
  expect(changesOf(second)).toEqual([]);
  expect(changesOf(third)).toEqual([]);
});

test("a deletion needs neither a checkout nor a repository", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);
  stage.surroundings.kindOf = () => "nothing";

  const play = await stage.play({ ...pattern, "ecr-repository": "" }, closed);

  expect(verdictOf(play)).toBe("succeeded Deleted");
});

test("preview-delete: true deletes it although the pull request is open", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);

  const play = await stage.play({ ...pattern, "preview-delete": "true" }, previewStep());

  expect(verdictOf(play)).toBe("succeeded Deleted");
  expect(statusOf(stage, "shop-pr-12")).toBe("DRAINING");
});

describe("a service that the action did not make is not deleted:", () => {
  test("an Express Mode service of another user, without tags", async () => {
    const stage = await setExpressStage();
    makePreview(stage, 12);
    const resourceArn = stage.simulator.ecs.describeService({
      cluster: "clockko",
      service: "shop-pr-12",
    }).serviceArn;
    byAnotherUser(stage, "UntagResource", {
      resourceArn,
      tagKeys: ["deploy-ecs:preview", "deploy-ecs:repository", "deploy-ecs:expires"],
    });

    const play = await stage.play(pattern, closed);

    expect(verdictOf(play)).toBe("failed PreviewRefused");
    expect(changesOf(play)).toEqual([]);
    expect(statusOf(stage, "shop-pr-12")).toBe("ACTIVE");
    expect(play.annotation).toContain("it has no tag deploy-ecs:preview");
  });

  test.each([
    ["deploy-ecs:preview", "store"],
    ["deploy-ecs:repository", "acme/store"],
    ["deploy-ecs:expires", "never"],
  ])("one whose tag %s is %s", async (key, value) => {
    const stage = await setExpressStage();
    makePreview(stage, 12, { tags: { [key]: value } });

    const play = await stage.play(pattern, closed);

    expect(verdictOf(play)).toBe("failed PreviewRefused");
    expect(changesOf(play)).toEqual([]);
    expect(play.annotation).toContain(key);
  });
});

describe("expired previews", () => {
  test("are deleted with it, each named in the summary; all others stay", async () => {
    const stage = await setExpressStage();
    makePreview(stage, 12);
    makePreview(stage, 7, { days: -1 });
    makePreview(stage, 8, { days: 1 });
    makePreview(stage, 9, { days: -1, tags: { "deploy-ecs:repository": "acme/store" } });

    const play = await stage.play(pattern, closed);

    expect(verdictOf(play)).toBe("succeeded Deleted");
    expect([7, 8, 9].map((number) => statusOf(stage, `shop-pr-${number}`))).toEqual([
      "DRAINING",
      "ACTIVE",
      "ACTIVE",
    ]);
    expect(play.summary).toContain("Deleted expired preview shop-pr-7.");
  });

  test("are found among more than a page and more than one DescribeServices", async () => {
    const stage = await setExpressStage();
    for (let number = 20; number < 45; number++) makePreview(stage, number, { days: -1 });

    const play = await stage.play(
      { ...pattern, "preview-delete": "true" },
      previewStep({ name: "schedule" }),
    );

    expect(verdictOf(play)).toBe("succeeded Deleted");
    expect(play.summary.match(/Deleted expired preview/g)).toHaveLength(26);
  });

  test("on a schedule with none of them: unchanged", async () => {
    const stage = await setExpressStage();
    makePreview(stage, 12);

    const play = await stage.play(
      { ...pattern, "preview-delete": "true" },
      previewStep({ name: "schedule" }),
    );

    expect(verdictOf(play)).toBe("unchanged Unchanged");
    expect(changesOf(play)).toEqual([]);
  });

  test("one that cannot be deleted is a warning; the preview of the pull request is deleted", async () => {
    const stage = await setExpressStage();
    makePreview(stage, 12);
    stage.changePolicy = (statements) =>
      statements.filter(({ Action }) => ![Action].flat().includes("ecs:ListServices"));

    const play = await stage.play(pattern, closed);

    expect(verdictOf(play)).toBe("succeeded Deleted");
    expect(play.log.join("\n")).toContain("warning: Not all expired previews could be deleted");
  });
});

test("GitHub is told that the deployment is inactive", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);
  const github = recordedGithub();

  await stage.play(
    { ...pattern, "github-token": "ghs_0123456789" },
    previewStep({ state: "closed" }, github),
  );

  expect(github).toEqual({ deployments: [], deactivated: ["pr-12"], refusal: undefined });
});

test("without permission to delete, the action is named", async () => {
  const stage = await setExpressStage();
  makePreview(stage, 12);
  stage.changePolicy = (statements) =>
    statements.filter(({ Action }) => ![Action].flat().includes("ecs:DeleteExpressGatewayService"));

  const play = await stage.play(pattern, closed);

  expect(verdictOf(play)).toBe("failed PermissionMissing");
  expect(statusOf(stage, "shop-pr-12")).toBe("ACTIVE");
  expect(play.annotation).toContain("ecs:DeleteExpressGatewayService");
});
