// The action `build`: an image is built or reused, pushed and scanned; nothing is deployed.

import type { ScanStep } from "ecs-simulator";
import { describe, expect, test } from "vitest";
import { movesOf, revisionOf } from "./support/changes.ts";
import { changesOf } from "./support/no-changes.ts";
import { cancelAfter, type Play, registry, type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";
import { buildStep } from "./support/verbs.ts";

const repository = `${registry}/clockko-backend`;
const critical: readonly ScanStep[] = [
  {
    afterMilliseconds: 2_000,
    scan: { status: "COMPLETE", findings: [{ name: "CVE-2026-1", severity: "CRITICAL" }] },
  },
];

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function isUntouched(stage: Stage, play: Play): boolean {
  return (
    revisionOf(stage) === "clockko-backend:1" && !play.calls.some((call) => call.startsWith("ecs:"))
  );
}

test("it builds, pushes and moves latest, and calls nothing of ECS", async () => {
  const stage = await setStage({ docker: { uploadsLayers: true } });

  const play = await stage.play({}, buildStep);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  const tags = stage.simulator.ecr.repositories.tags("clockko-backend");
  expect(play.outputs).toEqual({
    image: `${repository}:${stage.commit}`,
    "image-tag": stage.commit,
    "image-digest": tags[stage.commit],
    "image-reused": "false",
    outcome: "succeeded",
    "reason-code": "Succeeded",
    message: expect.stringMatching(/^✅ Built and pushed clockko-backend:7c2d1f0 in /),
    "duration-seconds": expect.any(String),
  });
  expect(tags["latest"]).toBe(tags[stage.commit]);
  expect(isUntouched(stage, play)).toBe(true);
  expect(play.summary).toContain(`Built and pushed ${repository}:`);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/verb-build.txt");
});

test("the same commit again: unchanged, nothing is built", async () => {
  const stage = await setStage();
  const first = await stage.play({}, buildStep);

  const play = await stage.play({}, buildStep);

  expect(verdictOf(play)).toBe("unchanged Unchanged");
  expect(play.dockerCommands).toEqual([]);
  expect(play.outputs).toMatchObject({
    image: first.outputs.image,
    "image-digest": first.outputs["image-digest"],
    "image-reused": "true",
  });
  expect(play.summary).toContain("Nothing to build");
});

test("its output is what deploy gets: the digest that was built is deployed", async () => {
  const stage = await setStage();
  const built = await stage.play({ "pin-digest": "true" }, buildStep);

  const play = await stage.play({ image: built.outputs.image ?? "", "ecr-repository": "" });

  expect(built.outputs.image).toMatch(/:[0-9a-f]{40}@sha256:/);
  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.outputs["image-digest"]).toBe(built.outputs["image-digest"]);
  expect(play.dockerCommands).toEqual([]);
  expect(movesOf(play)).toContain("ecs:UpdateService");
});

describe("it fails", () => {
  test("with the build's own words", async () => {
    const stage = await setStage({
      docker: { buildFails: ["ERROR: failed to solve: no such stage"] },
    });

    const play = await stage.play({}, buildStep);

    expect(verdictOf(play)).toBe("failed BuildFailed");
    expect(play.outputs.image).toBeUndefined();
    expect(play.exitCode).toBe(1);
    expect(play.log.at(-1)).toBe("  ❌ Build failed");
  });

  test("where the scan finds a vulnerability: the image is in the repository", async () => {
    const stage = await setStage();
    const { repositories } = stage.simulator.ecr;
    repositories.deleteRepository("clockko-backend");
    repositories.createRepository("clockko-backend", { scanOnPush: true, scans: critical });

    const play = await stage.play({ scan: "critical" }, buildStep);

    expect(verdictOf(play)).toBe("failed ScanFindings");
    expect(play.outputs.image).toBe(`${repository}:${stage.commit}`);
    expect(play.summary).toContain("CVE-2026-1");
    expect(play.summary).toContain("is in the repository");
    expect(play.summary).not.toContain("nothing was deployed");
  });

  test("without the repository", async () => {
    const stage = await setStage();

    const play = await stage.play({ "ecr-repository": "absent" }, buildStep);

    expect(verdictOf(play)).toBe("failed RepositoryNotFound");
    expect(changesOf(play)).toEqual([]);
  });

  test("without the permission to read the repository: both reads are named", async () => {
    const stage = await setStage();
    stage.changePolicy = (statements) => statements.filter(({ Sid }) => Sid !== "Repository");

    const play = await stage.play({}, buildStep);

    expect(verdictOf(play)).toBe("failed PermissionMissing");
    expect(play.annotation).toContain("ecr:DescribeRepositories");
    expect(play.annotation).toContain("ecr:DescribeImages");
    expect(changesOf(play)).toEqual([]);
  });

  test("with all input mistakes at once; inputs of other actions are not read", async () => {
    const stage = await setStage();

    const play = await stage.play(
      { "ecr-repository": "", platforms: "arm", "desired-count": "many", service: "", cluster: "" },
      buildStep,
    );

    expect(verdictOf(play)).toBe("failed InvalidInput");
    expect(play.annotation).toContain("ecr-repository: required, but empty");
    expect(play.annotation).toContain("platforms:");
    expect(play.annotation).toContain("2 inputs are wrong");
    expect(play.calls).toEqual([]);
  });
});

test("cancelled during the scan: the image is there, and the post step finds nothing", async () => {
  const stage = await setStage();
  const { repositories } = stage.simulator.ecr;
  const scans: readonly ScanStep[] = [
    { afterMilliseconds: 120_000, scan: { status: "COMPLETE", findings: [] } },
  ];
  repositories.deleteRepository("clockko-backend");
  repositories.createRepository("clockko-backend", { scanOnPush: true, scans });
  stage.onCall = (call) => call === "ecr:PutImage" && cancelAfter(stage, 20_000);

  const play = await stage.play({ scan: "critical" }, buildStep);

  expect(verdictOf(play)).toBe("cancelled Cancelled");
  expect(play.outputs.image).toBe(`${repository}:${stage.commit}`);
  expect(play.log.at(-1)).toContain("Cancelled; ");
  expect(await stage.playPost()).toEqual([
    "The main step ended before it could report. It has left no word of a deployment that is " +
      "under way.",
  ]);
});
