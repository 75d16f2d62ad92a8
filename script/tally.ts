// The end of script/test: names what was skipped, counts what vitest reports, and fails if anything did: tally.ts REPORT STATUS

import { readFileSync } from "node:fs";
import { relative } from "node:path";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: "passed" | "failed";
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const [path = "", exitCode = "1"] = process.argv.slice(2);
const files = readReport().testResults;
const tests = files.flatMap(({ name, assertionResults }) =>
  assertionResults.map((test) => ({ ...test, file: name })),
);

const passed = tests.filter(({ status }) => status === "passed").length;
const failed = tests.filter(({ status }) => status === "failed").length;
const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");

// A file that cannot be loaded, or whose set-up fails, has no failed test of its own.
const broken = files.filter(
  ({ status, assertionResults }) =>
    status === "failed" && assertionResults.every((test) => test.status !== "failed"),
).length;
// What vitest counts nowhere: an unhandled error, a crashed worker, a suite without a file.
const unexplained = exitCode !== "0" && failed + broken === 0 ? 1 : 0;
const failures = failed + broken + unexplained;
/** Each is an exception with a reason (__tests__/README.md); more of them mean that a part of the suite did not run. */
const mostSkipped = 12;
const tooManySkipped = process.env["CI"] === "true" && skipped.length > mostSkipped;

console.log(); // a line of our own, whatever the terminal holds
for (const { file, fullName } of skipped)
  console.log(`skipped: ${relative("", file)}: ${fullName}`);
console.log(
  `${passed} passed, ${failures} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
);
if (tooManySkipped) console.error(`In CI at most ${mostSkipped} tests may be skipped.`);
process.exitCode = failures > 0 || tooManySkipped ? 1 : 0;

function readReport(): Report {
  const text = readFileSync(path, "utf8");
  return text === "" ? { testResults: [] } : JSON.parse(text);
}
