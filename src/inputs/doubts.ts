// Values that are valid but probably a mistake, PURE.

import type { Inputs } from "./schema.ts";
import { expressionFor } from "./shell-variables.ts";

/**
 * Warnings about valid values that are probably a mistake. Inputs that allow a `$` keep it; a
 * warning is given only where the whole value is the name of a variable of this job. No value is
 * shown except that name.
 */
export function unexpandedVariableWarnings(
  inputs: Pick<Inputs, "environmentVariables" | "buildArgs" | "labels" | "tags" | "buildSecrets">,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const given = [
    ...inputValues("environment-variables", inputs.environmentVariables),
    ...inputs.buildArgs.map((line) => splitAtEquals("build-args", line)),
    ...inputs.labels.map((line) => splitAtEquals("labels", line)),
    ...inputValues("tags", inputs.tags),
    ...inputs.buildSecrets.map(({ id, value }) => ({ input: "build-secrets", name: id, value })),
  ];
  const names = given.flatMap(({ input, name, value }) => {
    const [, plain, braced] = value.trim().match(wholeVariable) ?? [];
    const found = plain ?? braced;
    if (
      found === undefined ||
      (environment[found] === undefined && !/^(GITHUB|RUNNER)_/.test(found))
    )
      return [];
    return [`${input} ${name} (write ${expressionFor(found)})`];
  });
  const unset = inputs.buildArgs.flatMap((line, index) => {
    if (line.includes("=")) return [];
    return [index + 1];
  });
  return [
    ...(names.length > 0
      ? [
          "A `with:` block is not a shell: the name of a variable is passed on as text. To " +
            `pass its value instead: ${names.join(", ")}.`,
        ]
      : []),
    ...(unset.length > 0
      ? [
          `build-args: entry ${unset.join(", ")} has no value, and the job's environment has ` +
            "no variable of that name: the build omits it.",
        ]
      : []),
  ];
}

/** A value that is only the name of a variable: `$NAME`, `${NAME}`, `$env:NAME`. */
const wholeVariable = /^\$(?:env:)?([A-Za-z_][A-Za-z0-9_]*)$|^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

interface InputValue {
  readonly input: string;
  readonly name: string;
  readonly value: string;
}

function inputValues(input: string, all: Inputs["environmentVariables"]): readonly InputValue[] {
  return all.flatMap((one) => {
    if ("value" in one) return [{ input, name: one.name, value: one.value }];
    return [];
  });
}

function splitAtEquals(input: string, line: string): InputValue {
  const at = line.indexOf("=");
  if (at < 0) return { input, name: line, value: "" };
  return { input, name: line.slice(0, at), value: line.slice(at + 1) };
}
