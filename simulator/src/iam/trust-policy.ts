// Who may assume a role: the part of IAM's policy language that trust policies for web identities
// and AWS services use.

import {
  type ConditionContext,
  type Conditions,
  checkConditions,
  conditionsHold,
  type OneOrMore,
  toArray,
} from "./conditions.ts";
import { wildcard } from "./wildcard.ts";

interface TrustStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal: {
    readonly Federated?: OneOrMore<string>;
    readonly Service?: OneOrMore<string>;
    /** ARNs of roles, an account's root ARN or its id. */
    readonly AWS?: OneOrMore<string>;
  };
  readonly Action: OneOrMore<string>;
  readonly Condition?: Conditions;
}

export interface TrustPolicy {
  readonly Version?: string;
  readonly Statement: OneOrMore<TrustStatement>;
}

interface TrustRequest {
  readonly action: string;
  /**
   * ARN of the identity provider, name of the service (`ecs-tasks.amazonaws.com`), or all names of
   * the caller.
   */
  readonly by:
    | { readonly Federated: string }
    | { readonly Service: string }
    | { readonly AWS: readonly string[] };
  readonly context: ConditionContext;
}

/** Throws for a policy that is not supported here. */
export function checkTrustPolicy(policy: TrustPolicy): void {
  for (const statement of toArray(policy.Statement)) checkConditions(statement.Condition);
}

/** An explicit Deny wins, then any Allow, otherwise it is denied. */
export function isTrusted(policy: TrustPolicy, request: TrustRequest): boolean {
  const applying = toArray(policy.Statement).filter((statement) => applies(statement, request));
  return (
    applying.some(({ Effect }) => Effect === "Allow") &&
    !applying.some(({ Effect }) => Effect === "Deny")
  );
}

function applies(statement: TrustStatement, request: TrustRequest): boolean {
  return (
    isPrincipal(statement.Principal, request.by) &&
    toArray(statement.Action).some((action) => wildcard(action, "i").test(request.action)) &&
    conditionsHold(statement.Condition, request.context)
  );
}

function isPrincipal(principal: TrustStatement["Principal"], by: TrustRequest["by"]): boolean {
  if ("Federated" in by) return toArray(principal.Federated ?? []).includes(by.Federated);
  if ("Service" in by) return toArray(principal.Service ?? []).includes(by.Service);
  return toArray(principal.AWS ?? []).some((name) => by.AWS.includes(name));
}
