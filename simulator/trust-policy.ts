// Who may take a role: the part of IAM's policy language that trust policies for web identities use.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html

import { AwsError } from "./contract.ts";
import { wildcard } from "./wildcard.ts";

type OneOrMore<T> = T | readonly T[];

export interface TrustStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal: { readonly Federated?: OneOrMore<string> };
  readonly Action: OneOrMore<string>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string>>>>>;
}

export interface TrustPolicy {
  readonly Version?: string;
  readonly Statement: OneOrMore<TrustStatement>;
}

export interface TrustRequest {
  readonly action: string;
  /** ARN of the identity provider. */
  readonly federated: string;
  /** Condition keys with their values; keys compare without regard to case. */
  readonly context: Readonly<Record<string, string>>;
}

const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?String(Not)?(Equals|EqualsIgnoreCase|Like)(IfExists)?$/;

/** Refuses what this file could not judge, so that a policy never says no (or yes) merely because it was not understood. */
export function checkTrustPolicy(policy: TrustPolicy): void {
  for (const statement of many(policy.Statement)) {
    for (const operator of Object.keys(statement.Condition ?? {})) {
      if (!OPERATOR.test(operator))
        throw new AwsError(
          "MalformedPolicyDocument",
          `Condition operator ${operator} is not one that the simulator knows.`,
        );
    }
  }
}

/** An explicit Deny wins, then any Allow, else no. */
export function trusts(policy: TrustPolicy, request: TrustRequest): boolean {
  const applying = many(policy.Statement).filter((statement) => applies(statement, request));
  return applying.some(({ Effect }) => Effect === "Allow") && !applying.some(({ Effect }) => Effect === "Deny");
}

function applies(statement: TrustStatement, request: TrustRequest): boolean {
  return (
    many(statement.Principal.Federated ?? []).includes(request.federated) &&
    many(statement.Action).some((action) => wildcard(action, "i").test(request.action)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, many(wanted), contextValue(request.context, key))),
    )
  );
}

function holds(operator: string, wanted: readonly string[], actual: string | undefined): boolean {
  const [, set, not, comparison, ifExists] = OPERATOR.exec(operator) ?? [];
  if (actual === undefined) {
    // A missing key: true for …IfExists, for ForAllValues (vacuously) and for the plain negated operators; else false.
    return ifExists !== undefined || set === "ForAllValues" || (not !== undefined && set === undefined);
  }
  const equal = wanted.some((value) => {
    if (comparison === "Like") return wildcard(value).test(actual);
    return comparison === "Equals" ? value === actual : value.toLowerCase() === actual.toLowerCase();
  });
  return not === undefined ? equal : !equal;
}

function contextValue(context: TrustRequest["context"], key: string): string | undefined {
  const wanted = key.toLowerCase();
  return Object.entries(context).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function many<T>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
