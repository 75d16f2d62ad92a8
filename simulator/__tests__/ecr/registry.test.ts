// Signing in at the registry, its paths, manifests and tags.

import { describe, expect, test } from "vitest";
import {
  digestOf,
  HOST,
  handMade,
  inFiles,
  push,
  pushBlobs,
  putManifest,
  scene,
  world,
} from "./fixture.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

describe("signing in", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  test.each([
    ["nothing", undefined],
    ["an unknown password", basic("AWS:guess")],
    ["another scheme", "Bearer abc"],
    ["half a header", "Basic"],
  ])("with %s: 401 and ECR's challenge", async (_name, authorization) => {
    const answer = await scene().send("GET", "/v2/", { authorization });
    expect(answer).toMatchObject({ status: 401, text: "Not Authorized\n" });
    expect(answer.headers["www-authenticate"]).toBe(
      `Basic realm="https://${HOST}/",service="ecr.amazonaws.com"`,
    );
  });

  test("a user other than AWS is turned away", async () => {
    const at = scene();
    at.call("GetAuthorizationToken");
    const authorization = basic(`me:${at.ecr.repositories.passwords()[0]}`);
    expect((await at.send("GET", "/v2/", { authorization })).status).toBe(401);
  });

  test("is valid for twelve hours of simulated time, then 403 with ECR's text", async () => {
    const at = scene();
    expect(await at.send("GET", "/v2/")).toMatchObject({
      status: 200,
      headers: { "docker-distribution-api-version": "registry/2.0" },
    });
    at.clock.advance(12 * 3600 * 1000 - 1);
    expect((await at.send("GET", "/v2/")).status).toBe(200);
    at.clock.advance(1);
    const answer = await at.send("GET", "/v2/team/app/tags/list");
    expect([answer.status, answer.error]).toEqual([
      403,
      "DENIED: Your authorization token has expired. Reauthenticate and try again.",
    ]);
  });

  test("a password can be made to run out", async () => {
    const at = scene();
    expect((await at.send("GET", "/v2/")).status).toBe(200);
    at.ecr.repositories.expirePasswords();
    expect((await at.send("GET", "/v2/")).status).toBe(403);
  });

  test("IAM checks the caller, the action and the repository", async () => {
    const asked: string[] = [];
    const at = scene({
      authorize: (principal, action, resource) => {
        asked.push(`${action} ${resource}`);
        return action === "ecr:PutImage"
          ? `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`
          : undefined;
      },
    });
    const answer = await push(at, "team/app", "v1", handMade("x"));
    expect(answer.status).toBe(403);
    expect(answer.error).toMatch(
      /^DENIED: User: arn:aws:sts::123456789012:assumed-role\/deployer\/run-1 is not authorized to perform: ecr:PutImage/,
    );
    expect(asked.at(-2)).toBe(
      "ecr:InitiateLayerUpload arn:aws:ecr:eu-central-1:123456789012:repository/team/app",
    );
  });
});

describe("paths", () => {
  test.each([
    [
      "GET",
      "/v2/nope/tags/list",
      404,
      "NAME_UNKNOWN: The repository with name 'nope' does not exist in the registry with id '123456789012'",
    ],
    [
      "POST",
      "/v2/nope/blobs/uploads/",
      404,
      "NAME_UNKNOWN: The repository with name 'nope' does not exist in the registry with id '123456789012'",
    ],
    [
      "HEAD",
      `/v2/team/app/blobs/${digestOf("x")}`,
      404,
      `BLOB_UNKNOWN: The repository has no blob ${digestOf("x")}`,
    ],
    ["GET", "/v2/team/app/manifests/v9", 404, "MANIFEST_UNKNOWN: Requested image not found"],
    [
      "GET",
      `/v2/team/app/manifests/${digestOf("x")}`,
      404,
      "MANIFEST_UNKNOWN: Requested image not found",
    ],
    [
      "PATCH",
      "/v2/team/app/blobs/uploads/none",
      404,
      "BLOB_UPLOAD_UNKNOWN: There is no upload none",
    ],
    ["DELETE", "/v2/team/app/manifests/v1", 405, "UNSUPPORTED: The operation is unsupported."],
    ["GET", "/v2/_catalog", 404, "UNSUPPORTED: The simulator does not play this path"],
    ["GET", "/v2/team/app/%zz", 404, "UNSUPPORTED: The simulator does not play this path"],
  ])("%s %s: %i", async (method, path, status, error) => {
    const answer = await scene().send(method, path);
    expect([answer.status, answer.error]).toEqual([status, error]);
  });
});

