// The API's repositories, passwords and PutImage.

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
const NO_REPOSITORY = `RepositoryNotFoundException: The repository with name 'nope' does not exist in the registry with id '${ACCOUNT}'`;

function setting() {
  const at = scene();
  return { ...at, repositories: at.ecr.repositories };
}

describe("repositories", () => {
  test("a new one is described with everything that AWS says about it", () => {
    const { call } = setting();
    const { repository } = call("CreateRepository", {
      repositoryName: "web",
      imageScanningConfiguration: { scanOnPush: true },
    });
    expect(repository).toEqual({
      repositoryArn: `arn:aws:ecr:eu-central-1:${ACCOUNT}:repository/web`,
      registryId: ACCOUNT,
      repositoryName: "web",
      repositoryUri: `${HOST}/web`,
      createdAt: new Date("2026-11-23T09:00:00Z"),
      imageTagMutability: "MUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: "AES256" },
    });
    expect(call("DescribeRepositories", { repositoryNames: ["web"] }).repositories).toEqual([
      repository,
    ]);
  });

  test.each([
    [
      "CreateRepository",
      { repositoryName: "team/app" },
      /^RepositoryAlreadyExistsException: The repository with name 'team\/app' already exists/,
    ],
    [
      "CreateRepository",
      { repositoryName: "Team" },
      /^InvalidParameterException: Invalid parameter at 'repositoryName'/,
    ],
    ["CreateRepository", { repositoryName: "a//b" }, /^InvalidParameterException/],
    ["DescribeRepositories", { repositoryNames: ["nope"] }, NO_REPOSITORY],
    [
      "DescribeRepositories",
      { repositoryNames: ["team/app"], registryId: "999999999999" },
      /in the registry with id '999999999999'$/,
    ],
    ["DescribeImages", { repositoryName: "nope" }, NO_REPOSITORY],
    ["PutImage", { repositoryName: "nope", imageManifest: "{}" }, NO_REPOSITORY],
    [
      "DescribeRepositories",
      { maxResults: 0 },
      /^InvalidParameterException: Invalid parameter at 'maxResults'/,
    ],
    [
      "DescribeRepositories",
      { nextToken: "!" },
      /^InvalidParameterException: Invalid parameter at 'nextToken'/,
    ],
  ])("%s %j is refused", (operation, input, expected) => {
    expect(refusal(() => setting().call(operation, input))).toMatch(expected);
  });

  test("the uri has the host with which the caller reached the simulator, unless one is configured", () => {
    const local = { ...CONTEXT, host: "127.0.0.1:5000" };
    const uri = (at: ReturnType<typeof world>) => {
      at.ecr.repositories.createRepository("x1");
      return at.call("DescribeRepositories", {}, local).repositories[0].repositoryUri;
    };
    expect(uri(world())).toBe("127.0.0.1:5000/x1");
    expect(uri(world({ registryHost: "registry.test" }))).toBe("registry.test/x1");
  });

  test("come in pages", () => {
    const { call, repositories } = setting();
    for (const name of ["c1", "a1", "b1"]) repositories.createRepository(name);
    const first = call("DescribeRepositories", { maxResults: 3 });
    const second = call("DescribeRepositories", { maxResults: 3, nextToken: first.nextToken });
    const names = [...first.repositories, ...second.repositories].map((one) => one.repositoryName);
    expect(names).toEqual(["a1", "b1", "c1", "team/app"]);
    expect(second.nextToken).toBeUndefined();
  });
});

test("GetAuthorizationToken: a new password each time, for twelve hours", () => {
  const { call, clock, repositories } = setting();
  const [data] = call("GetAuthorizationToken").authorizationData;
  expect(data.expiresAt.getTime() - clock.now()).toBe(12 * 3600 * 1000);
  expect(data.proxyEndpoint).toBe(`https://${HOST}`);
  const [user, password] = Buffer.from(data.authorizationToken, "base64").toString().split(":");
  expect(user).toBe("AWS");
  call("GetAuthorizationToken", {}, { ...CONTEXT, host: "127.0.0.1:5000" });
  expect(repositories.passwords()).toHaveLength(2);
  expect(repositories.passwords()[0]).toBe(password);
});

