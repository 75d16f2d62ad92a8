// Whose image it is, and what that means: every combination of labels and choices.

import { describe, expect, test } from "vitest";
import { DeployError } from "../../../../src/errors.ts";
import {
  canAlsoTag,
  decideOnConflict,
  decideOnExisting,
  type ExistingImage,
  explainImage,
  type ImageOrigin,
  originOf,
} from "../../../../src/plan/image/image-origin.ts";

const commit = "a".repeat(40);
const other = "b".repeat(40);
const inputs = `context:${"1".repeat(16)}`;
const otherInputs = `build-args:${"2".repeat(16)},context:${"1".repeat(16)}`;
const wanted = { revision: commit, buildInputs: inputs };

test.each([
  [{ revision: commit, buildInputs: inputs }, "ours"],
  [{ revision: commit.toUpperCase(), buildInputs: inputs }, "ours"],
  [{ revision: commit.slice(0, 7), buildInputs: inputs }, "ours"],
  [{ revision: other, buildInputs: inputs }, "other-commit"],
  [{ revision: other }, "other-commit"],
  [{ revision: "main" }, "other-commit"],
  [{ revision: "aaa", buildInputs: inputs }, "other-commit"],
  [{ revision: commit, buildInputs: otherInputs }, "other-inputs"],
  [{ buildInputs: otherInputs }, "other-inputs"],
  [{ revision: commit }, "unknown"],
  [{ buildInputs: inputs }, "unknown"],
  [{}, "unknown"],
])("labels %j: %s", (labels, kind) => {
  expect(originOf({ value: labels }, wanted).kind).toBe(kind);
});

test("which inputs are other ones is known", () => {
  const origin = originOf({ value: { revision: commit, buildInputs: otherInputs } }, wanted);
  expect(origin).toEqual({ kind: "other-inputs", inputs: ["build-args"] });
});

test("labels that were not read or may not be read are unknown; so is everything without a commit to compare it with", () => {
  expect(originOf(undefined, wanted)).toMatchObject({ kind: "unknown" });
  expect(originOf({ error: "403" }, wanted)).toMatchObject({
    kind: "unknown",
    why: expect.stringContaining("403"),
  });
  expect(originOf({ value: wanted }, { buildInputs: inputs })).toMatchObject({ kind: "unknown" });
});

const origins: Readonly<Record<string, ImageOrigin>> = {
  ours: { kind: "ours" },
  commit: { kind: "other-commit", revision: other },
  inputs: { kind: "other-inputs", inputs: ["build-args"] },
  unknown: { kind: "unknown", why: "it has no label" },
};

function existing(
  origin: string,
  ifImageExists: ExistingImage["ifImageExists"],
  { immutable = false, tag = "v1" }: { readonly immutable?: boolean; readonly tag?: string } = {},
): ExistingImage {
  const tagMutability = immutable ? "IMMUTABLE" : "MUTABLE";
  const repository = {
    name: "app",
    uri: "h/app",
    arn: "arn",
    tagMutability,
    mutabilityExclusions: [],
  };
  const known = {
    digest: "sha256:1",
    expectedLabels: wanted,
    commit,
    progressHint: "Nothing was built.",
  };
  return { ...known, repository, tag, ifImageExists, origin: origins[origin] ?? { kind: "ours" } };
}

function verdictOf(judge: () => { readonly reuse: boolean }): string {
  try {
    return judge().reuse ? "reuse" : "build";
  } catch (error) {
    return error instanceof DeployError ? error.code : String(error);
  }
}

describe("an image that is there before the build", () => {
  test.each([
    // origin, choice, mutable, immutable, mutable with the sha, immutable with the sha
    ["ours", "auto", "reuse", "reuse", "reuse", "reuse"],
    ["commit", "auto", "build", "ImageExists", "build", "ImageExists"],
    ["inputs", "auto", "build", "ImageExists", "build", "ImageExists"],
    ["unknown", "auto", "build", "reuse", "reuse", "reuse"],
    ["ours", "reuse", "reuse", "reuse", "reuse", "reuse"],
    ["commit", "reuse", "reuse", "reuse", "reuse", "reuse"],
    ["inputs", "reuse", "reuse", "reuse", "reuse", "reuse"],
    ["unknown", "reuse", "reuse", "reuse", "reuse", "reuse"],
    ["ours", "rebuild", "build", "ImageExists", "build", "ImageExists"],
    ["commit", "rebuild", "build", "ImageExists", "build", "ImageExists"],
    ["ours", "fail", "ImageExists", "ImageExists", "ImageExists", "ImageExists"],
    ["unknown", "fail", "ImageExists", "ImageExists", "ImageExists", "ImageExists"],
  ] as const)("%s, %s", (origin, choice, ...expected) => {
    const places = ["v1", `web-${commit}`].flatMap((tag) =>
      [false, true].map((immutable) => ({ tag, immutable })),
    );
    const verdicts = places.map((place) =>
      verdictOf(() => decideOnExisting(existing(origin, choice, place))),
    );
    expect(verdicts).toEqual(expected);
  });

  test("a part of the sha in a tag proves nothing", () => {
    expect(
      verdictOf(() => decideOnExisting(existing("unknown", "auto", { tag: commit.slice(0, 12) }))),
    ).toBe("build");
  });

  test("a rebuild names its reason; a reuse without a check of the labels is reported", () => {
    expect(decideOnExisting(existing("commit", "auto")).why).toMatch(
      new RegExp(`${other}.*${commit}`),
    );
    expect(decideOnExisting(existing("inputs", "auto")).why).toContain("other build-args");
    expect(
      decideOnExisting(existing("unknown", "auto", { immutable: true })).findings,
    ).toMatchObject([{ severity: "note" }]);
    expect(decideOnExisting(existing("commit", "reuse")).findings).toMatchObject([
      { severity: "warn", message: expect.stringContaining(other) },
    ]);
    expect(decideOnExisting(existing("ours", "auto")).findings).toEqual([]);
    expect(decideOnExisting(existing("ours", "reuse")).findings).toEqual([]);
  });
});

