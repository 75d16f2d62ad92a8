// A repository's own policy: which principals of other accounts may use it.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html

import type { Principal } from "../contract.ts";
import { type OneOrMore, toArray } from "../iam/conditions.ts";
import { accountRegionOf } from "../iam/partitions.ts";
import { wildcard } from "../iam/wildcard.ts";

export interface RepositoryPolicy {
  readonly Version?: string;
  readonly Statement: OneOrMore<{
    readonly Sid?: string;
    readonly Effect: "Allow" | "Deny";
    readonly Principal: "*" | { readonly AWS: OneOrMore<string> };
    readonly Action: OneOrMore<string>;
  }>;
}

/** Who asks; the session of a role: `arn:aws:sts::1:assumed-role/deploy/session`. */
export type RepositoryCaller = Pick<Principal, "accountId" | "arn">;

/**
 * AWS's sentence if a caller of another account may not do this. Callers of the repository's own
 * account need no statement here, but a Deny counts for them as well.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
export function repositoryDenial(
  policy: RepositoryPolicy | undefined,
  caller: RepositoryCaller,
  action: string,
  resourceArn: string,
): string | undefined {
  const applying = toArray(policy?.Statement ?? []).filter(
    (statement) =>
      toArray(statement.Action).some((one) => wildcard(one, "i").test(action)) &&
      isPrincipal(statement.Principal, caller),
  );
  const refused = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resourceArn}`;
  if (applying.some(({ Effect }) => Effect === "Deny"))
    return `${refused} with an explicit deny in a resource-based policy`;
  const isOwn = accountRegionOf(resourceArn).accountId === caller.accountId;
  if (isOwn || applying.length > 0) return undefined;
  return `${refused} because no resource-based policy allows the ${action} action`;
}

/** An account, its root, or a role of it. */
function isPrincipal(
  principal: "*" | { readonly AWS: OneOrMore<string> },
  { accountId, arn }: RepositoryCaller,
): boolean {
  if (principal === "*") return true;
  return toArray(principal.AWS).some((one) => {
    if (one === accountId || one.endsWith(`:${accountId}:root`)) return true;
    const role = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(one);
    return role !== null && arn.includes(`::${role[1]}:assumed-role/${role[2]}/`);
  });
}