describe("manifests", () => {
  const image = handMade("layer");

  test("by tag and by digest, GET and HEAD; a pull is noted", async () => {
    const at = scene();
    const answer = await push(at, "team/app", "v1", image);
    expect(answer).toMatchObject({
      status: 201,
      headers: {
        location: `/v2/team/app/manifests/${image.digest}`,
        "docker-content-digest": image.digest,
      },
    });
    const detail = () => at.call("DescribeImages", { repositoryName: "team/app" }).imageDetails[0];
    const headers = {
      "content-type": image.mediaType,
      "content-length": String(image.manifest.length),
      "docker-content-digest": image.digest,
    };
    expect(await at.send("HEAD", "/v2/team/app/manifests/v1")).toMatchObject({
      status: 200,
      headers,
      text: "",
    });
    expect(detail().lastRecordedPullTime).toBeUndefined();
    for (const reference of ["v1", image.digest, image.digest.replace(":", "%3A")]) {
      expect(await at.send("GET", `/v2/team/app/manifests/${reference}`)).toMatchObject({
        status: 200,
        headers,
        text: image.manifest,
      });
    }
    expect(detail().lastRecordedPullTime).toEqual(new Date(at.clock.now()));
  });

  const list = (mediaType: string, digest: string) => {
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      manifests: [{ mediaType: image.mediaType, digest, size: image.manifest.length }],
    });
    return { manifest, mediaType, digest: digestOf(manifest), blobs: [] };
  };
  test.each([image.mediaType, "application/vnd.docker.distribution.manifest.v2+json"])(
    "an image of the kind %s",
    async (mediaType) => {
      expect((await push(scene(), "team/app", "v1", handMade("layer", mediaType))).status).toBe(
        201,
      );
    },
  );

  test.each([INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"])(
    "a list of the kind %s",
    async (mediaType) => {
      const at = scene();
      await push(at, "team/app", image.digest, image);
      expect((await putManifest(at, "team/app", "v1", list(mediaType, image.digest))).status).toBe(
        201,
      );
      expect(at.ecr.resolve(`${HOST}/team/app:v1`)).toBe(list(mediaType, image.digest).digest);
      expect(at.ecr.repositories.images("team/app").map(({ tags }) => tags)).toEqual([[], ["v1"]]);
    },
  );

  test.each([
    ["a layer that is not there", "v1", handMade("missing"), "MANIFEST_BLOB_UNKNOWN"],
    ["an image that is not there", "v1", list(INDEX, digestOf("x")), "MANIFEST_BLOB_UNKNOWN"],
    ["another digest", digestOf("x"), image, "DIGEST_INVALID"],
    ["a malformed tag", "-v1", image, "TAG_INVALID"],
    ["no JSON", "v1", { ...image, manifest: "{" }, "MANIFEST_INVALID"],
    ["an unknown kind", "v1", { ...image, mediaType: "application/json" }, "MANIFEST_INVALID"],
    ["schema 1", "v1", { ...image, manifest: '{"schemaVersion":1}' }, "MANIFEST_INVALID"],
    [
      "a layer without a digest",
      "v1",
      { ...image, manifest: image.manifest.replaceAll('"digest"', '"d"') },
      "MANIFEST_INVALID",
    ],
  ])("%s is refused", async (_name, reference, sent, code) => {
    const at = scene();
    await pushBlobs(at, "team/app", image.blobs);
    const answer = await putManifest(at, "team/app", reference, sent);
    expect([answer.status, answer.error?.split(":")[0]]).toEqual([400, code]);
    expect(at.ecr.repositories.images("team/app")).toEqual([]);
  });

  test("a foreign layer need not be there", async () => {
    const foreign = handMade("layer");
    const manifest = foreign.manifest.replace(
      "image.layer.v1.tar",
      "image.layer.nondistributable.v1.tar",
    );
    const at = scene();
    await pushBlobs(at, "team/app", foreign.blobs.slice(0, 1));
    expect((await putManifest(at, "team/app", "v1", { ...foreign, manifest })).status).toBe(201);
  });

  test("over 4 MiB: 413", async () => {
    expect(
      (
        await putManifest(scene(), "team/app", "v1", {
          ...image,
          manifest: " ".repeat(4 * 1024 * 1024 + 1),
        })
      ).status,
    ).toBe(413);
  });

  test.each([
    [undefined, "index"],
    ["*/*", "index"],
    [`${INDEX}, ${image.mediaType}`, "index"],
    [`${image.mediaType};q=0.5`, "image"],
    ["application/vnd.docker.distribution.manifest.v2+json", "404"],
  ])("of an index, accepting %s: %s", async (accept, expected) => {
    const at = scene();
    const child = at.ecr.repositories.putImage("team/app");
    const index = at.ecr.repositories.putIndex("team/app", [child], ["v1"]);
    const answer = await at.send("HEAD", "/v2/team/app/manifests/v1", {
      headers: accept ? { accept } : {},
    });
    expect(answer.headers["docker-content-digest"] ?? String(answer.status)).toBe(
      { index, image: child }[expected] ?? expected,
    );
  });
});

