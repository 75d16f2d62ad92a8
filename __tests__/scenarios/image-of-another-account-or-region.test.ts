// Promote: the image is in ECR of another account or another region. The step signs in there with its own role, and deploys the same digest.

import { iamArn, registryHostOf } from "ecs-simulator/iam";
import { describe, expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { account, commit, region, type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const staging = "210987654321";

const letsIn = (principal: string) => ({
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow" as const,
    Principal: { AWS: principal },
    Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
  },
});
const wholeAccount = letsIn(iamArn({ region, accountId: account }, "root"));
const deployRoleOnly = letsIn(iamArn({ region, accountId: account }, "role/clockko-gha-role"));

interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** The repository `shop/app` there, with an image. */
function putImage(stage: Stage, place: Place, architecture = "amd64"): string {
  const there = stage.simulator.registryAt(place);
  there.createRepository("shop/app");
  return there.putImage("shop/app", { tags: ["v3"], architecture, layers: ["v3"] });
}

const given = (place: Place, version = ":v3") => ({
  "ecr-repository": "",
  image: `${registryHostOf(place)}/shop/app${version}`,
});

const places = [
  { name: "another region", accountId: account, region: "eu-west-1" },
  { name: "another account", accountId: staging, region },
  { name: "another account and region", accountId: staging, region: "eu-west-1" },
];

describe.each(places)("an image in $name", ({ name, ...place }) => {
  async function stageWithImage() {
    const stage = await setStage();
    const digest = putImage(stage, place);
    if (place.accountId !== account)
      stage.simulator.registryAt(place).setPolicy("shop/app", wholeAccount);
    return { stage, digest };
  }

  test("by its tag", async () => {
    const { stage, digest } = await stageWithImage();
    const play = await stage.play(given(place));
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.outputs).toMatchObject({ image: given(place).image, "image-digest": digest });
    expect(movesOf(play)).toEqual(["ecs:RegisterTaskDefinition", "ecs:UpdateService"]);
    if (place.region !== region && place.accountId !== account)
      await expect(transcript(play)).toMatchFileSnapshot(
        "transcripts/image-of-another-account-or-region.txt",
      );
  });

  test("by tag and digest, as the outputs of the other job give them; the second time nothing is to do", async () => {
    const { stage, digest } = await stageWithImage();
    const inputs = given(place, `:v3@${digest}`);
    expect((await stage.play(inputs)).outcome.outcome).toBe("succeeded");
    stage.clock.advance(5 * 60_000);
    expect((await stage.play(inputs)).outcome.outcome).toBe("unchanged");
  });

  test("by its digest alone; a digest that is not there ends the step", async () => {
    const { stage, digest } = await stageWithImage();
    const missing = await stage.play(given(place, `@sha256:${"0".repeat(64)}`));
    expect(missing.outcome.reasonCode).toBe("ImageNotFound");
    expect(movesOf(missing)).toEqual([]);
    const play = await stage.play(given(place, `@${digest}`));
    expect(play.outcome.outcome).toBe("succeeded");
  });

  test("for another CPU", async () => {
    const stage = await setStage();
    putImage(stage, place, "arm64");
    stage.simulator.registryAt(place).setPolicy("shop/app", wholeAccount);
    const play = await stage.play(given(place));
    expect(play.outcome.reasonCode).toBe("PlatformMismatch");
    expect(movesOf(play)).toEqual([]);
  });

  test("its scan is read there", async () => {
    const { stage } = await stageWithImage();
    const there = stage.simulator.registryAt(place);
    there.setScan("shop/app", "v3", {
      status: "COMPLETE",
      findings: [{ name: "CVE-2026-1", severity: "HIGH" }],
    });
    there.setPolicy("shop/app", {
      Statement: { ...wholeAccount.Statement, Action: "ecr:*" },
    });
    const play = await stage.play({ ...given(place), scan: "high" });
    expect(play.outcome.reasonCode).toBe("ScanFindings");
  });
});