describe("an image that another run has put under the immutable tag meanwhile", () => {
  test.each([
    // origin, choice, any tag, a tag with the sha
    ["ours", "auto", "reuse", "reuse"],
    ["ours", "reuse", "reuse", "reuse"],
    ["ours", "rebuild", "reuse", "reuse"],
    ["ours", "fail", "ImageExists", "ImageExists"],
    ["commit", "auto", "ImageExists", "ImageExists"],
    ["commit", "reuse", "ImageExists", "ImageExists"],
    ["inputs", "auto", "ImageExists", "ImageExists"],
    ["inputs", "reuse", "ImageExists", "ImageExists"],
    ["unknown", "auto", "ImageExists", "reuse"],
    ["unknown", "reuse", "ImageExists", "reuse"],
    ["unknown", "rebuild", "ImageExists", "ImageExists"],
    ["unknown", "fail", "ImageExists", "ImageExists"],
  ] as const)("%s, %s", (origin, choice, ...expected) => {
    const verdicts = ["v1", commit].map((tag) =>
      verdictOf(() => decideOnConflict(existing(origin, choice, { tag, immutable: true }), false)),
    );
    expect(verdicts).toEqual(expected);
  });

  test("one that our own earlier try may have put there is no conflict, if it is ours", () => {
    expect(
      verdictOf(() => decideOnConflict(existing("ours", "fail", { immutable: true }), true)),
    ).toBe("reuse");
    expect(
      verdictOf(() => decideOnConflict(existing("commit", "fail", { immutable: true }), true)),
    ).toBe("ImageExists");
  });
});

test.each([
  ["ours", "v1", commit, true],
  ["ours", "v1", "latest", true],
  ["commit", "v1", "latest", false],
  ["inputs", "v1", commit, false],
  ["unknown", "v1", "latest", true],
  ["unknown", "v1", commit, false],
  ["unknown", commit, `web-${commit}`, true],
])("%s under %s may also be %s: %s", (origin, tag, further, expected) => {
  expect(canAlsoTag(existing(origin, "auto", { tag }), further)).toBe(expected);
});

describe("the debug line about the image", () => {
  const labels =
    `org.opencontainers.image.revision=${commit}, ` + `io.github.deploy-ecs.build-inputs=${inputs}`;

  test.each([
    { origin: "ours", described: "was built from this commit" },
    {
      origin: "commit",
      described: `was built from commit ${other}, and this run deploys commit ${commit}`,
    },
    { origin: "inputs", described: "was built with other build-args" },
    { origin: "unknown", described: "is of unknown origin: it has no label" },
  ])("names digest, origin ($origin), labels, tag and choice", ({ origin, described }) => {
    const found = existing(origin, "auto");
    expect(explainImage(found, found, false)).toBe(
      `image app:v1 is sha256:1 and ${described}; expected labels: ${labels}; tag mutable; ` +
        "if-image-exists=auto → build",
    );
  });

  test("tells reuse from build, and an immutable tag from a mutable one", () => {
    const found = existing("ours", "reuse", { immutable: true });
    expect(explainImage(found, found, true)).toMatch(
      /; tag immutable; if-image-exists=reuse → reuse$/,
    );
  });

  test("says that there is no image, and with which labels it is built", () => {
    expect(explainImage(existing("ours", "auto"), undefined, false)).toBe(
      `image app:v1 does not exist → build with ${labels}`,
    );
  });

  test("says which expected label is unknown", () => {
    const image = existing("ours", "auto");
    const line = explainImage({ ...image, expectedLabels: {} }, undefined, false);
    expect(line).toContain(
      "org.opencontainers.image.revision=unknown, io.github.deploy-ecs.build-inputs=unknown",
    );
  });
});
