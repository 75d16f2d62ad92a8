import { describe, expect, test } from "vitest";
import {
  buildArguments,
  buildSecrets,
  externalImages,
  labels,
} from "../../../src/inputs/image-parsers.ts";
import { nameValues } from "../../../src/inputs/parsers.ts";
import { containerNames } from "../../../src/inputs/task-definition-parsers.ts";

test("build arguments, with a value or with that of the job's environment", () => {
  expect(buildArguments("A=1\n\nNODE_ENV\nB=x=y\nC=")).toEqual(["A=1", "NODE_ENV", "B=x=y", "C="]);
});

test.each([
  ["a,b", ["a", "b"]],
  ["a, b\nc", ["a", "b", "c"]],
  ["app\napp", ["app"]],
])("containers %j", (given, names) => {
  expect(containerNames(given)).toEqual(names);
});

test("a container's name has no dots", () => {
  expect(() => containerNames("app.web")).toThrow('one per line or with commas, got "app.web"');
});

describe("no line whose value may be secret is quoted", () => {
  test.each([
    {
      name: "build-args",
      parse: buildArguments,
      given: "A=1\n=s3cret",
      says: "but entry 2 is something else",
    },
    {
      name: "build-contexts",
      parse: nameValues,
      given: "s3cret/x",
      says: "but entry 1 is something else",
    },
    {
      name: "labels",
      parse: labels,
      given: "my label=s3cret",
      says: "but entry 1 is something else",
    },
    {
      name: "build-secrets",
      parse: buildSecrets,
      given: "s3cret",
      says: "but entry 1 is something else",
    },
    {
      name: "build-args out of a variable",
      parse: buildArguments,
      given: "$s3cret_ARGS",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as GitHub has them
      says: "a `with:` block is not a shell: write `${{ env.s3cret_ARGS }}`",
    },
  ])("$name", ({ name, parse, given, says }) => {
    expect(() => parse(given)).toThrow(says);
    if (!name.includes("variable")) expect(() => parse(given)).not.toThrow("s3cret");
  });
});

describe("build secrets", () => {
  test.each([
    { given: "A=1\nB=x=y", secrets: { A: "1", B: "x=y" } },
    { given: ' "A=one\ntwo" \nB=1', secrets: { A: "one\ntwo", B: "1" } },
    { given: '"A=say ""hi""\n"', secrets: { A: 'say "hi"\n' } },
    { given: 'A="quoted"', secrets: { A: '"quoted"' } },
    { given: '"A=x"\r\nB=1\r\n', secrets: { A: "x", B: "1" } },
  ])("$given", ({ given, secrets }) => {
    expect(Object.fromEntries(buildSecrets(given).map(({ id, value }) => [id, value]))).toEqual(
      secrets,
    );
  });

  test.each(['"A=open', '"A=x" y', '"A=open\nB=1', "=x", "A="])(
    "%j is refused, and not shown",
    (given) => {
      expect(() => buildSecrets(given)).toThrow("entry 1 is something else");
    },
  );

  test("quotes that are never closed are no work", () => {
    expect(() => buildSecrets('"""a\n'.repeat(50_000))).toThrow("entry 1 is something else");
  });
});

describe("image", () => {
  const digest = `sha256:${"0".repeat(64)}`;

  test("one reference, without a container", () => {
    const reference = `registry.example.com:5000/team/app:v1@${digest}`;
    expect(externalImages(reference)).toEqual([{ container: undefined, reference }]);
  });

  test("one line per container", () => {
    expect(externalImages(`app=shop/app:v1\n\n  proxy = shop/proxy@${digest}`)).toEqual([
      { container: "app", reference: "shop/app:v1" },
      { container: "proxy", reference: `shop/proxy@${digest}` },
    ]);
  });

  test.each([
    { given: "a:1\nb:1", says: 'but "a:1" has none: write CONTAINER=IMAGE, one per line' },
    { given: "app=a:1\nb:1", says: 'but "b:1" has none' },
    { given: "app=a:1\napp=b:1", says: 'container "app" is given twice' },
    { given: "my app=a:1", says: 'got "my app=a:1"' },
    { given: "=a:1", says: "expected CONTAINER=IMAGE" },
    { given: "app=", says: 'expected an image, like registry.example.com/app:v1, got ""' },
    { given: "app=a", says: '"a" has neither a tag nor a digest' },
  ])("$given", ({ given, says }) => {
    expect(() => externalImages(given)).toThrow(says);
  });
});
