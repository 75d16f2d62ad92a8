// IAM: the roles and their permissions.

import { type ConditionContext, type OneOrMore, toArray } from "./conditions.ts";
import {
  checkPolicy,
  evaluatePolicies,
  type PolicyDocument,
  type PolicyRequest,
} from "./policy.ts";
import { checkTrustPolicy, type TrustPolicy } from "./trust-policy.ts";

export type { PolicyDocument, PolicyStatement } from "./policy.ts";

interface Role {
  readonly roleArn: string;
  readonly trustPolicy: TrustPolicy;
  /** Seconds, 3600 to 43200; IAM's default is 3600. */
  readonly maxSessionDuration?: number;
  /**
   * Its identity policies. A role without the member may do everything; one with `[]` may do
   * nothing.
   */
  readonly policies?: readonly PolicyDocument[];
}

/** One session of a role. */
export interface RoleSession {
  /** As in the session's ARN; a task's session has the task's id. Default: `session`. */
  readonly name?: string;
  /** Session policies: the session may do only what they allow as well. */
  readonly policies?: readonly PolicyDocument[];
}

/** IAM's decision on one action and one resource. */
interface Decision {
  readonly roleArn: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

export interface Iam {
  readonly roles: {
    put(role: Role): void;
    find(roleArn: string): Role | undefined;
  };
  /** Managed policies by their ARN, for `managed-session-policies`. */
  readonly managedPolicies: {
    put(arn: string, policy: PolicyDocument): void;
    find(arn: string): PolicyDocument | undefined;
  };
  /**
   * Whether a session of this role may do this to each of these resources. undefined: yes;
   * otherwise AWS's sentence for the denial. A role that was never put may do everything.
   */
  decide(
    roleArn: string,
    action: string,
    resourceArns: OneOrMore<string>,
    context?: ConditionContext,
    session?: RoleSession,
  ): string | undefined;
  /** All so far, in order, except those for roles that may do everything. */
  readonly decisions: readonly Decision[];
}

export function createIam(): Iam {
  const roles = new Map<string, Role>();
  const managed = new Map<string, PolicyDocument>();
  const decisions: Decision[] = [];
  return {
    decisions,
    roles: {
      put(role) {
        checkTrustPolicy(role.trustPolicy);
        for (const policy of role.policies ?? []) checkPolicy(policy);
        roles.set(role.roleArn, role);
      },
      find: (roleArn) => roles.get(roleArn),
    },
    managedPolicies: {
      put(arn, policy) {
        checkPolicy(policy);
        managed.set(arn, policy);
      },
      find: (arn) => managed.get(arn),
    },
    decide(roleArn, action, resourceArns, context = {}, session = {}) {
      const { policies } = roles.get(roleArn) ?? {};
      const layers = [
        ...(policies ? [{ kind: "identity-based", policies }] : []),
        ...(session.policies ? [{ kind: "session", policies: session.policies }] : []),
      ];
      const sessionUser = sessionArn(roleArn, session.name ?? "session");
      for (const resource of layers.length === 0 ? [] : toArray(resourceArns)) {
        const refusal = denialOf(layers, sessionUser, { action, resource, context });
        decisions.push({ roleArn, action, resource, allowed: refusal === undefined });
        if (refusal !== undefined) return refusal;
      }
      return undefined;
    },
  };
}

/**
 * `arn:aws:iam::1:role/path/name` → `arn:aws:sts::1:assumed-role/name/session`: a session's ARN
 * omits the path.
 */
export function sessionArn(roleArn: string, session: string): string {
  const [, partition = "aws", , , account = ""] = roleArn.split(":");
  return `arn:${partition}:sts::${account}:assumed-role/${roleArn.slice(roleArn.lastIndexOf("/") + 1)}/${session}`;
}

interface PolicyLayer {
  readonly kind: string;
  readonly policies: readonly PolicyDocument[];
}

/**
 * Every layer must allow it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function denialOf(
  layers: readonly PolicyLayer[],
  sessionUser: string,
  request: PolicyRequest,
): string | undefined {
  const { action, resource } = request;
  const answers = layers.map(({ kind, policies }) => ({
    kind,
    answer: evaluatePolicies(policies, request),
  }));
  const refused = `User: ${sessionUser} is not authorized to perform: ${action} on resource: ${resource}`;
  const denied = answers.find(({ answer }) => answer === "denied");
  if (denied)
    return `${refused} with an explicit deny in ${article(denied.kind)} ${denied.kind} policy`;
  const silent = answers.find(({ answer }) => answer === "nothing");
  return silent && `${refused} because no ${silent.kind} policy allows the ${action} action`;
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? "an" : "a";
}
