// Every setting of tag mutability × every state of the tag, through both doors.

import { describe, expect, test } from "vitest";
import { matches } from "../../src/ecr/mutability.ts";
import { HOST, handMade, push, pushBlobs, putManifest, refusal, world } from "./fixture.ts";

const SETTINGS = [
  { setting: "MUTABLE", exclusions: [] },
  { setting: "IMMUTABLE", exclusions: [] },
  { setting: "MUTABLE_WITH_EXCLUSION", exclusions: ["v*"] },
  { setting: "IMMUTABLE_WITH_EXCLUSION", exclusions: ["latest"] },
] as const;

// Can the tag be moved once it is there?
const MOVES = {
  MUTABLE: { latest: true, v1: true, abc: true },
  IMMUTABLE: { latest: false, v1: false, abc: false },
  MUTABLE_WITH_EXCLUSION: { latest: true, v1: false, abc: true },
  IMMUTABLE_WITH_EXCLUSION: { latest: true, v1: false, abc: false },
} as const;

const old = handMade("old");
const fresh = handMade("fresh");

const cells = SETTINGS.flatMap(({ setting, exclusions }) =>
  (["latest", "v1", "abc"] as const).map((tag) => ({
    setting,
    exclusions,
    tag,
    moves: MOVES[setting][tag],
  })),
);

function scene(setting: (typeof SETTINGS)[number]["setting"], exclusions: readonly string[]) {
  const at = world();
  at.ecr.repositories.createRepository("app", { imageTagMutability: setting, exclusions });
  return at;
}

describe.each(cells)("$setting $exclusions, tag $tag", ({ setting, exclusions, tag, moves }) => {
  const frozenText = `The image tag '${tag}' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.`;
  const put = (image: typeof old) => ({
    repositoryName: "app",
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
    imageTag: tag,
  });

  test("absent: the API and the registry put it", async () => {
    const api = scene(setting, exclusions);
    await pushBlobs(api, "app", fresh.blobs);
    api.call("PutImage", put(fresh));
    const registry = scene(setting, exclusions);
    expect((await push(registry, "app", tag, fresh)).status).toBe(201);
    for (const { ecr } of [api, registry])
      expect(ecr.resolve(`${HOST}/app:${tag}`)).toBe(fresh.digest);
  });

  test("there with the same digest: the API says so, the registry accepts", async () => {
    const at = scene(setting, exclusions);
    await push(at, "app", tag, fresh);
    expect(refusal(() => at.call("PutImage", put(fresh)))).toBe(
      `ImageAlreadyExistsException: Image with digest '${fresh.digest}' and tag '${tag}' already exists in the repository with name 'app' in registry with id '123456789012'`,
    );
    expect((await putManifest(at, "app", tag, fresh)).status).toBe(201);
  });

  test(`there with another digest: ${moves ? "it moves" : "it is immutable"}, by API`, async () => {
    const at = scene(setting, exclusions);
    await push(at, "app", tag, old);
    await pushBlobs(at, "app", fresh.blobs);
    expect(refusal(() => at.call("PutImage", put(fresh)))).toBe(
      moves ? "accepted" : `ImageTagAlreadyExistsException: ${frozenText}`,
    );
    expect(at.ecr.resolve(`${HOST}/app:${tag}`)).toBe((moves ? fresh : old).digest);
  });

  test(`there with another digest: ${moves ? "it moves" : "it is immutable"}, by registry`, async () => {
    const at = scene(setting, exclusions);
    await push(at, "app", tag, old);
    const answer = await push(at, "app", tag, fresh);
    expect([answer.status, answer.error]).toEqual(
      moves ? [201, undefined] : [400, `TAG_INVALID: ${frozenText}`],
    );
    expect(at.ecr.resolve(`${HOST}/app:${tag}`)).toBe((moves ? fresh : old).digest);
    // The image that lost its tag is still there, by digest.
    expect(at.ecr.resolve(`${HOST}/app@${old.digest}`)).toBe(old.digest);
  });
});

test("the same digest on an immutable tag can also be refused over the registry", async () => {
  const at = world({ sameDigestOnImmutableTag: "refused" });
  at.ecr.repositories.createRepository("app", { imageTagMutability: "IMMUTABLE" });
  expect((await push(at, "app", "v1", fresh)).status).toBe(201);
  expect((await push(at, "app", "v1", fresh)).error).toMatch(
    /^TAG_INVALID: The image tag 'v1' already exists/,
  );
});

test.each([
  ["latest", "latest", true],
  ["latest", "latest2", false],
  ["latest*", "latest", true],
  ["*-rc", "1.0-rc", true],
  ["*-rc", "1.0-rc1", false],
  ["dev-*-x", "dev-1-x", true],
  ["a.c", "abc", false],
  ["*", "anything", true],
])("the filter %s and the tag %s: %s", (filter, tag, expected) => {
  expect(matches(filter, tag)).toBe(expected);
});

test.each([
  ["SOMETIMES", undefined],
  ["MUTABLE", [{ filterType: "WILDCARD", filter: "x" }]],
  ["IMMUTABLE_WITH_EXCLUSION", undefined],
  ["IMMUTABLE_WITH_EXCLUSION", []],
  [
    "IMMUTABLE_WITH_EXCLUSION",
    Array.from({ length: 6 }, () => ({ filterType: "WILDCARD", filter: "x" })),
  ],
  ["IMMUTABLE_WITH_EXCLUSION", [{ filterType: "REGEX", filter: "x" }]],
  ["IMMUTABLE_WITH_EXCLUSION", [{ filterType: "WILDCARD", filter: "a b" }]],
  ["IMMUTABLE_WITH_EXCLUSION", [{ filterType: "WILDCARD", filter: "*a*b*" }]],
])(
  "PutImageTagMutability refuses %s with %j",
  (imageTagMutability, imageTagMutabilityExclusionFilters) => {
    const at = scene("MUTABLE", []);
    const input = { repositoryName: "app", imageTagMutability, imageTagMutabilityExclusionFilters };
    expect(refusal(() => at.call("PutImageTagMutability", input))).toMatch(
      /^InvalidParameterException: Invalid parameter at 'imageTagMutability/,
    );
  },
);

test("a new setting holds for tags that are there already", async () => {
  const at = scene("MUTABLE", []);
  await push(at, "app", "latest", old);
  const filters = [{ filterType: "WILDCARD", filter: "v*" }];
  const setting = {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: filters,
  };
  expect(at.call("PutImageTagMutability", { repositoryName: "app", ...setting })).toEqual({
    registryId: "123456789012",
    repositoryName: "app",
    ...setting,
  });
  expect(at.call("DescribeRepositories").repositories[0]).toMatchObject(setting);
  expect((await push(at, "app", "latest", fresh)).status).toBe(400);
});
