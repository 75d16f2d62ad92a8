import { describe, expect, test } from "vitest";
import {
  accountIds,
  boolean,
  InputProblem,
  imageTag,
  lines,
  oneOf,
  optional,
  policyArns,
  policyDocument,
  region,
  repositoryName,
  roleArn,
  roleSessionName,
  wholeNumber,
} from "../../../src/inputs/parsers.ts";
import { serviceInputs } from "../../../src/inputs/service-inputs.ts";

const minutes = wholeNumber("minutes", { min: 1, max: 360 });
const arnOf = (partition: string) => `arn:${partition}:iam::123456789012:role/team/deploy`;

const taken: readonly {
  name: string;
  parse: (given: string) => unknown;
  input: string;
  expected: unknown;
}[] = [
  { name: "true", parse: boolean, input: "true", expected: true },
  { name: "false", parse: boolean, input: "false", expected: false },
  { name: "the least number", parse: minutes, input: "1", expected: 1 },
  { name: "the most", parse: minutes, input: "360", expected: 360 },
  { name: "a choice", parse: oneOf("leave", "rollback"), input: "leave", expected: "leave" },
  { name: "lines, blank ones left out", parse: lines, input: " a \r\n\n b", expected: ["a", "b"] },
  {
    name: "nothing where nothing is needed",
    parse: optional(roleArn),
    input: "",
    expected: undefined,
  },
  { name: "a region", parse: region, input: "eu-central-2", expected: "eu-central-2" },
  {
    name: "a region of GovCloud",
    parse: region,
    input: "us-gov-west-1",
    expected: "us-gov-west-1",
  },
  {
    name: "a region of the sovereign cloud",
    parse: region,
    input: "eusc-de-east-1",
    expected: "eusc-de-east-1",
  },
  { name: "a role with a path", parse: roleArn, input: arnOf("aws"), expected: arnOf("aws") },
  { name: "a role of China", parse: roleArn, input: arnOf("aws-cn"), expected: arnOf("aws-cn") },
  { name: "a session's name", parse: roleSessionName, input: "deploy@42", expected: "deploy@42" },
  {
    name: "a repository with a path",
    parse: repositoryName,
    input: "team/app.web",
    expected: "team/app.web",
  },
  { name: "a tag", parse: imageTag, input: "v1.2.3-rc_1", expected: "v1.2.3-rc_1" },
  { name: "the longest tag", parse: imageTag, input: "a".repeat(128), expected: "a".repeat(128) },
  {
    name: "accounts",
    parse: accountIds,
    input: "123456789012, 210987654321",
    expected: ["123456789012", "210987654321"],
  },
  {
    name: "AWS's own policy",
    parse: policyArns,
    input: "arn:aws:iam::aws:policy/ReadOnlyAccess",
    expected: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
  },
  {
    name: "a policy, in its shortest form",
    parse: policyDocument,
    input: '{ "Version": "1" }',
    expected: '{"Version":"1"}',
  },
];

const refused: readonly {
  name: string;
  parse: (given: string) => unknown;
  input: string;
  says: string;
}[] = [
  { name: "yes", parse: boolean, input: "yes", says: 'expected "true" or "false", got "yes"' },
  { name: "True", parse: boolean, input: "True", says: 'got "True"' },
  {
    name: "below the least",
    parse: minutes,
    input: "0",
    says: "a whole number of minutes from 1 to 360",
  },
  { name: "over the most", parse: minutes, input: "361", says: 'got "361"' },
  { name: "a fraction", parse: minutes, input: "1.5", says: 'got "1.5"' },
  { name: "a number in another notation", parse: minutes, input: "1e2", says: 'got "1e2"' },
  {
    name: "no choice",
    parse: oneOf("leave", "rollback"),
    input: "Leave",
    says: 'expected "leave" or "rollback", got "Leave"',
  },
  { name: "a zone for a region", parse: region, input: "us-east-1a", says: "like us-east-1" },
  { name: "a city for a region", parse: region, input: "Frankfurt", says: 'got "Frankfurt"' },
  {
    name: "a user for a role",
    parse: roleArn,
    input: "arn:aws:iam::123456789012:user/me",
    says: "the ARN of an IAM role",
  },
  { name: "a role's bare name", parse: roleArn, input: "deploy", says: 'got "deploy"' },
  { name: "a session's name with a space", parse: roleSessionName, input: "a b", says: "2 to 64" },
  { name: "a repository in capitals", parse: repositoryName, input: "App", says: 'got "App"' },
  {
    name: "a repository's URI",
    parse: repositoryName,
    input: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1",
    says: "(give just the name: team/app)",
  },
  {
    name: "a branch for a tag",
    parse: imageTag,
    input: "feature/x",
    says: '("feature-x" would do)',
  },
  {
    name: "the references of docker/metadata-action for a tag",
    parse: imageTag,
    input: "123456789012.dkr.ecr.us-east-1.amazonaws.com:443/team/clockko-backend:main",
    says: "(give just the tag: main; docker/metadata-action has it in its output tag-names)",
  },
  {
    name: "what a log shows of a role",
    parse: roleArn,
    input: "arn:aws:iam::***:role/deploy",
    says: "(*** is how a log shows a masked value; give the value itself)",
  },
  {
    name: "a whole file for a tag",
    parse: imageTag,
    input: "a b ".repeat(10_000),
    says: `${"a b ".repeat(50)}…"`,
  },
  { name: "a tag too long", parse: imageTag, input: "a".repeat(129), says: "at most 128" },
  {
    name: "a tag that begins with a dot",
    parse: imageTag,
    input: ".hidden",
    says: '("hidden" would do)',
  },
  { name: "a tag of nothing usable", parse: imageTag, input: "/", says: 'got "/"' },
  { name: "an account too short", parse: accountIds, input: "1234", says: "12 digits" },
  {
    name: "a policy's bare name",
    parse: policyArns,
    input: "ReadOnlyAccess",
    says: "the ARN of an IAM policy",
  },
  {
    name: "half a policy",
    parse: policyDocument,
    input: "{",
    says: "cannot be parsed",
  },
];

describe("taken", () => {
  test.each(taken)("$name", ({ parse, input, expected }) => {
    expect(parse(input)).toEqual(expected);
  });
});

describe("refused", () => {
  test.each(refused)("$name", ({ parse, input, says }) => {
    expect(() => parse(input)).toThrow(InputProblem);
    expect(() => parse(input)).toThrow(says);
  });
});

test("when-busy: go-on is read as proceed", () => {
  const { parse } = serviceInputs["when-busy"];
  expect(parse("go-on")).toBe("proceed");
  expect(parse("proceed")).toBe("proceed");
  expect(() => parse("other")).toThrow('expected "auto" or "wait" or "proceed" or "stop"');
});
