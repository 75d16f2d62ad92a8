// Identity and session policies: the decision of a list of policies on one action and one resource.
// Pure. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

import { AwsError } from "../contract.ts";
import {
  type ConditionContext,
  type Conditions,
  checkConditions,
  conditionsHold,
  type OneOrMore,
  toArray,
} from "./conditions.ts";
import { wildcard } from "./wildcard.ts";

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: Conditions;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: OneOrMore<PolicyStatement>;
}

export interface PolicyRequest {
  /** `ecs:UpdateService` */
  readonly action: string;
  /** An ARN, or `*` for an action without resource-level permissions. */
  readonly resource: string;
  readonly context: ConditionContext;
}

/** `nothing`: no statement matches; this denies, too, but another policy may still allow it. */
type PolicyDecision = "allowed" | "denied" | "nothing";

const statementMembers = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/**
 * Refuses what this file does not support, so that no policy allows or denies something by mistake.
 */
export function checkPolicy(policy: PolicyDocument): void {
  if (policy.Statement === undefined) throw malformed("Syntax errors in policy.");
  for (const statement of toArray(policy.Statement)) {
    const unknown = Object.keys(statement).find((member) => !statementMembers.has(member));
    if (unknown !== undefined) throw malformed(`An identity policy has no ${unknown}.`);
    if ((statement.Action === undefined) === (statement.NotAction === undefined))
      throw malformed("A statement has either Action or NotAction.");
    if ((statement.Resource === undefined) === (statement.NotResource === undefined))
      throw malformed("A statement has either Resource or NotResource.");
    if (JSON.stringify(statement).includes("${"))
      throw malformed("The simulator knows no policy variables.");
    checkConditions(statement.Condition);
  }
}

export function evaluatePolicies(
  policies: readonly PolicyDocument[],
  request: PolicyRequest,
): PolicyDecision {
  const applying = policies
    .flatMap(({ Statement }) => toArray(Statement))
    .filter((one) => applies(one, request));
  if (applying.some(({ Effect }) => Effect === "Deny")) return "denied";
  return applying.length > 0 ? "allowed" : "nothing";
}

function applies(
  statement: PolicyStatement,
  { action, resource, context }: PolicyRequest,
): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const isAction = (patterns: OneOrMore<string>) =>
    toArray(patterns).some((one) => wildcard(one, "i").test(action));
  const isResource = (patterns: OneOrMore<string>) =>
    toArray(patterns).some((one) => wildcard(one).test(resource));
  return (
    (Action === undefined ? !isAction(NotAction ?? []) : isAction(Action)) &&
    (Resource === undefined ? !isResource(NotResource ?? []) : isResource(Resource)) &&
    conditionsHold(Condition, context)
  );
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocument", message);
}
