// `image:`: nothing is built; the image exists and has the right platform, or nothing is registered.

import { expect, test } from "vitest";
import { commit, registry, setStage } from "./support/stage.ts";

const name = `${registry}/clockko-backend`;

test("image: an older tag for a rollback; nothing is built, no tag is moved", async () => {
  const stage = await setStage();
  await stage.play();
  const tags = stage.simulator.ecr.repositories.tags("clockko-backend");
  const play = await stage.play({ image: `${name}:v1`, "ecr-repository": "" });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs).toMatchObject({
    image: `${name}:v1`,
    "image-tag": "v1",
    "image-digest": tags["v1"],
    "image-reused": "true",
  });
  expect(play.dockerCommands).toEqual([]);
  expect(stage.simulator.ecr.repositories.tags("clockko-backend")).toEqual(tags);
});

test("image: by its digest", async () => {
  const stage = await setStage();
  const digest = stage.simulator.ecr.repositories.tags("clockko-backend")["v1"] ?? "";
  const play = await stage.play({ image: `${name}@${digest}`, "pin-digest": "true" });
  expect(play.outcome.passes).toBe(true);
  expect(play.outputs).toMatchObject({ image: `${name}@${digest}`, "image-digest": digest });
});

test("image: of another repository", async () => {
  const stage = await setStage();
  stage.simulator.ecr.repositories.createRepository("promoted");
  stage.simulator.ecr.repositories.putImage("promoted", { tags: ["good"] });
  const play = await stage.play({ image: `${registry}/promoted:good` });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.calls).not.toContain("ecr:DescribeRepositories");
});

test("image: it does not exist", async () => {
  const stage = await setStage();
  const play = await stage.play({ image: `${name}:v9` });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageNotFound" });
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
});

test("image: for another CPU than the task's", async () => {
  const stage = await setStage();
  stage.simulator.ecr.repositories.putImage("clockko-backend", {
    tags: ["arm"],
    architecture: "arm64",
  });
  const play = await stage.play({ image: `${name}:arm` });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PlatformMismatch" });
  expect(play.annotation).toContain("linux/amd64, but");
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
});

test("image: an index with the task's CPU, others, and an attestation", async () => {
  const stage = await setStage();
  const { repositories } = stage.simulator.ecr;
  const children = [
    repositories.putImage("clockko-backend", { architecture: "arm64", layers: ["arm"] }),
    repositories.putImage("clockko-backend", { architecture: "amd64", layers: ["amd"] }),
    repositories.putImage("clockko-backend", {
      architecture: "unknown",
      os: "unknown",
      layers: ["attestation"],
    }),
  ];
  const digest = repositories.putIndex("clockko-backend", children, ["both"]);
  const play = await stage.play({ image: `${name}:both` });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs["image-digest"]).toBe(digest);
});

test("image: an index without the task's CPU", async () => {
  const stage = await setStage({
    taskDefinition: { runtimePlatform: { cpuArchitecture: "ARM64" } },
  });
  const { repositories } = stage.simulator.ecr;
  repositories.putIndex(
    "clockko-backend",
    [repositories.putImage("clockko-backend", { layers: ["amd"] })],
    ["index"],
  );
  const play = await stage.play({ image: `${name}:index` });
  expect(play.outcome.reasonCode).toBe("PlatformMismatch");
});

test("image: in a registry that denies access", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("registry:GET *", {
    kind: "error",
    name: "DENIED",
    message: "no",
    status: 403,
  });
  const play = await stage.play({ image: `${name}:v1` });
  expect(play.outcome.reasonCode).toBe("ImageUnreadable");
  expect(play.annotation).toContain("ecr:GetDownloadUrlForLayer");
});

test("image: requests to an unavailable registry are retried", async () => {
  const stage = await setStage();
  stage.simulator.faults.add(
    "registry:GET *",
    { kind: "error", name: "INTERNAL", message: "oops", status: 500 },
    2,
  );
  const play = await stage.play({ image: `${name}:v1` });
  expect(play.outcome.passes).toBe(true);
});

test("neither image nor ecr-repository", async () => {
  const stage = await setStage();
  const play = await stage.play({ "ecr-repository": "" });
  expect(play.outcome.reasonCode).toBe("InvalidInput");
  expect(play.annotation).toContain("ecr-repository: required");
});

test("pin-digest writes tag and digest into the task definition, built or reused", async () => {
  const stage = await setStage();
  const play = await stage.play({ "pin-digest": "true" });
  const digest = play.outputs["image-digest"];
  expect(play.outputs.image).toBe(`${name}:${commit}@${digest}`);
  const service = stage.simulator.ecs.describeService({
    cluster: "clockko",
    service: "clockko-backend",
  });
  expect(service.taskDefinition).toMatch(/:2$/);
  expect(play.log.join("\n")).toMatch(new RegExp(`→ \\S*:${commit}@${digest}`));
  stage.clock.advance(5 * 60_000);
  const again = await stage.play({ "pin-digest": "true" });
  expect(again.outcome.outcome).toBe("unchanged");
});

test("an image that was built for another CPU is refused before it is registered", async () => {
  const stage = await setStage({ docker: { architecture: "arm64" } });
  const play = await stage.play();
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PlatformMismatch" });
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
});

test("without permission to read layers the CPU check is skipped with a notice", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("registry:GET */blobs/*", {
    kind: "error",
    name: "DENIED",
    message: "no",
    status: 403,
  });
  const play = await stage.play();
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toContain(
    "notice: Not checked: whether the image supports the platform of the tasks.",
  );
});
