// The conditions of IAM's policies, as far as deploy roles use them: strings, ARNs, booleans, and
// whether a key is present.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html

import { AwsError } from "../contract.ts";
import { wildcard } from "./wildcard.ts";

export type OneOrMore<T> = T | readonly T[];

/** Operator → condition key → values, any of which may match. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMore<string>>>>>;

/** Condition keys with their values; keys are case-insensitive. */
export type ConditionContext = Readonly<Record<string, OneOrMore<string>>>;

const operatorPattern =
  /^(?:(ForAnyValue|ForAllValues):)?(?:(String|Arn)(Not)?(Equals|EqualsIgnoreCase|Like)|(Bool)|(Null))(IfExists)?$/;

/**
 * Refuses what this file does not support, so that no policy allows or denies something by mistake.
 */
export function checkConditions(conditions: Conditions | undefined): void {
  for (const operator of Object.keys(conditions ?? {})) {
    if (!operatorPattern.test(operator))
      throw new AwsError(
        "MalformedPolicyDocument",
        `Condition operator ${operator} is not one that the simulator knows.`,
      );
  }
}

/** True if all of them match, as in IAM. */
export function conditionsHold(
  conditions: Conditions | undefined,
  context: ConditionContext,
): boolean {
  return Object.entries(conditions ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator, toArray(wanted), valuesOf(context, key)),
    ),
  );
}

export function toArray<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function holds(
  operator: string,
  wanted: readonly string[],
  actual: readonly string[] | undefined,
): boolean {
  const [, set, kind, not, comparison = "", bool, isNull, ifExists] =
    operatorPattern.exec(operator) ?? [];
  if (isNull !== undefined) return wanted.includes(String(actual === undefined));
  if (actual === undefined) {
    // A missing key: true for …IfExists, for ForAllValues (vacuously) and for the plain negated
    // operators; else false.
    return (
      ifExists !== undefined || set === "ForAllValues" || (not !== undefined && set === undefined)
    );
  }
  const equals = bool === undefined ? comparing(kind, comparison) : equalsIgnoringCase;
  const matches = (value: string) =>
    wanted.some((pattern) => equals(pattern, value)) === (not === undefined);
  return set === "ForAnyValue" ? actual.some(matches) : actual.every(matches);
}

type Comparison = (pattern: string, value: string) => boolean;

function comparing(kind: string | undefined, comparison: string): Comparison {
  if (kind === "Arn") return arnMatches; // ArnEquals and ArnLike are the same
  if (comparison === "Like") return (pattern, value) => wildcard(pattern).test(value);
  return comparison === "Equals" ? (pattern, value) => pattern === value : equalsIgnoringCase;
}

function equalsIgnoringCase(pattern: string, value: string): boolean {
  return pattern.toLowerCase() === value.toLowerCase();
}

/** Compares each of the six parts: a `*` does not match a colon before the resource. */
function arnMatches(pattern: string, value: string): boolean {
  const parts = arnParts(value);
  return arnParts(pattern).every((part, index) => wildcard(part).test(parts[index] ?? ""));
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

function valuesOf(context: ConditionContext, key: string): readonly string[] | undefined {
  const wanted = key.toLowerCase();
  const value = Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1];
  return value === undefined ? undefined : toArray(value);
}
