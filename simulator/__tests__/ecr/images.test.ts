// What the API says of images, scans and image references.

import { describe, expect, test } from "vitest";
import {
  ACCOUNT,
  CONTEXT,
  digestOf,
  HOST,
  handMade,
  push,
  pushBlobs,
  refusal,
  scene,
  world,
} from "./fixture.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";

function setting() {
  const at = scene();
  return { ...at, repositories: at.ecr.repositories };
}

describe("BatchGetImage", () => {
  test("failures are returned, not thrown", () => {
    const { call, repositories } = setting();
    const digest = repositories.putImage("team/app", { tags: ["v1"] });
    const imageIds = [
      { imageTag: "v1" },
      { imageTag: "v2" },
      {},
      { imageTag: "a/b" },
      { imageDigest: "sha256:1" },
      { imageTag: "v1", imageDigest: digestOf("x") },
    ];
    repositories.putImage("team/app", { tags: ["v3"] });
    const answer = call("BatchGetImage", {
      repositoryName: "team/app",
      imageIds: [...imageIds, { imageTag: "v3", imageDigest: digest }],
    });
    expect(answer.images.map((one: { imageId: object }) => one.imageId)).toEqual([
      { imageTag: "v1", imageDigest: digest },
    ]);
    expect(answer.failures.map((one: { failureCode: string }) => one.failureCode)).toEqual([
      "ImageNotFound",
      "MissingDigestAndTag",
      "InvalidImageTag",
      "InvalidImageDigest",
      "ImageNotFound",
      "ImageTagDoesNotMatchDigest",
    ]);
    expect(answer.failures[0]).toEqual({
      imageId: { imageTag: "v2" },
      failureCode: "ImageNotFound",
      failureReason: "Requested image not found",
    });
  });

  test.each([
    ["all kinds", [OCI, DOCKER, INDEX], "index"],
    ["single images only", [OCI, DOCKER], "amd64"],
    ["nothing said", undefined, "amd64"],
    ["a kind that is not there", [DOCKER], undefined],
  ])("of an index, accepting %s", (_name, acceptedMediaTypes, expected) => {
    const { call, repositories } = setting();
    const arm64 = repositories.putImage("team/app", { architecture: "arm64" });
    const amd64 = repositories.putImage("team/app");
    const index = repositories.putIndex("team/app", [arm64, amd64], ["v1"]);
    const { images } = call("BatchGetImage", {
      repositoryName: "team/app",
      imageIds: [{ imageTag: "v1" }],
      acceptedMediaTypes,
    });
    expect(images[0]?.imageId.imageDigest).toBe(expected && { index, amd64 }[expected]);
  });

  test("takes 1 to 100 ids", () => {
    const { call } = setting();
    for (const imageIds of [
      [],
      undefined,
      Array.from({ length: 101 }, () => ({ imageTag: "x" })),
    ]) {
      expect(
        refusal(() => call("BatchGetImage", { repositoryName: "team/app", imageIds })),
      ).toMatch(/^InvalidParameterException: .*'imageIds'/);
    }
  });
});

describe("DescribeImages and ListImages", () => {
  test("size, time, kinds and tags of what docker pushed", async () => {
    const at = setting();
    const image = handMade("layer");
    at.clock.advance(5000);
    await push(at, "team/app", "v1", image);
    at.clock.advance(5000);
    await push(at, "team/app", "latest", image);
    expect(
      at.call("DescribeImages", {
        repositoryName: "team/app",
        imageIds: [{ imageTag: "latest" }, { imageDigest: image.digest }],
      }),
    ).toEqual({
      imageDetails: [
        {
          registryId: ACCOUNT,
          repositoryName: "team/app",
          imageDigest: image.digest,
          imageTags: ["latest", "v1"],
          imageSizeInBytes: image.blobs.join("").length,
          imagePushedAt: new Date("2026-11-23T09:00:05Z"),
          imageManifestMediaType: image.mediaType,
          artifactMediaType: "application/vnd.oci.image.config.v1+json",
          imageStatus: "ACTIVE",
        },
      ],
    });
  });

  test("a missing image is an error that names it", () => {
    const { call } = setting();
    expect(
      refusal(() =>
        call("DescribeImages", { repositoryName: "team/app", imageIds: [{ imageTag: "v9" }] }),
      ),
    ).toBe(
      `ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the repository with name 'team/app' in the registry with id '${ACCOUNT}'`,
    );
  });

  test("tagged, untagged and all; an index is as big as its largest image", () => {
    const { call, repositories } = setting();
    const small = repositories.putImage("team/app", { layers: ["s"] });
    const big = repositories.putImage("team/app", { layers: ["b".repeat(1000)] });
    const index = repositories.putIndex("team/app", [small, big], ["v1", "v2"]);
    const list = (tagStatus?: string) =>
      call("ListImages", {
        repositoryName: "team/app",
        ...(tagStatus && { filter: { tagStatus } }),
      }).imageIds;
    expect(list("UNTAGGED")).toEqual([{ imageDigest: small }, { imageDigest: big }]);
    expect(list("TAGGED")).toEqual([
      { imageDigest: index, imageTag: "v1" },
      { imageDigest: index, imageTag: "v2" },
    ]);
    expect(list()).toHaveLength(4);
    const [, second, third] = call("DescribeImages", { repositoryName: "team/app" }).imageDetails;
    expect(third.imageSizeInBytes).toBe(second.imageSizeInBytes);
    expect(
      call("DescribeImages", { repositoryName: "team/app", filter: { tagStatus: "TAGGED" } })
        .imageDetails,
    ).toHaveLength(1);
  });
});

