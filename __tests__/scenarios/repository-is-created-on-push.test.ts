// The repository does not exist, and a creation template of the registry lets ECR create it with the first push.

import { describe, expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import { type StageOptions, setStage } from "./support/stage.ts";

const inputs = { "ecr-repository": "team/api" };

const pushing: StageOptions = { docker: { uploadsLayers: true } };

test("it is created by the push, and the image is deployed from it", async () => {
  const stage = await setStage(pushing);
  stage.simulator.ecr.repositories.putCreationTemplate("team");
  const play = await stage.play(inputs);
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toContain(
    "repository team/api does not exist yet (ECR creates it with the push)",
  );
  expect(Object.keys(stage.simulator.ecr.repositories.tags("team/api"))).toContain("latest");
  expect(play.calls).not.toContain("ecr:CreateRepository");
});

test("a dry run creates nothing", async () => {
  const stage = await setStage();
  stage.simulator.ecr.repositories.putCreationTemplate("ROOT");
  const play = await stage.play({ ...inputs, "dry-run": "true" });
  expect(play.outcome.outcome).toBe("planned");
  expect(changesOf(play)).toEqual([]);
  expect(() => stage.simulator.ecr.repositories.tags("team/api")).toThrow("team/api");
});

test("the template's immutable tags: latest is not moved later", async () => {
  const stage = await setStage(pushing);
  stage.simulator.ecr.repositories.putCreationTemplate("team", { imageTagMutability: "IMMUTABLE" });
  const play = await stage.play(inputs);
  expect(play.outcome.outcome).toBe("succeeded");
  expect(Object.keys(stage.simulator.ecr.repositories.tags("team/api"))).toEqual([stage.commit]);
});

describe("refused as before", () => {
  test.each([
    ["a template for pull through cache only", "team", ["PULL_THROUGH_CACHE"]],
    ["a template for another prefix", "teams", ["CREATE_ON_PUSH"]],
  ] as const)("%s", async (_, prefix, appliedFor) => {
    const stage = await setStage();
    stage.simulator.ecr.repositories.putCreationTemplate(prefix, { appliedFor });
    const play = await stage.play(inputs);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RepositoryNotFound" });
    expect(play.annotation).not.toContain("creation template");
    expect(changesOf(play)).toEqual([]);
  });

  test("the role may not read templates: the error names the permission", async () => {
    const stage = await setStage();
    stage.simulator.ecr.repositories.putCreationTemplate("team");
    stage.changePolicy = (statements) =>
      statements.filter(({ Sid }) => !Sid.startsWith("CreateOnPush"));
    const play = await stage.play(inputs);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "RepositoryNotFound" });
    expect(play.annotation).toContain("ecr:DescribeRepositoryCreationTemplates");
    expect(changesOf(play)).toEqual([]);
  });
});
