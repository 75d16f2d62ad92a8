import { expect, test } from "vitest";
import { parseSecretSources, parseTags, parseVariables } from "../../../src/inputs/key-values.ts";

test.each([
  { name: "a value", given: "A=1", expected: [{ name: "A", value: "1" }] },
  {
    name: "a value that holds =",
    given: "RULE=Host=x.y=z",
    expected: [{ name: "RULE", value: "Host=x.y=z" }],
  },
  { name: "an empty value", given: "A=", expected: [{ name: "A", value: "" }] },
  { name: "blanks inside a value", given: "  A=a  b ", expected: [{ name: "A", value: "a  b" }] },
  {
    name: "a value with << in it",
    given: "A=cat <<EOF",
    expected: [{ name: "A", value: "cat <<EOF" }],
  },
  {
    name: "names of other worlds",
    given: "Auth:Key=1\nspring.x-y=2\n_Z=3",
    expected: [
      { name: "Auth:Key", value: "1" },
      { name: "spring.x-y", value: "2" },
      { name: "_Z", value: "3" },
    ],
  },
  {
    name: "comments and blank lines",
    given: "# no\n\nA=#yes\n",
    expected: [{ name: "A", value: "#yes" }],
  },
  {
    name: "several lines, without the indentation that they share",
    given: "KEY<<END\n  line one\n    line two = 2\n\n  END\nB=1",
    expected: [
      { name: "KEY", value: "line one\n  line two = 2\n" },
      { name: "B", value: "1" },
    ],
  },
  {
    name: "Windows line ends",
    given: "A=1\r\nB=2\r\n",
    expected: [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ],
  },
  {
    name: "what goes away",
    given: "-A\n-*",
    expected: [
      { name: "A", remove: true },
      { name: "*", remove: true },
    ],
  },
  {
    name: "blanks around =, as the official action has them",
    given: "A = 1\nB =2\nC=  3",
    expected: [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
      { name: "C", value: "  3" },
    ],
  },
  {
    name: "a dollar that may be meant",
    given: "A=$2y$10$abc",
    expected: [{ name: "A", value: "$2y$10$abc" }],
  },
  { name: "nothing", given: "", expected: [] },
])("reads $name", ({ given, expected }) => {
  expect(parseVariables(given)).toEqual(expected);
});

test("keys of tags may hold blanks and slashes", () => {
  expect(parseTags("cost center=42\napp/team=a=b\n-old key")).toEqual([
    { name: "cost center", value: "42" },
    { name: "app/team", value: "a=b" },
    { name: "old key", remove: true },
  ]);
});

test.each([
  { name: "a line without =", given: "A=1\ns3cret", says: "line 2: expected NAME=value" },
  { name: "a YAML list", given: "- A=s3cret", says: "no YAML list" },
  { name: "a colon", given: "A: s3cret", says: "write = where the colon is" },
  { name: "no end", given: "A<<END\ns3cret", says: "A<<END has no line END" },
  { name: "a name twice", given: "A=s3cret\nA=2", says: "A is given twice" },
  { name: "a blank within a name", given: "A B=s3cret", says: "line 1: expected NAME=value" },
  { name: "no name", given: "=s3cret", says: "line 1: expected NAME=value" },
  {
    name: "a variable of a shell",
    given: "A=1\n$VARIABLES",
    says: "line 2: expected NAME=value, NAME<<END",
  },
])("$name is refused, and its value not shown", ({ given, says }) => {
  expect(() => parseVariables(given)).toThrow(says);
  expect(() => parseVariables(given)).not.toThrow("s3cret");
});

test("a secret is no variable of a shell", () => {
  expect(parseSecretSources("A=arn:aws:ssm:us-east-1:123456789012:parameter/a")).toHaveLength(1);
  expect(() => parseSecretSources("A=$DB_ARN")).toThrow(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as GitHub has them
    "A: a `with:` block is not a shell: write `${{ env.DB_ARN }}`",
  );
});

test("ten thousand values of several lines are no work", () => {
  const given = Array.from({ length: 10_000 }, (_, n) => `A${n}<<END\n${n}\nEND\n`).join("");
  expect(parseVariables(given)).toHaveLength(10_000);
});
