// What the code promises about failures: one error class, and a page that explains every code.

import { expect, test } from "vitest";
import { errorCodes } from "../../src/errors.ts";
import { namesIn, readSources, readText, thrownClasses } from "./source.ts";

/**
 * InputProblem: one line of the list that readInputs throws as a DeployError.
 * MalformedResponse: takes the way of the SDK's own errors, through aws/call.ts, which tries again or translates it.
 */
const mayBeThrown = ["DeployError", "InputProblem", "DocumentProblem", "MalformedResponse"];

const sources = readSources("src");

test("nothing is thrown but DeployError", () => {
  const others = [...sources].flatMap(([path, text]) =>
    thrownClasses(path, text).flatMap((name) =>
      mayBeThrown.includes(name) ? [] : `${path}: ${name}`,
    ),
  );
  expect(others).toEqual([]);
});

test("another class would be found", () => {
  expect(thrownClasses("a.ts", 'if (x) throw new TypeError("x");')).toEqual(["TypeError"]);
});

test.each(errorCodes)("%s is explained in docs/errors.md", (code) => {
  expect(readText("docs/errors.md")).toMatch(new RegExp(`^#+ \`?${code}\`?$`, "m"));
});

test.each(errorCodes)("%s is in the overview of docs/errors.md", (code) => {
  const [overview = ""] = readText("docs/errors.md").split(/^## /m);
  expect(overview).toContain(`[${code}](#${code.toLowerCase()})`);
});

/** What a user sees of a code is shown by a whole deployment, in a scenario or its transcript. */
const scenarios = [
  ...readSources("__tests__/scenarios").values(),
  ...readSources("__tests__/sweep").values(),
];

test.each(errorCodes)("%s occurs in a scenario", (code) => {
  expect(scenarios.some((text) => new RegExp(`\\b${code}\\b`).test(text))).toBe(true);
});

test.each(errorCodes)("%s is raised somewhere", (code) => {
  const elsewhere = [...sources].filter(([path]) => path !== "src/errors.ts");
  const raisers = elsewhere.filter(([path, text]) => namesIn(path, text).has(code));
  // Bug is what errors.ts makes of an error that was not expected.
  expect(code === "Bug" || raisers.length > 0).toBe(true);
});
