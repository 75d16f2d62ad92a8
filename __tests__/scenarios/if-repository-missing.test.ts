// `if-repository-missing: create`: the repository is created as the documentation recommends it.

import { describe, expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { changesOf } from "./support/no-changes.ts";
import { type InputTexts, type Play, registry, type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";
import { buildStep } from "./support/verbs.ts";

const fresh: InputTexts = {
  "ecr-repository": "team/fresh",
  "if-repository-missing": "create",
  "container-name": "app",
};

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function creationsOf(stage: Stage) {
  return inputsOf(stage, "ecr:CreateRepository");
}

test("it is created with immutable tags except latest, and the image is deployed from it", async () => {
  const stage = await setStage();

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toEqual([
    {
      repositoryName: "team/fresh",
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "latest" }],
      imageScanningConfiguration: { scanOnPush: true },
    },
  ]);
  expect(play.outputs.image).toBe(`${registry}/team/fresh:${stage.commit}`);
  const tags = stage.simulator.ecr.repositories.tags("team/fresh");
  expect(tags["latest"]).toBe(tags[stage.commit]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/if-repository-missing.txt");
});

test("one that exists is not changed", async () => {
  const stage = await setStage();

  const play = await stage.play({ "if-repository-missing": "create" });

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toEqual([]);
});

test("the action build has it, too", async () => {
  const stage = await setStage();

  const play = await stage.play(fresh, buildStep);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toHaveLength(1);
});

describe("its mutable tags", () => {
  test.each<[string, InputTexts, object]>([
    ["another latest-tag", { "latest-tag": "newest" }, { filters: ["newest"] }],
    ["no latest-tag", { "latest-tag": "none" }, { setting: "IMMUTABLE", filters: undefined }],
    [
      "the build cache, which every build writes again",
      { "cache-to": "registry" },
      { filters: ["latest", "buildcache"] },
    ],
  ])("%s", async (_, inputs, expected) => {
    const stage = await setStage({ docker: { buildx: true } });

    await stage.play({ ...fresh, ...inputs });

    const [request] = creationsOf(stage) as {
      imageTagMutability: string;
      imageTagMutabilityExclusionFilters?: { filter: string }[];
    }[];
    expect({
      setting: request?.imageTagMutability,
      filters: request?.imageTagMutabilityExclusionFilters?.map(({ filter }) => filter),
    }).toEqual({ setting: "IMMUTABLE_WITH_EXCLUSION", ...expected });
  });
});

test("a dry run says so, and creates nothing", async () => {
  const stage = await setStage();

  const play = await stage.play({ ...fresh, "dry-run": "true" });

  expect(verdictOf(play)).toBe("planned Planned");
  expect(play.summary).toContain(
    "Would create the repository team/fresh (immutable tags except latest, scan on push).",
  );
  expect(changesOf(play)).toEqual([]);
});

test("another run creates it at the same moment: that repository is used", async () => {
  const stage = await setStage();
  const { repositories } = stage.simulator.ecr;
  let isCreated = false;
  stage.onCall = (call) => {
    // After the repository was looked up, and before the step creates it.
    if (call !== "ecr:GetAuthorizationToken" || isCreated) return;
    isCreated = true;
    repositories.createRepository("team/fresh");
  };

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.calls).toContain("ecr:CreateRepository → RepositoryAlreadyExistsException");
  expect(play.log.join("\n")).toContain("was created by another run meanwhile");
});

test("other mistakes are found before it is created", async () => {
  const stage = await setStage();

  const play = await stage.play({ ...fresh, service: "absent" });

  expect(verdictOf(play)).toBe("failed ServiceNotFound");
  expect(changesOf(play)).toEqual([]);
});

test("without the permission, nothing is built", async () => {
  const stage = await setStage();
  stage.changePolicy = (statements) =>
    statements.filter(({ Action }) => ![Action].flat().includes("ecr:CreateRepository"));

  const play = await stage.play(fresh);

  expect(verdictOf(play)).toBe("failed PermissionMissing");
  expect(play.annotation).toContain('Allow the action "ecr:CreateRepository"');
  expect(play.annotation).toContain("repository/team/fresh");
  expect(changesOf(play)).toEqual(["ecr:CreateRepository → AccessDeniedException"]);
});
