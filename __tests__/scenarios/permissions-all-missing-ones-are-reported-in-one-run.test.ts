import { describe, expect, test } from "vitest";
import type { PolicyStatement } from "../../tools/docs/deploy-policy.ts";
import { movesOf } from "./support/changes.ts";
import { account, region, type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

/** The policy in the READMEs of the four official actions. */
const officialChain: PolicyStatement = {
  Sid: "OfficialChain",
  Effect: "Allow",
  Action: [
    "ecs:RegisterTaskDefinition",
    "ecs:UpdateService",
    "ecs:DescribeServices",
    "iam:PassRole",
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
  ],
  Resource: "*",
};
const repository = `arn:aws:ecr:${region}:${account}:repository/clockko-backend`;

const cluster = `arn:aws:ecs:${region}:${account}:cluster/clockko`;

/** The statements of the hint, as a user would paste them. */
function statementsIn(annotation: string): readonly PolicyStatement[] {
  return JSON.parse(annotation.match(/^\{\n[\s\S]*^\}$/m)?.[0] ?? '{"Statement": []}').Statement;
}

function without(stage: Stage, ...actions: readonly string[]): void {
  stage.changePolicy = (statements) =>
    statements.map((one) => ({
      ...one,
      Action: [one.Action].flat().filter((action) => !actions.includes(action)),
    }));
}

test("permissions: all missing ones are reported in one run", async () => {
  const stage = await setStage();
  stage.changePolicy = () => [officialChain];

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PermissionMissing" });
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/permissions-all-missing-ones-are-reported-in-one-run.txt",
  );

  const added = statementsIn(play.annotation);
  expect(added).toEqual([
    {
      Effect: "Allow",
      Action: ["ecr:DescribeImages", "ecr:DescribeRepositories"],
      Resource: repository,
    },
    { Effect: "Allow", Action: ["ecs:DescribeTaskDefinition"], Resource: "*" },
    { Effect: "Allow", Action: ["ecs:DescribeClusters"], Resource: cluster },
  ]);
  stage.changePolicy = () => [officialChain, ...added];
  expect((await stage.play()).outcome.outcome).toBe("succeeded");
});

describe("one run is enough", () => {
  test("no permissions at all: also the task definition of a service that may not be read", async () => {
    const stage = await setStage({ services: ["worker"] });
    stage.changePolicy = () => [];

    const { annotation } = await stage.play({ service: "clockko-backend\nworker" });

    const services = ["clockko-backend", "worker"].map(
      (name) => `arn:aws:ecs:${region}:${account}:service/clockko/${name}`,
    );
    expect(statementsIn(annotation)).toEqual([
      {
        Effect: "Allow",
        Action: ["ecr:DescribeImages", "ecr:DescribeRepositories"],
        Resource: repository,
      },
      ...services.map((Resource) => ({
        Effect: "Allow",
        Action: ["ecs:DescribeServices"],
        Resource,
      })),
      { Effect: "Allow", Action: ["ecs:DescribeTaskDefinition"], Resource: "*" },
      { Effect: "Allow", Action: ["ecs:DescribeClusters"], Resource: cluster },
    ]);
  });

  test("with when-busy: wait, which reads the service first", async () => {
    const stage = await setStage();
    without(stage, "ecs:DescribeServices", "ecr:DescribeImages");

    const { annotation } = await stage.play({ "when-busy": "wait" });

    expect(annotation).toContain("- ecs:DescribeServices on ");
    expect(annotation).toContain("- ecr:DescribeImages on ");
  });

  test("with an existing image of ECR", async () => {
    const stage = await setStage();
    without(stage, "ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition");

    const image = `${account}.dkr.ecr.${region}.amazonaws.com/clockko-backend:v1`;
    const { annotation } = await stage.play({ image, "ecr-repository": "" });

    expect(annotation).toContain("- ecr:GetAuthorizationToken on *");
    expect(annotation).toContain("- ecs:DescribeTaskDefinition on *");
  });

  test("a single missing permission is reported with AWS's error and the statement", async () => {
    const stage = await setStage();
    without(stage, "ecr:DescribeImages");

    const { annotation } = await stage.play();

    expect(annotation).toContain("is not authorized to perform: ecr:DescribeImages on resource");
    expect(statementsIn(annotation)).toEqual([
      { Effect: "Allow", Action: ["ecr:DescribeImages"], Resource: repository },
    ]);
  });

  test("an explicit deny is reported separately, because a statement does not help", async () => {
    const stage = await setStage();
    const deny = { Sid: "No", Effect: "Deny", Action: "ecr:DescribeImages", Resource: "*" };
    stage.changePolicy = (statements) => [
      ...statements.filter(({ Action }) => ![Action].flat().includes("ecs:DescribeTaskDefinition")),
      deny as unknown as PolicyStatement,
    ];

    const { annotation } = await stage.play();

    expect(annotation).toContain(
      `- ecr:DescribeImages on ${repository} (denied by an identity-based policy)`,
    );
    expect(annotation).toContain("no Allow can outvote it");
    expect(statementsIn(annotation).map(({ Action }) => Action)).toEqual([
      ["ecs:DescribeTaskDefinition"],
    ]);
  });
});
