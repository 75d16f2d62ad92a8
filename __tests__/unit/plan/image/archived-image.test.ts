// What an archived image under the deployed tag means for each choice of if-image-exists.

import { describe, expect, test } from "vitest";
import { reasonToReplaceArchived } from "../../../../src/plan/image/archived-image.ts";

const repository = {
  name: "api",
  uri: "host/api",
  arn: "arn",
  tagMutability: "IMMUTABLE_WITH_EXCLUSION",
  mutabilityExclusions: ["latest"],
};

const reasonFor = (
  ifImageExists: "auto" | "reuse" | "rebuild" | "fail",
  tag: string,
  status: string | undefined,
) => reasonToReplaceArchived({ ifImageExists }, repository, tag, { digest: "sha256:1", status });

describe.each(["ARCHIVED", "ACTIVATING"])("%s", (status) => {
  test("auto: a mutable tag is moved, an immutable one is refused", () => {
    expect(reasonFor("auto", "latest", status)).toContain("names an archived image");
    expect(() => reasonFor("auto", "v1", status)).toThrow(/archive/);
  });

  test("reuse is refused", () => {
    expect(() => reasonFor("reuse", "latest", status)).toThrow(/archive/);
  });

  test.each(["rebuild", "fail"] as const)("%s: the image is not needed", (choice) => {
    expect(reasonFor(choice, "v1", status)).toBeUndefined();
  });
});

test.each(["ACTIVE", undefined, "SOMETHING_NEWER"])("%s: as before", (status) => {
  expect(reasonFor("auto", "v1", status)).toBeUndefined();
  expect(reasonFor("reuse", "v1", status)).toBeUndefined();
});
