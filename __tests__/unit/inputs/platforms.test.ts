// One name for each platform, whoever wrote it.

import { expect, test } from "vitest";
import { platforms } from "../../../src/inputs/image-parsers.ts";
import { normalizePlatform } from "../../../src/inputs/platforms.ts";

test.each([
  ["linux/x86_64", "linux/amd64"],
  ["linux/x86-64", "linux/amd64"],
  ["Linux/AMD64", "linux/amd64"],
  ["linux/amd64/v1", "linux/amd64"],
  ["linux/amd64/v2", "linux/amd64/v2"],
  ["windows/x86_64", "windows/amd64"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm64/8", "linux/arm64"],
  ["linux/arm64/v9", "linux/arm64/v9"],
  ["linux/i386", "linux/386"],
  ["linux/arm", "linux/arm/v7"],
  ["linux/armhf", "linux/arm/v7"],
  ["linux/arm/6", "linux/arm/v6"],
  ["linux/riscv64", "linux/riscv64"],
])("%s is %s", (given, known) => {
  expect(normalizePlatform(given)).toBe(known);
});

test("the input knows the aliases, and names one platform once", () => {
  expect(platforms("linux/x86_64, linux/amd64\nlinux/arm64/v8")).toEqual([
    "linux/amd64",
    "linux/arm64",
  ]);
});

test.each(["arm64", "darwin/arm64", "linux/", "linux/arm64/latest"])(
  "%s is no platform",
  (given) => {
    expect(() => platforms(given)).toThrow("platforms like linux/amd64");
  },
);
