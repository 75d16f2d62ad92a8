// The fingerprint of a build's inputs: the same for what makes the same image, another one for what does not.

import { describe, expect, test } from "vitest";
import type { Inputs } from "../../../../src/inputs/schema.ts";
import {
  differingInputs,
  fingerprintBuildInputs,
} from "../../../../src/plan/image/build-inputs.ts";

const plain = {
  buildArgs: [],
  buildContexts: [],
  buildSecrets: [],
  context: ".",
  file: undefined,
  labels: [],
  ssh: [],
  target: undefined,
} as unknown as Inputs;

const workspace = "/home/runner/work/shop/shop";

function of(
  inputs: Partial<Inputs> = {},
  platforms: readonly string[] = ["linux/amd64"],
  sha = "a".repeat(40),
) {
  return fingerprintBuildInputs({ ...plain, ...inputs }, { commit: { sha, workspace }, platforms });
}

test("a hash for each input that is given", () => {
  expect(of()).toMatch(/^context:[0-9a-f]{16},file:[0-9a-f]{16},platforms:[0-9a-f]{16}$/);
  expect(of({}, [])).toMatch(/^context:[0-9a-f]{16},file:[0-9a-f]{16}$/);
});

test("it stays what it is from one version of this action to the next: images carry it for years", () => {
  expect(of()).toBe("context:7299b59de0b5dad3,file:7182f90096a0fc58,platforms:ac8335d2e189797f");
});

describe("the same image", () => {
  test.each<[string, Partial<Inputs>, Partial<Inputs>]>([
    ["the order of arguments", { buildArgs: ["A=1", "B=2"] }, { buildArgs: ["B=2", "A=1"] }],
    [
      "an argument given twice: the last one counts",
      { buildArgs: ["A=1", "A=2"] },
      { buildArgs: ["A=2"] },
    ],
    ["./ in front", { context: "./app" }, { context: "app/" }],
    ["the workspace in front", { context: `${workspace}/app` }, { context: "app" }],
    ["the workspace itself", { context: workspace }, { context: "." }],
    ["the default Dockerfile", { file: "Dockerfile" }, {}],
    ["the place of a key", { ssh: ["default=/tmp/one"] }, { ssh: ["default=/tmp/other"] }],
    ["what describes an image", { labels: ["org.opencontainers.image.created=now"] }, {}],
    ["a cache", { cacheFrom: ["type=gha"], noCache: true } as never, {}],
  ])("%s", (_, one, other) => {
    expect(of(one)).toBe(of(other));
  });

  test("the commit", () => {
    expect(of({}, [], "a".repeat(40))).toBe(of({}, [], "b".repeat(40)));
  });
});

describe("another image, and its difference named", () => {
  test.each<[string, Partial<Inputs>]>([
    ["build-args", { buildArgs: ["A=1"] }],
    ["build-contexts", { buildContexts: ["shared=../shared"] }],
    ["build-secrets", { buildSecrets: [{ id: "TOKEN", value: "hush" }] }],
    ["context", { context: "app", file: "Dockerfile" }],
    ["file", { file: "app/Dockerfile" }],
    ["file", { file: "/elsewhere/Dockerfile" }],
    ["labels", { labels: ["team=a"] }],
    ["ssh", { ssh: ["default"] }],
    ["target", { target: "prod" }],
  ])("%s", (name, inputs) => {
    expect(differingInputs(of(), of(inputs))).toEqual([name]);
  });

  test("an argument whose value is another one", () => {
    expect(differingInputs(of({ buildArgs: ["A=1"] }), of({ buildArgs: ["A=2"] }))).toEqual([
      "build-args",
    ]);
  });

  test("two arguments that read like one", () => {
    expect(of({ buildArgs: ["A=1", "B=2"] })).not.toBe(of({ buildArgs: ["A=1,B=2"] }));
  });

  test("several", () => {
    expect(differingInputs(of({ target: "a" }), of({ buildArgs: ["A=1"] }, []))).toEqual([
      "build-args",
      "platforms",
      "target",
    ]);
  });

  test("with a revision label of the user's own, the commit", () => {
    const labels = ["org.opencontainers.image.revision=main"];
    expect(
      differingInputs(of({ labels }, [], "a".repeat(40)), of({ labels }, [], "b".repeat(40))),
    ).toEqual(["commit"]);
  });
});

test("a label that is no fingerprint differs, in unknown inputs", () => {
  expect(differingInputs(of(), "something else")).toEqual([]);
});

test("no value can be read in it", () => {
  const text = of({
    buildArgs: ["PASSWORD=hush"],
    buildSecrets: [{ id: "TOKEN", value: "hush" }],
    target: "hush",
  });
  expect(text).not.toContain("hush");
});