test("the archive: described with the filter only, not pulled, restored by request or by a push", async () => {
  const { call, send, clock, repositories } = setting();
  const digest = repositories.putImage("team/app", { tags: ["v1"] });
  const imageIds = [{ imageTag: "v1" }];
  const repositoryName = "team/app";
  const describeBy = (imageStatus: string) =>
    call("DescribeImages", { repositoryName, imageIds, filter: { imageStatus } }).imageDetails[0];
  const manifest = repositories.manifest("team/app", "v1");
  repositories.archiveImage("team/app", "v1");

  expect(describeBy("ANY")).toMatchObject({ imageDigest: digest, imageStatus: "ARCHIVED" });
  expect(() => call("DescribeImages", { repositoryName, imageIds })).toThrow("does not exist");
  expect(call("DescribeImages", { repositoryName }).imageDetails).toEqual([]);
  expect(call("ListImages", { repositoryName }).imageIds).toEqual([]);
  expect(call("BatchGetImage", { repositoryName, imageIds }).failures[0].failureCode).toBe(
    "ImageNotFound",
  );
  expect((await send("GET", "/v2/team/app/manifests/v1")).status).toBe(404);

  const [imageId] = imageIds;
  const restore = { repositoryName, imageId, targetStorageClass: "STANDARD" };
  expect(call("UpdateImageStorageClass", restore).imageStatus).toBe("ACTIVATING");
  expect(() => describeBy("ACTIVE")).toThrow("does not exist");
  clock.advance(20 * 60_000);
  expect(describeBy("ACTIVE").imageStatus).toBe("ACTIVE");

  const archive = { repositoryName, imageId, targetStorageClass: "ARCHIVE" };
  expect(call("UpdateImageStorageClass", archive).imageStatus).toBe("ARCHIVED");
  const headers = { "content-type": OCI };
  await send("PUT", "/v2/team/app/manifests/v1", { body: manifest, headers });
  expect(describeBy("ANY").imageStatus).toBe("ACTIVE");
});

test("BatchDeleteImage: a tag, the last tag, a digest, a member of an index", () => {
  const { call, repositories } = setting();
  const one = repositories.putImage("team/app", { tags: ["a", "b"] });
  const child = repositories.putImage("team/app", { layers: ["child"] });
  const index = repositories.putIndex("team/app", [child], ["i"]);
  const remove = (id: object) =>
    call("BatchDeleteImage", { repositoryName: "team/app", imageIds: [id] });
  expect(remove({ imageTag: "a" })).toEqual({
    imageIds: [{ imageDigest: one, imageTag: "a" }],
    failures: [],
  });
  expect(repositories.tags("team/app")).toEqual({ b: one, i: index });
  remove({ imageTag: "b" });
  expect(repositories.images("team/app").map(({ digest }) => digest)).toEqual([child, index]);
  expect(remove({ imageDigest: child }).failures[0].failureCode).toBe(
    "ImageReferencedByManifestList",
  );
  expect(remove({ imageDigest: index })).toEqual({
    imageIds: [{ imageDigest: index, imageTag: "i" }],
    failures: [],
  });
  expect(remove({ imageTag: "i" }).failures[0].failureCode).toBe("ImageNotFound");
});

test("BatchCheckLayerAvailability", async () => {
  const at = setting();
  await pushBlobs(at, "team/app", ["here"]);
  const layerDigests = [digestOf("here"), digestOf("not here"), "nonsense"];
  expect(
    at.call("BatchCheckLayerAvailability", { repositoryName: "team/app", layerDigests }),
  ).toMatchObject({
    layers: [
      { layerAvailability: "AVAILABLE", layerSize: 4 },
      { layerAvailability: "UNAVAILABLE" },
    ],
    failures: [{ layerDigest: "nonsense", failureCode: "InvalidLayerDigest" }],
  });
});

