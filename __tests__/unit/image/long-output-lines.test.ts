// A builder may print anything. On lines of a million characters a pattern that is tried at each of them would never end.

import { expect, test } from "vitest";
import { failingLine } from "../../../src/image/build-failure.ts";
import { parseBuildWarnings } from "../../../src/image/build-warnings.ts";
import {
  buildxErrorLines,
  classifyPushFailure,
  failedDuringPush,
} from "../../../src/image/push-failure.ts";

const pieces = [
  ...[
    " ",
    "/",
    "\\",
    '"',
    "'",
    "[",
    "(",
    ":",
    "-",
    "#",
    "=",
    "1",
    "a",
    "error: ",
    " > [",
    " - x: ",
  ],
  ...[
    "tag already exists ",
    "token expired ",
    "name unknown repository with name ",
    "limit exceeded ",
    "exceed a ",
  ],
  ...[
    "Dockerfile",
    "[Warning] one or more build arg",
    "step 1",
    "pushing layers ",
    "POST request to /v2",
    "target ",
  ],
];

test.each(pieces)("a million times %j", (piece) => {
  const lines = Array.from(
    { length: 40 },
    () => `error: ${piece.repeat(1_000_000 / piece.length)}`,
  );

  expect(classifyPushFailure(lines)).toBeTypeOf("string");
  expect(buildxErrorLines(lines)).toHaveLength(15);
  expect(failedDuringPush(lines)).toBeTypeOf("boolean");
  expect(failingLine(lines, "FROM scratch")).toBeUndefined();
  expect(parseBuildWarnings(lines, "Dockerfile").length).toBeLessThan(6);
});

test("the words are still found at the beginning of a long line", () => {
  const taken = `tag already exists, the repository is immutable ${"x".repeat(1_000_000)}`;
  expect(classifyPushFailure([taken])).toBe("tag-taken");
});
