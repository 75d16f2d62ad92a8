// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts as shells and GitHub have them
import { describe, expect, test } from "vitest";
import { unexpandedVariableWarnings } from "../../../src/inputs/doubts.ts";
import { parseTags, parseVariables } from "../../../src/inputs/key-values.ts";
import { unexpandedVariableHint } from "../../../src/inputs/shell-variables.ts";

describe("how GitHub writes what a shell would replace", () => {
  test.each([
    ["$IMAGE_TAG", "a `with:` block is not a shell: write `${{ env.IMAGE_TAG }}`"],
    ["${IMAGE_TAG}", "write `${{ env.IMAGE_TAG }}`"],
    ["${IMAGE_TAG:-latest}", "write `${{ env.IMAGE_TAG }}`"],
    ["v-$TAG-x", "write `${{ env.TAG }}`"],
    ["$env:IMAGE_TAG", "write `${{ env.IMAGE_TAG }}`"],
    ["%IMAGE_TAG%", "write `${{ env.IMAGE_TAG }}`"],
    ["$GITHUB_SHA", "write `${{ github.sha }}`"],
    ["${GITHUB_REF_NAME}", "write `${{ github.ref_name }}`"],
    ["$RUNNER_TEMP/x", "write `${{ runner.temp }}`"],
    [
      "$(git rev-parse --short HEAD)",
      "run the command in an earlier step, and write `${{ steps.ID.outputs.NAME }}`",
    ],
    [
      "${{ env.IMAGE_TAG }}",
      "GitHub evaluates expressions only where they stand in the workflow file",
    ],
  ])("%s", (text, cure) => {
    expect(unexpandedVariableHint(text)).toContain(cure);
  });

  test.each(["", "main", "cost$", "$5", "100%", "50% of %", "{{x}}", "$ NAME"])(
    "nothing in %j",
    (text) => {
      expect(unexpandedVariableHint(text)).toBeUndefined();
    },
  );
});

describe("where a dollar may be meant", () => {
  const none = { environmentVariables: [], buildArgs: [], labels: [], tags: [], buildSecrets: [] };
  const environment = { VERSION: "1" };

  test("a whole value that is the name of a variable of the job is reported, once for all of them", () => {
    const inputs = {
      environmentVariables: parseVariables("A=$VERSION\nB=$GITHUB_SHA\n-C"),
      buildArgs: ["D=${VERSION}"],
      labels: ["e=$RUNNER_OS"],
      tags: parseTags("f=$VERSION"),
      buildSecrets: [{ id: "g", value: "$VERSION" }],
    };
    expect(unexpandedVariableWarnings(inputs, environment)).toEqual([
      "A `with:` block is not a shell: the name of a variable is passed on as text. To pass its value instead: environment-variables A (write `${{ env.VERSION }}`), environment-variables B (write `${{ github.sha }}`), build-args D (write `${{ env.VERSION }}`), labels e (write `${{ runner.os }}`), tags f (write `${{ env.VERSION }}`), build-secrets g (write `${{ env.VERSION }}`).",
    ]);
  });

  test("all else is left alone", () => {
    const environmentVariables = parseVariables("A=$OTHER\nB=http://$VERSION/\nC=$2y$10\nD=$\nE=");
    expect(
      unexpandedVariableWarnings({ ...none, environmentVariables, buildArgs: ["A="] }, environment),
    ).toEqual([]);
  });

  test("a build argument without a value anywhere is reported without its text", () => {
    expect(
      unexpandedVariableWarnings({ ...none, buildArgs: ["A=1", "s3cret"] }, environment),
    ).toEqual([
      "build-args: entry 2 has no value, and the job's environment has no variable of that name: the build omits it.",
    ]);
  });
});