describe("scans", () => {
  const findings = (call: ReturnType<typeof world>["call"], imageTag = "v1") =>
    call("DescribeImageScanFindings", { repositoryName: "team/app", imageId: { imageTag } });

  test("none: ScanNotFoundException; no image: ImageNotFoundException", () => {
    const { call, repositories } = setting();
    repositories.putImage("team/app", { tags: ["v1"] });
    expect(refusal(() => findings(call))).toBe(
      `ScanNotFoundException: Image scan does not exist for the image with '{imageDigest:'null', imageTag:'v1'}' in the repository with name 'team/app' in the registry with id '${ACCOUNT}'`,
    );
    expect(refusal(() => findings(call, "v2"))).toMatch(/^ImageNotFoundException/);
  });

  test("basic: COMPLETE, with counts", () => {
    const { call, repositories } = setting();
    repositories.putImage("team/app", { tags: ["v1"] });
    repositories.setScan("team/app", "v1", {
      status: "COMPLETE",
      findings: [
        { name: "CVE-1", severity: "HIGH" },
        { name: "CVE-2", severity: "HIGH" },
      ],
    });
    const answer = findings(call);
    expect(answer.imageScanStatus).toEqual({ status: "COMPLETE" });
    expect(answer.imageScanFindings).toMatchObject({
      findingSeverityCounts: { HIGH: 2 },
      findings: [{ name: "CVE-1" }, { name: "CVE-2" }],
    });
    expect(call("DescribeImages", { repositoryName: "team/app" }).imageDetails[0]).toMatchObject({
      imageScanStatus: { status: "COMPLETE" },
      imageScanFindingsSummary: { findingSeverityCounts: { HIGH: 2 } },
    });
  });

  test("enhanced: stays ACTIVE, has enhancedFindings alone", () => {
    const { call, repositories } = setting();
    repositories.putImage("team/app", { tags: ["v1"] });
    repositories.setScan("team/app", "v1", {
      status: "ACTIVE",
      enhancedFindings: [{ title: "CVE-1", severity: "CRITICAL" }],
    });
    const answer = findings(call);
    expect(answer.imageScanStatus.status).toBe("ACTIVE");
    expect(answer.imageScanFindings).toMatchObject({
      findingSeverityCounts: { CRITICAL: 1 },
      enhancedFindings: [{ title: "CVE-1" }],
    });
    expect(answer.imageScanFindings.findings).toBeUndefined();
  });

  test("on push: nothing, in progress, then the result; an index never has one", async () => {
    const at = world();
    const scans = [
      { afterMilliseconds: 1000, scan: { status: "IN_PROGRESS" } },
      { afterMilliseconds: 9000, scan: { status: "COMPLETE", findings: [] } },
    ] as const;
    at.ecr.repositories.createRepository("team/app", { scans });
    await push(at, "team/app", "v1", handMade("x"));
    at.ecr.repositories.putIndex("team/app", [handMade("x").digest], ["i"]);
    const states: string[] = [];
    for (const tag of ["v1", "v1", "v1", "i"]) {
      states.push(
        refusal(() => states.push(findings(at.call, tag).imageScanStatus.status)).split(":")[0] ??
          "",
      );
      at.clock.advance(5000);
    }
    expect(states.filter((state) => state !== "accepted")).toEqual([
      "ScanNotFoundException",
      "IN_PROGRESS",
      "COMPLETE",
      "ScanNotFoundException",
    ]);
  });
});

test.each([
  ["by tag", `${HOST}/team/app:v1`, true],
  ["by digest", `${HOST}/team/app@DIGEST`, true],
  ["by both, where the digest counts", `${HOST}/team/app:gone@DIGEST`, true],
  ["by the tag that stands for none", `${HOST}/team/app`, true],
  ["a tag that is not there", `${HOST}/team/app:v2`, false],
  ["a digest that is not there", `${HOST}/team/app@${digestOf("x")}`, false],
  ["a repository that is not there", `${HOST}/nope:v1`, false],
  ["another registry", "registry.example/team/app:v1", false],
  ["Docker Hub", "team/app:v1", false],
  ["nonsense", `${HOST}/team/app:v1:v2`, false],
])("resolve %s", (_name, reference, found) => {
  const { ecr, repositories } = setting();
  const digest = repositories.putImage("team/app", { tags: ["v1", "latest"] });
  const resolved = ecr.resolve(reference.replace("DIGEST", digest));
  expect(resolved).toBe(found ? digest : undefined);
});

test("the repository of an image: ours whether it is there or not", () => {
  const { ecr, call } = setting();
  expect(ecr.repositoryOf(`${HOST}/nope:v1`)).toBe(
    "arn:aws:ecr:eu-central-1:123456789012:repository/nope",
  );
  expect(ecr.repositoryOf("127.0.0.1:5000/team/app")).toBeUndefined();
  call("DescribeRepositories", {}, { ...CONTEXT, host: "127.0.0.1:5000" });
  expect(ecr.repositoryOf("127.0.0.1:5000/team/app")).toBe(
    "arn:aws:ecr:eu-central-1:123456789012:repository/team/app",
  );
  expect(ecr.repositoryOf("busybox")).toBeUndefined();
});
