// A pull request gets a service of its own, made from the configuration of its pattern.

import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser, inputsOf } from "./support/changes.ts";
import { setExpressStage } from "./support/express.ts";
import { changesOf } from "./support/no-changes.ts";
import {
  infrastructureRoleArn,
  makePreview,
  pattern,
  previewStep,
  recordedGithub,
} from "./support/preview.ts";
import { account, cancelAfter, type Play, type Stage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf";
const main = {
  environment: [
    { name: "GREETING", value: "hello" },
    { name: "MODE", value: "production" },
  ],
  secrets: [{ name: "KEY", valueFrom: secret }],
};
const withSecret = { main, secrets: { [secret]: "hidden-value" } };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function creationsOf(stage: Stage) {
  return inputsOf(stage, "ecs:CreateExpressGatewayService");
}

function tagsOf({ simulator }: Stage, service: string): Readonly<Record<string, string>> {
  const found = byAnotherUser<{
    services: { tags: { key: string; value: string }[] }[];
  }>({ simulator } as Stage, "DescribeServices", {
    cluster: "clockko",
    services: [service],
    include: ["TAGS"],
  });
  return Object.fromEntries(found.services[0]?.tags.map(({ key, value }) => [key, value]) ?? []);
}

test("opened: it is created from the pattern, and its URL is the output", async () => {
  const stage = await setExpressStage(withSecret);

  const play = await stage.play(
    { ...pattern, "environment-variables": "MODE=preview", express: "{cpu: 256, memory: 512}" },
    previewStep(),
  );

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  const expires = new Date(stage.clock.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  expect(creationsOf(stage)).toEqual([
    {
      serviceName: "shop-pr-12",
      cluster: "clockko",
      infrastructureRoleArn,
      executionRoleArn: `arn:aws:iam::${account}:role/clockko-execution`,
      healthCheckPath: "/",
      cpu: "256",
      memory: "512",
      networkConfiguration: { subnets: expect.any(Array) },
      primaryContainer: {
        image: play.outputs.image,
        containerPort: 80,
        environment: [
          { name: "GREETING", value: "hello" },
          { name: "MODE", value: "preview" },
        ],
        secrets: main.secrets,
      },
      scalingTarget: { minTaskCount: 1, maxTaskCount: 1 },
      tags: [
        { key: "deploy-ecs:preview", value: "shop" },
        { key: "deploy-ecs:repository", value: "acme/shop" },
        { key: "deploy-ecs:expires", value: expect.stringContaining(expires) },
      ],
    },
  ]);
  expect(play.outputs.url).toMatch(/^https:\/\/sh-[0-9a-f]{32}\.ecs\.us-east-1\.on\.aws$/);
  expect(play.summary).toContain(play.outputs.url);
  expect(play.log.join("\n")).toContain("shop-pr-12 reads the same secrets as its pattern: KEY.");
  expect(play.calls.filter((call) => call.startsWith("ecr:PutImage"))).toHaveLength(0);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/preview-is-deployed.txt");
});

test("the pattern is neither changed nor deployed", async () => {
  const stage = await setExpressStage();
  const before = stage.simulator.ecs.describeService({ cluster: "clockko", service: "shop" });

  await stage.play(pattern, previewStep());

  const after = stage.simulator.ecs.describeService({ cluster: "clockko", service: "shop" });
  expect(after.deployments).toEqual(before.deployments);
  expect(inputsOf(stage, "ecs:UpdateService")).toEqual([]);
});

test("synchronize: it is updated, keeps its URL, and expires later", async () => {
  const stage = await setExpressStage();
  const first = await stage.play(pattern, previewStep());
  const expiry = tagsOf(stage, "shop-pr-12")["deploy-ecs:expires"] ?? "";
  stage.clock.advance(60 * 60_000);
  stage.commit = "8".repeat(40);

  const play = await stage.play(pattern, previewStep());

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.outputs.url).toBe(first.outputs.url);
  expect(creationsOf(stage)).toHaveLength(1);
  expect(inputsOf(stage, "ecs:UpdateService")).toEqual([
    {
      cluster: expect.stringContaining("clockko"),
      service: "shop-pr-12",
      taskDefinition: expect.stringContaining("/clockko-shop-pr-12:2"),
    },
  ]);
  expect(Date.parse(tagsOf(stage, "shop-pr-12")["deploy-ecs:expires"] ?? "")).toBeGreaterThan(
    Date.parse(expiry),
  );
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/preview-is-updated.txt");
});

test("the same commit again: unchanged, with the URL", async () => {
  const stage = await setExpressStage();
  const first = await stage.play(pattern, previewStep());

  const play = await stage.play(pattern, previewStep());

  expect(verdictOf(play)).toBe("unchanged Unchanged");
  expect(play.outputs.url).toBe(first.outputs.url);
});

test("two pushes in a row never overlap: the second waits for the first", async () => {
  const stage = await setExpressStage();
  await stage.play(pattern, previewStep());
  stage.commit = "8".repeat(40);
  await stage.play({ ...pattern, "wait-for-service-stability": "false" }, previewStep());
  stage.commit = "9".repeat(40);

  const play = await stage.play(pattern, previewStep());

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  const { serviceDeployments } = byAnotherUser<{
    serviceDeployments: { createdAt: Date; finishedAt: Date; status: string }[];
  }>(stage, "ListServiceDeployments", { cluster: "clockko", service: "shop-pr-12" });
  expect(serviceDeployments.map(({ status }) => status)).toEqual(
    serviceDeployments.map(() => "SUCCESSFUL"),
  );
  const [newest, before] = serviceDeployments;
  expect(Number(newest?.createdAt)).toBeGreaterThanOrEqual(Number(before?.finishedAt));
});

test("while it is being deleted: the step waits, and creates it anew with another URL", async () => {
  const stage = await setExpressStage();
  const first = await stage.play(pattern, previewStep());
  await stage.play(pattern, previewStep({ state: "closed" }));

  const play = await stage.play(pattern, previewStep());

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(creationsOf(stage)).toHaveLength(2);
  expect(play.outputs.url).not.toBe(first.outputs.url);
});

describe("a service that the action did not make is not changed:", () => {
  test.each([
    ["deploy-ecs:preview", "store"],
    ["deploy-ecs:repository", "acme/store"],
  ])("its tag %s is %s", async (key, value) => {
    const stage = await setExpressStage();
    makePreview(stage, 12, { tags: { [key]: value } });

    const play = await stage.play(pattern, previewStep());

    expect(verdictOf(play)).toBe("failed PreviewRefused");
    expect(changesOf(play)).toEqual([]);
  });

  test("a preview is no pattern", async () => {
    const stage = await setExpressStage();
    makePreview(stage, 12);

    const play = await stage.play({ service: "shop-pr-12" }, previewStep());

    expect(verdictOf(play)).toBe("failed PreviewRefused");
    expect(changesOf(play)).toEqual([]);
    expect(play.annotation).toContain("is a preview itself");
  });
});

describe("with github-token", () => {
  const token = { ...pattern, "github-token": "ghs_0123456789" };

  test("the URL is the deployment of the environment pr-12 at the pull request's last commit", async () => {
    const stage = await setExpressStage();
    const github = recordedGithub();

    const play = await stage.play(token, previewStep({}, github));

    expect(github.deployments).toEqual([
      {
        environment: "pr-12",
        commit: "head-of-12",
        state: "success",
        url: play.outputs.url,
        logUrl: "https://github.com/acme/shop/actions/runs/42",
      },
    ]);
  });

  test("a failed preview is a failure there, too", async () => {
    let crashes = false;
    const stage = await setExpressStage({ firstTasks: () => (crashes ? exitsWith(1) : runs()) });
    const github = recordedGithub();
    crashes = true;

    const play = await stage.play(token, previewStep({}, github));

    expect(verdictOf(play)).toBe("failed FirstDeploymentFailed");
    expect(github.deployments.map(({ state }) => state)).toEqual(["failure"]);
  });

  test("that GitHub refuses: one warning, and nothing is lost", async () => {
    const stage = await setExpressStage();
    const github = recordedGithub();
    github.refusal = "Resource not accessible by integration";

    const play = await stage.play(token, previewStep({}, github));

    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.exitCode).toBe(0);
    expect(play.outputs.url).toMatch(/^https:/);
    const warnings = play.log.filter((line) => line.includes("warning:"));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("Resource not accessible by integration");
    expect(warnings[0]).toContain("deployments: write");
  });

  test("the token is hidden", async () => {
    const stage = await setExpressStage();
    const github = recordedGithub();
    github.refusal = "bad credentials: ghs_0123456789";

    const play = await stage.play(token, previewStep({}, github));

    expect(transcript(play)).not.toContain("ghs_0123456789");
  });
});

test("cancelled with on-cancel: rollback, the update of the preview is rolled back", async () => {
  const stage = await setExpressStage();
  await stage.play(pattern, previewStep());
  stage.commit = "8".repeat(40);
  stage.onCall = (call) => {
    if (call === "ecs:UpdateService") cancelAfter(stage, 90_000);
  };

  const play = await stage.play({ ...pattern, "on-cancel": "rollback" }, previewStep());

  expect(play.outcome.outcome).toBe("cancelled");
  expect(play.calls).toContain("ecs:StopServiceDeployment");
});

test("without permission to read the pattern, the action is named", async () => {
  const stage = await setExpressStage();
  stage.changePolicy = (statements) =>
    statements.filter(
      ({ Action }) => ![Action].flat().includes("ecs:DescribeExpressGatewayService"),
    );

  const play = await stage.play(pattern, previewStep());

  expect(verdictOf(play)).toBe("failed PermissionMissing");
  expect(changesOf(play)).toEqual([]);
});
