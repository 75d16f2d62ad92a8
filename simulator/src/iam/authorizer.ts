// Authorizes every call of a role's session, and every request to the registry, with the same IAM.

import { type Authorize, AwsError, type AwsService, type Principal } from "../contract.ts";
import { ecsLookup } from "./account.ts";
import type { AccountLookup } from "./check.ts";
import { checksOf } from "./checks.ts";
import type { ConditionContext } from "./conditions.ts";
import type { Credentials } from "./credentials.ts";
import type { Iam } from "./iam.ts";

interface Authorizer {
  /** Throws AWS's error if the caller is not allowed. */
  readonly authorize: Authorize;
  /** The registry checks one action at a time, and puts the sentence into its own response. */
  denialMessage(principal: Principal, action: string, resource: string): string | undefined;
}

export function createAuthorizer(options: {
  readonly credentials: Credentials;
  readonly iam: Iam;
  readonly region: string;
  readonly accountId: string;
  /** A function, because ECS is created after the authorizer. */
  readonly ecs: () => AwsService;
  readonly secretArn: AccountLookup["secretArn"];
  readonly hasObject: AccountLookup["hasObject"];
  /** The answer of a repository's own policy. A function for the same reason. */
  readonly repositoryDenial: (
    principal: Principal,
    action: string,
    resource: string,
  ) => string | undefined;
}): Authorizer {
  const { credentials, iam, ecs } = options;
  const account: AccountLookup = {
    ...options,
    ...ecsLookup(ecs),
  };
  /** Keys without a role are root's, which may do everything. */
  const denialFor = (
    principal: Principal,
    action: string,
    resources: readonly string[],
    context?: ConditionContext,
  ) => {
    const { role } = credentials.find(principal.accessKeyId) ?? {};
    return role && iam.decide(role.roleArn, action, resources, context, role);
  };
  return {
    authorize(principal, action, input, region = account.region) {
      if (!credentials.find(principal.accessKeyId)?.role) return;
      for (const check of checksOf(action, input, { ...account, region })) {
        const refusal = denialFor(principal, check.action, check.resources, check.context);
        const ofRepository = check.resources.find((resource) => resource.includes(":repository/"));
        const denial =
          refusal ?? (ofRepository && options.repositoryDenial(principal, action, ofRepository));
        if (denial !== undefined) throw new AwsError("AccessDeniedException", denial);
      }
    },
    denialMessage: (principal, action, resource) =>
      denialFor(principal, action, [resource]) ??
      options.repositoryDenial(principal, action, resource),
  };
}
