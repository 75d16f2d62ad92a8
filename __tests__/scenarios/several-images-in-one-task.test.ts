// `image` with `container=reference` lines: each image is checked before anything changes, and all of them are put into one new revision.

import { describe, expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { clockko, registry, type Stage, type StageOptions, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const app = `${registry}/clockko-backend`;
const proxy = `${registry}/proxy`;

const twoContainers: StageOptions = {
  taskDefinition: {
    containerDefinitions: [
      { name: "proxy", image: `${proxy}:v1`, essential: true },
      { name: "app", image: `${app}:v1`, essential: true },
    ],
  },
};

async function twoImages(options: StageOptions = twoContainers): Promise<Stage> {
  const stage = await setStage(options);
  const { repositories } = stage.simulator.ecr;
  repositories.createRepository("proxy");
  repositories.putImage("proxy", { tags: ["v1"], layers: ["proxy 1"] });
  repositories.putImage("proxy", { tags: ["v2"], layers: ["proxy 2"] });
  repositories.putImage("clockko-backend", { tags: ["v2"] });
  return stage;
}

const given = { "ecr-repository": "", image: `app=${app}:v2\nproxy=${proxy}:v2` };

interface Container {
  readonly name: string;
  readonly image: string;
  readonly environment?: unknown;
}

function containersOf(stage: Stage): readonly Container[] {
  const { taskDefinition } = stage.simulator.ecs.describeService(clockko);
  const context = {
    principal: { accountId: "123456789012", arn: "", accessKeyId: "test" },
    host: "localhost",
    requestId: "onlooker",
  };
  const described = stage.simulator.ecs.service.operations["DescribeTaskDefinition"]?.(
    { taskDefinition },
    context,
  ) as { readonly taskDefinition: { readonly containerDefinitions: readonly Container[] } };
  return described.taskDefinition.containerDefinitions;
}

describe("several images", () => {
  test("each container gets its own, in one revision and one update", async () => {
    const stage = await twoImages();
    const play = await stage.play(given);
    expect(play.outcome.outcome).toBe("succeeded");
    expect(containersOf(stage).map(({ name, image }) => [name, image])).toEqual([
      ["proxy", `${proxy}:v2`],
      ["app", `${app}:v2`],
    ]);
    const moves = movesOf(play);
    expect(moves.filter((call) => call === "ecs:RegisterTaskDefinition")).toHaveLength(1);
    expect(moves.filter((call) => call === "ecs:UpdateService")).toHaveLength(1);
    const [appDigest, proxyDigest] = [
      stage.simulator.ecr.repositories.tags("clockko-backend")["v2"],
      stage.simulator.ecr.repositories.tags("proxy")["v2"],
    ];
    expect(play.outputs).toMatchObject({
      image: `${app}:v2`,
      "image-digest": appDigest,
      "previous-image": `${app}:v1`,
      images: `app=${app}:v2@${appDigest}\nproxy=${proxy}:v2@${proxyDigest}`,
    });
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/several-images-in-one-task.txt",
    );
  });

  test("the same ones again: nothing to deploy", async () => {
    const stage = await twoImages();
    await stage.play(given);
    stage.clock.advance(5 * 60_000);
    const again = await stage.play(given);
    expect(again.outcome.outcome).toBe("unchanged");
    expect(again.log.join("\n")).toContain(
      `${app}:v2 and ${proxy}:v2 are already running; nothing to deploy.`,
    );
  });

  test("one mutable tag names another image: a new deployment of the same revision", async () => {
    const stage = await twoImages();
    await stage.play(given);
    stage.clock.advance(5 * 60_000);
    stage.simulator.ecr.repositories.putImage("proxy", { tags: ["v2"], layers: ["patched"] });
    const again = await stage.play(given);
    expect(again.outcome.outcome).toBe("succeeded");
    expect(movesOf(again)).toEqual(["ecs:UpdateService"]);
  });

  test("the output `images` is an input: the next job deploys the same digests", async () => {
    const stage = await twoImages();
    const first = await stage.play(given);
    stage.clock.advance(5 * 60_000);
    const next = await stage.play({ ...given, image: first.outputs.images ?? "" });
    expect(next.outcome.outcome).toBe("succeeded");
    const images = containersOf(stage).map(({ name, image }) => `${name}=${image}`);
    expect(images.toSorted().join("\n")).toBe(first.outputs.images);
    expect(next.outputs.images).toBe(first.outputs.images);
  });

  test("pin-digest pins each", async () => {
    const stage = await twoImages();
    await stage.play({ ...given, "pin-digest": "true" });
    for (const { image } of containersOf(stage)) expect(image).toMatch(/:v2@sha256:[0-9a-f]{64}$/);
  });

  test("a dry run names both and changes nothing", async () => {
    const stage = await twoImages();
    const play = await stage.play({ ...given, "dry-run": "true" });
    expect(play.outcome.outcome).toBe("planned");
    expect(movesOf(play)).toEqual([]);
    const log = play.log.join("\n");
    expect(log).toContain(`Would use ${app}:v2 for container app; it exists already (sha256:`);
    expect(log).toContain(`Would use ${proxy}:v2 for container proxy; it exists already (sha256:`);
  });

  test("variables go to both containers, with container-name only to that one", async () => {
    const variables = { "environment-variables": "MODE=fast" };
    const both = await twoImages();
    await both.play({ ...given, ...variables });
    const mode = { name: "MODE", value: "fast" };
    expect(containersOf(both).map(({ environment }) => environment)).toEqual([[mode], [mode]]);

    const one = await twoImages();
    await one.play({ ...given, ...variables, "container-name": "app" });
    expect(containersOf(one).map(({ environment }) => environment)).toEqual([[], [mode]]);
  });

  test("a container that runs another digest than its image had is named", async () => {
    const stage = await twoImages();
    const { repositories } = stage.simulator.ecr;
    stage.onCall = (call) => {
      if (call === "ecs:RegisterTaskDefinition")
        repositories.putImage("proxy", { tags: ["v2"], layers: ["moved"] });
    };
    const play = await stage.play(given);
    expect(play.outcome.outcome).toBe("succeeded");
    const warnings = play.log.filter((line) => line.includes("warning:"));
    expect(warnings).toEqual([expect.stringContaining('Container "proxy" does not run the image')]);
  });
});

describe("several images: mistakes end the step before anything changes", () => {
  test.each([
    {
      name: "an image that does not exist, and another one",
      image: `app=${app}:v9\nproxy=${proxy}:v9`,
      code: "ImageNotFound",
      says: [`- Image ${app}:v9 not found.`, `- Image ${proxy}:v9 not found.`],
    },
    {
      name: "a container that no task definition has",
      image: `app=${app}:v2\nsidecar=${proxy}:v2`,
      code: "ContainerNotFound",
      says: ['has a container "sidecar"; they have "proxy", "app".', "container's name in `image`"],
    },
    {
      name: "only such containers",
      image: `web=${app}:v2\nsidecar=${proxy}:v2`,
      code: "ContainerNotFound",
      says: ['has no container "web", "sidecar"; it has "proxy", "app".'],
    },
    {
      name: "a container given twice",
      image: `app=${app}:v2\napp=${proxy}:v2`,
      code: "InvalidInput",
      says: ['image: container "app" is given twice'],
    },
    {
      name: "a line without a container",
      image: `app=${app}:v2\n${proxy}:v2`,
      code: "InvalidInput",
      says: [`image: several images need a container each, but "${proxy}:v2" has none`],
    },
  ])("$name", async ({ image, code, says }) => {
    const stage = await twoImages();
    const play = await stage.play({ ...given, image });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: code });
    for (const text of says) expect(play.annotation).toContain(text);
    expect(movesOf(play)).toEqual([]);
  });

  test("an image for another CPU", async () => {
    const stage = await twoImages();
    stage.simulator.ecr.repositories.putImage("proxy", { tags: ["arm"], architecture: "arm64" });
    const play = await stage.play({ ...given, image: `app=${app}:v2\nproxy=${proxy}:arm` });
    expect(play.outcome.reasonCode).toBe("PlatformMismatch");
    expect(play.annotation).toContain(`${proxy}:arm is built for linux/arm64 only`);
    expect(movesOf(play)).toEqual([]);
  });

  test("a scan finding in the second of them", async () => {
    const stage = await twoImages();
    const { repositories } = stage.simulator.ecr;
    repositories.setScan("clockko-backend", "v2", { status: "COMPLETE", findings: [] });
    repositories.setScan("proxy", "v2", {
      status: "COMPLETE",
      findings: [{ name: "CVE-2026-1", severity: "HIGH" }],
    });
    const play = await stage.play({ ...given, scan: "high" });
    expect(play.outcome.reasonCode).toBe("ScanFindings");
    expect(play.annotation).toContain(`${proxy}:v2 has 1 HIGH findings`);
    expect(movesOf(play)).toEqual([]);
  });

  test("container-name that no task definition has", async () => {
    const stage = await twoImages();
    const play = await stage.play({ ...given, "container-name": "ap" });
    expect(play.outcome.reasonCode).toBe("ContainerNotFound");
    expect(play.annotation).toContain('has a container "ap"; they have "proxy", "app".');
  });

  test("with Terraform, which gets one tag", async () => {
    const stage = await setStage({ terraform: {} });
    const play = await stage.play(given);
    expect(play.outcome.reasonCode).toBe("InvalidInput");
    expect(play.annotation).toContain("image: with terraform-directory it is one image");
  });
});
