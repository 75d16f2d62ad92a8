// Parses the text of an input. PURE. A parser throws an InputProblem that says what was expected;
// read.ts adds the name.

import type { SourceLine } from "../errors.ts";
import { unexpandedVariableHint } from "./shell-variables.ts";

/** What is wrong with one input, worded so that `name: problem` is a sentence. */
export class InputProblem extends Error {
  override readonly name = "InputProblem";
}

/**
 * What is wrong, as `name: problem`; with its place if a file of the workspace must be corrected
 * instead of the `with:` block.
 */
export type InputProblemLine = string | { readonly message: string; readonly at: SourceLine };

/** The given value and what was expected, in one line; `cure`: what to write instead. */
export function unexpectedValue(what: string, given: string, remedy?: string): InputProblem {
  const why = given.includes("***")
    ? "*** is how a log shows a masked value; give the value itself"
    : remedy;
  return new InputProblem(`expected ${what}, got ${quoted(given)}${inParentheses(why)}`);
}

/**
 * Long enough for any ARN; a whole file pasted into an input would hide the rest of the message.
 */
const maxQuotedLength = 200;

/** A text in double quotes, truncated if it is long. */
export function quoted(given: string): string {
  return JSON.stringify(
    given.length > maxQuotedLength ? `${given.slice(0, maxQuotedLength)}…` : given,
  );
}

export function text(given: string): string {
  return given;
}

export function boolean(given: string): boolean {
  if (given === "true") return true;
  if (given === "false") return false;
  throw unexpectedValue('"true" or "false"', given);
}

/** An integer within a range (both ends included). */
export function wholeNumber(
  unit: string,
  { min, max }: { readonly min: number; readonly max: number },
) {
  return (given: string): number => {
    const value = Number(given);
    if (/^\d+$/.test(given) && value >= min && value <= max) return value;
    throw unexpectedValue(`a whole number of ${unit} from ${min} to ${max}`, given);
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return (given: string): Choice => {
    const found = choices.find((choice) => choice === given);
    if (found === undefined)
      throw unexpectedValue(choices.map((choice) => JSON.stringify(choice)).join(" or "), given);
    return found;
  };
}

/** `web//` → `web`; `/` stays `/`. */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/** One value per line; blank lines are ignored. */
export function lines(given: string): readonly string[] {
  return given
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/**
 * `NAME=value`, one per line; the value may contain `=` and may be empty. Messages do not quote the
 * line: it may be secret.
 */
export function nameValues(given: string): readonly string[] {
  return lines(given).map((line, index) => {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*=/.test(line)) throw malformedLine("NAME=value", line, index);
    return line;
  });
}

/** What is wrong with a line whose value must not be shown. */
export function malformedLine(form: string, line: string, index: number): InputProblem {
  const remedy = line.includes("=") ? undefined : unexpandedVariableHint(line);
  return new InputProblem(
    `expected ${form}, one per line, but entry ${index + 1} is something ` +
      `else${inParentheses(remedy)}`,
  );
}

function inParentheses(text: string | undefined): string {
  if (text === undefined) return "";
  return ` (${text})`;
}

/** A value with a fixed form. `example` is shown next to the given value. */
export function matching(pattern: RegExp, what: string, example: string) {
  return (given: string): string => {
    if (pattern.test(given)) return given;
    throw unexpectedValue(`${what}, like ${example}`, given);
  };
}

/** May be empty: then the value is undefined. */
export function optional<Value>(parse: (given: string) => Value) {
  return (given: string): Value | undefined => {
    if (given === "") return undefined;
    return parse(given);
  };
}

/** Region names of all partitions; read.ts checks with the DNS whether the region exists. */
export const region = matching(
  /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/,
  "the name of an AWS region",
  "us-east-1",
);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const roleArn = matching(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  "the ARN of an IAM role",
  "arn:aws:iam::123456789012:role/deploy",
);

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export const roleSessionName = matching(
  /^[\w+=,.@-]{2,64}$/,
  "2 to 64 letters, digits or +=,.@-_",
  "deploy-ecs-42",
);

/**
 * A repository name in ECR's form: no registry host, no tag.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
export function repositoryName(given: string): string {
  // Checked first: a registry's host also has the form of a name's beginning.
  const withoutHost = given
    .slice(0, maxQuotedLength)
    .match(/^[^/]*\.dkr[.-]ecr[^/]*\/([^:@]+)/)?.[1];
  const isValid = /^(?=.{2,256}$)[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/.test(
    given,
  );
  if (isValid && withoutHost === undefined) return given;
  const remedy = withoutHost && `give just the name: ${withoutHost}`;
  throw unexpectedValue("the name of an ECR repository, like clockko-backend", given, remedy);
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
export function imageTag(given: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(given)) return given;
  throw unexpectedValue(
    'an image tag (at most 128 letters, digits, "_", "." or "-", not beginning with "." or "-")',
    given,
    tagRemedy(given),
  );
}

function tagRemedy(given: string): string | undefined {
  // The `tags` of docker/metadata-action are whole references; the output `tag-names` has the tags
  // alone (v5.9 and newer).
  const ofReference = given.includes("/")
    ? given.slice(given.lastIndexOf("/")).split(":")[1]
    : undefined;
  if (ofReference)
    return `give just the tag: ${ofReference}; docker/metadata-action has it in its output tag-names`;
  const sanitized = given
    .slice(0, 2 * 128)
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 128);
  if (sanitized === "") return undefined;
  return `${JSON.stringify(sanitized)} would do`;
}

export function accountIds(given: string): readonly string[] {
  return given
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((id) => {
      if (!/^\d{12}$/.test(id))
        throw unexpectedValue("AWS account ids of 12 digits, one per line", id);
      return id;
    });
}

export function policyArns(given: string): readonly string[] {
  return lines(given).map(
    matching(
      /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/,
      "the ARN of an IAM policy",
      "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
  );
}

/** An IAM policy document, in its shortest form, because STS limits its length. */
export function policyDocument(given: string): string {
  try {
    return JSON.stringify(JSON.parse(given));
  } catch (cause) {
    throw new InputProblem("expected an IAM policy document in JSON, but it cannot be parsed", {
      cause,
    });
  }
}
