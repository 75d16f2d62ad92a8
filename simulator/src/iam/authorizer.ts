// Every call of a role's session passes here, and every request to the registry: one IAM for both
// doors.

import { AwsError, type AwsService, type Principal } from "../contract.ts";
import type { Authorize } from "../wire/wire.ts";
import { ecsLookup } from "./account.ts";
import type { AccountLookup } from "./check.ts";
import { checksOf } from "./checks.ts";
import type { ConditionContext } from "./conditions.ts";
import type { Credentials } from "./credentials.ts";
import type { Iam } from "./iam.ts";

interface Authorizer {
  /** Throws what AWS answers to a caller who may not. */
  readonly authorize: Authorize;
  /** The registry asks one action at a time, and puts the sentence into an answer of its own. */
  denialMessage(principal: Principal, action: string, resource: string): string | undefined;
}

export function createAuthorizer(options: {
  readonly credentials: Credentials;
  readonly iam: Iam;
  readonly region: string;
  readonly accountId: string;
  /** Made after the gate, for it is behind it. */
  readonly ecs: () => AwsService;
  readonly secretArn: AccountLookup["secretArn"];
  readonly hasObject: AccountLookup["hasObject"];
}): Authorizer {
  const { credentials, iam, ecs } = options;
  const account: AccountLookup = {
    ...options,
    ...ecsLookup(ecs),
  };
  /** Keys without a role are root's, who may do everything. */
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
    authorize(principal, action, input) {
      if (!credentials.find(principal.accessKeyId)?.role) return;
      for (const check of checksOf(action, input, account)) {
        const refusal = denialFor(principal, check.action, check.resources, check.context);
        if (refusal !== undefined) throw new AwsError("AccessDeniedException", refusal);
      }
    },
    denialMessage: (principal, action, resource) => denialFor(principal, action, [resource]),
  };
}