test("tags come sorted and in pages", async () => {
  const at = scene();
  at.ecr.repositories.putImage("team/app", { tags: ["c", "a", "b"] });
  expect(JSON.parse((await at.send("GET", "/v2/team/app/tags/list")).text)).toEqual({
    name: "team/app",
    tags: ["a", "b", "c"],
  });
  const first = await at.send("GET", "/v2/team/app/tags/list?n=2");
  expect(JSON.parse(first.text).tags).toEqual(["a", "b"]);
  expect(first.headers.link).toBe('</v2/team/app/tags/list?n=2&last=b>; rel="next"');
  const second = await at.send("GET", "/v2/team/app/tags/list?n=2&last=b");
  expect(JSON.parse(second.text).tags).toEqual(["c"]);
  expect(second.headers.link).toBeUndefined();
});

test("traffic: what came in over the registry", async () => {
  const at = scene();
  const image = handMade("layer");
  await push(at, "team/app", "v1", image);
  await putManifest(at, "team/app", "latest", image);
  expect(at.ecr.repositories.traffic()).toEqual({
    blobBytes: image.blobs.join("").length,
    blobUploads: 2,
    blobMounts: 0,
    manifestBytes: 2 * image.manifest.length,
    manifestPuts: 2,
  });
});

test("what a test put is pulled over the registry", async () => {
  const at = scene(inFiles());
  const digest = at.ecr.repositories.putImage("team/app", { tags: ["v1"], layers: ["one", "two"] });
  const index = at.ecr.repositories.putIndex("team/app", [digest], ["i"]);
  expect(
    JSON.parse((await at.send("GET", `/v2/team/app/manifests/${index}`)).text).manifests[0]
      .platform,
  ).toEqual({
    os: "linux",
    architecture: "amd64",
  });
  const manifest = JSON.parse((await at.send("GET", "/v2/team/app/manifests/v1")).text);
  const texts = await Promise.all(
    manifest.layers.map(
      async (layer: { digest: string }) =>
        (await at.send("GET", `/v2/team/app/blobs/${layer.digest}`)).text,
    ),
  );
  expect(texts).toEqual(["one", "two"]);
  expect(at.ecr.repositories.manifest("team/app", "v1")).toBe(JSON.stringify(manifest));
});

describe("a push to a repository that does not exist", () => {
  const startUpload = (at: ReturnType<typeof world>, name: string) =>
    at.send("POST", `/v2/${name}/blobs/uploads/`);

  test("creates it with the settings of the template with the longest prefix", async () => {
    const at = world();
    const { repositories } = at.ecr;
    repositories.putCreationTemplate("ROOT", { appliedFor: ["REPLICATION"] });
    repositories.putCreationTemplate("team", { imageTagMutability: "IMMUTABLE" });
    expect((await startUpload(at, "team/new")).status).toBe(202);
    const [made] = at.call("DescribeRepositories", { repositoryNames: ["team/new"] }).repositories;
    expect(made.imageTagMutability).toBe("IMMUTABLE");
    expect((await startUpload(at, "other")).status).toBe(404);
    expect(at.call("DescribeRepositoryCreationTemplates").repositoryCreationTemplates).toEqual([
      { prefix: "ROOT", appliedFor: ["REPLICATION"], imageTagMutability: "MUTABLE" },
      { prefix: "team", appliedFor: ["CREATE_ON_PUSH"], imageTagMutability: "IMMUTABLE" },
    ]);
  });

  test("a read creates nothing, and a push needs ecr:CreateRepository", async () => {
    const authorize = (_: unknown, action: string) =>
      action === "ecr:CreateRepository" ? "not authorized to perform it" : undefined;
    const at = world({ authorize });
    at.ecr.repositories.putCreationTemplate("ROOT");
    expect((await at.send("GET", "/v2/new/manifests/v1")).status).toBe(404);
    expect((await startUpload(at, "new")).status).toBe(403);
    expect(() => at.ecr.repositories.tags("new")).toThrow("new");
  });
});