describe("what must be allowed", () => {
  const place = { accountId: staging, region: "eu-west-1" };

  test("the repository's policy does not let this account in", async () => {
    const stage = await setStage();
    putImage(stage, place);
    const play = await stage.play(given(place));
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageUnreadable" });
    expect(movesOf(play)).toEqual([]);
    const { annotation } = play;
    expect(annotation).toContain(
      `The repository belongs to account ${staging}, and this step runs in account ${account}: ` +
        "both must allow it. The repository's policy does not yet.",
    );
    expect(annotation).toContain(`"AWS": "arn:aws:iam::${account}:root"`);
    expect(annotation).toContain("--repository-name shop/app");
    await expect(annotation).toMatchFileSnapshot(
      "transcripts/image-of-another-account-is-refused.txt",
    );
  });

  test.each([
    { name: "another account", accountId: staging, says: "The role's own policy does not yet." },
    {
      name: "this account, another region",
      accountId: account,
      says: "The role of this step needs",
    },
  ])("the role's own policy does not: $name", async ({ accountId, says }) => {
    const stage = await setStage();
    const other = { ...place, accountId };
    putImage(stage, other);
    stage.simulator.registryAt(other).setPolicy("shop/app", wholeAccount);
    stage.changePolicy = (statements) =>
      statements.filter(({ Action }) => !JSON.stringify(Action).includes("ecr:BatchGetImage"));
    const play = await stage.play(given(other));
    expect(play.outcome.reasonCode).toBe("ImageUnreadable");
    expect(play.annotation).toContain(says);
    expect(play.annotation).toContain(
      `ecr:GetDownloadUrlForLayer on arn:aws:ecr:eu-west-1:${accountId}:repository/shop/app`,
    );
  });

  test("no sign-in in that region", async () => {
    const stage = await setStage();
    putImage(stage, place);
    stage.changePolicy = (statements) =>
      statements.filter(({ Action }) => !JSON.stringify(Action).includes("GetAuthorizationToken"));
    const play = await stage.play(given(place));
    expect(play.outcome.reasonCode).toBe("PermissionMissing");
    expect(play.annotation).toContain("ecr:GetAuthorizationToken");
    expect(movesOf(play)).toEqual([]);
  });

  test("the deploy role may read it, the task's execution role may not: the cause names the repository's policy", async () => {
    const stage = await setStage();
    putImage(stage, place);
    stage.simulator.registryAt(place).setPolicy("shop/app", deployRoleOnly);
    const play = await stage.play(given(place));
    expect(play.outcome.outcome).toBe("rolled-back");
    expect(play.annotation).toContain("for another account's repository its policy must allow it");
  });

  test("another partition, where no role of ours works", async () => {
    const stage = await setStage();
    const china = { accountId: staging, region: "cn-north-1" };
    putImage(stage, china);
    const play = await stage.play(given(china));
    expect(play.outcome.reasonCode).toBe("ImageUnreadable");
    expect(play.annotation).toContain("cn-north-1 is in another partition than aws-region");
    expect(movesOf(play)).toEqual([]);
  });

  test("the password goes to no host that is not AWS's", async () => {
    const stage = await setStage();
    const image = `${staging}.dkr.ecr.eu-west-1.amazonaws.com.example/shop/app:v3`;
    const play = await stage.play({ "ecr-repository": "", image });
    expect(play.outcome.outcome).toBe("failed");
    const answers = stage.simulator.calls.filter(({ service }) => service === "registry");
    expect(answers.every(({ error }) => error !== undefined)).toBe(true);
  });
});

test("promote: what one job built and deployed is deployed by the next one in another account", async () => {
  const production = await setStage();
  const built = await setStage();
  const first = await built.play();
  expect(first.outputs["image-tag"]).toBe(commit);
  // The same registry, as the production account sees it.
  const host = registryHostOf({ accountId: staging, region });
  const there = production.simulator.registryAt({ accountId: staging, region });
  there.createRepository("clockko-backend");
  const digest = there.putImage("clockko-backend", { tags: [commit], layers: ["built"] });
  there.setPolicy("clockko-backend", wholeAccount);
  const play = await production.play({
    "ecr-repository": "",
    image: `${host}/clockko-backend:${first.outputs["image-tag"]}@${digest}`,
  });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs["image-digest"]).toBe(digest);
  expect(play.dockerCommands).toEqual([]);
});