test("GetAuthorizationToken: one entry for each registry that is named", () => {
  const { call } = setting();
  const registryIds = ["123456789012", "999999999999"];
  const { authorizationData } = call("GetAuthorizationToken", { registryIds });
  expect(
    authorizationData.map(({ proxyEndpoint }: { proxyEndpoint: string }) => proxyEndpoint),
  ).toEqual(registryIds.map((id) => `https://${HOST.replace("123456789012", id)}`));
  expect(() => call("GetAuthorizationToken", { registryIds: ["missing"] })).toThrow("registryIds");
});

describe("PutImage", () => {
  const image = handMade("one");
  const input = {
    repositoryName: "team/app",
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
    imageTag: "v1",
  };

  test("answers with the image, byte for byte", async () => {
    const at = setting();
    await pushBlobs(at, "team/app", image.blobs);
    expect(at.call("PutImage", input)).toEqual({
      image: {
        registryId: ACCOUNT,
        repositoryName: "team/app",
        imageId: { imageDigest: image.digest, imageTag: "v1" },
        imageManifest: image.manifest,
        imageManifestMediaType: image.mediaType,
      },
    });
  });

  const docker = handMade("one", DOCKER);
  const index = (digest: string) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [{ mediaType: OCI, digest, size: 1 }],
    });
  test.each([
    [
      "an OCI manifest without its media type",
      { imageManifestMediaType: undefined },
      /^InvalidParameterException: .*'ImageManifest' .*'Invalid JSON syntax'$/,
    ],
    ["no JSON", { imageManifest: "{" }, /^InvalidParameterException: .*'Invalid JSON syntax'$/],
    ["nothing", { imageManifest: "" }, /^InvalidParameterException: .*'imageManifest'/],
    [
      "over 4 MiB",
      { imageManifest: " ".repeat(4 * 1024 * 1024 + 1) },
      /^InvalidParameterException: .*'imageManifest'/,
    ],
    [
      "a media type that is not the manifest's",
      { imageManifestMediaType: DOCKER },
      /^InvalidParameterException/,
    ],
    [
      "a malformed tag",
      { imageTag: "feature/x" },
      /^InvalidParameterException: Invalid parameter at 'imageTag'/,
    ],
    ["another digest", { imageDigest: digestOf("x") }, /^ImageDigestDoesNotMatchException/],
    [
      "a layer that is not there",
      { imageManifest: handMade("two").manifest },
      /^LayersNotFoundException: .*'team\/app'/,
    ],
    [
      "an index of an image that is not there",
      { imageManifest: index(digestOf("x")), imageManifestMediaType: INDEX },
      /^ReferencedImagesNotFoundException/,
    ],
    ["the digest that it has", { imageDigest: image.digest }, "accepted"],
    [
      "Docker's manifest without its media type",
      { imageManifest: docker.manifest, imageManifestMediaType: undefined },
      "accepted",
    ],
    ["no tag", { imageTag: undefined }, "accepted"],
  ])("%s", async (_name, change, expected) => {
    const at = setting();
    await pushBlobs(at, "team/app", [...image.blobs, ...docker.blobs]);
    expect(refusal(() => at.call("PutImage", { ...input, ...change }))).toMatch(expected);
  });

  test("no tag, and the image is there: it already exists", async () => {
    const at = setting();
    await push(at, "team/app", "v1", image);
    expect(refusal(() => at.call("PutImage", { ...input, imageTag: undefined }))).toMatch(
      /^ImageAlreadyExistsException: Image with digest 'sha256:\w+' already/,
    );
  });

  test("a retag: BatchGetImage, then PutImage of the same text", async () => {
    const at = setting();
    const digest = at.repositories.putIndex(
      "team/app",
      [at.repositories.putImage("team/app")],
      ["v1"],
    );
    const got = at.call("BatchGetImage", {
      repositoryName: "team/app",
      imageIds: [{ imageTag: "v1" }],
      acceptedMediaTypes: [OCI, DOCKER, INDEX],
    });
    const { imageManifest, imageManifestMediaType } = got.images[0];
    expect(digestOf(imageManifest)).toBe(digest);
    at.call("PutImage", {
      repositoryName: "team/app",
      imageManifest,
      imageManifestMediaType,
      imageTag: "latest",
    });
    expect(at.repositories.tags("team/app")).toEqual({ v1: digest, latest: digest });
  });
});
