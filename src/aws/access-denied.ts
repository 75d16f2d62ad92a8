// What to allow when IAM denies a call: AWS's sentence has the action and the resource, the table
// of permissions has the feature that needs it.

import { DeployError, type RefusedAction } from "../errors.ts";
import { actionUse } from "../permissions/permissions.ts";
import { codeBlock } from "../text/code-block.ts";

/**
 * A denial in IAM's words:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 * A call may need more than its own action (passing a role to a task needs iam:PassRole).
 * @param call the IAM action of the call, `ecs:UpdateService`
 */
export function parseAccessDenied(call: string, message: string): RefusedAction {
  const [, action = call, resource] =
    message.match(/not authorized to perform: ([a-z0-9-]+:\w+)(?: on resource: (\S+))?/) ?? [];
  return {
    action,
    resource,
    deniedBy: message.match(/explicit deny in an? ([a-z -]+?) policy/)?.[1],
    bySession: message.includes("no session policy allows"),
  };
}

/** @param partition as in ARNs */
export function permissionHint(refusal: RefusedAction, partition: string): string {
  const { action, resource, deniedBy, bySession } = refusal;
  const use = actionUse(action);
  const resources =
    resource ?? use?.resources.map((arn) => arn.replace("PARTITION", partition)).join(" and ");
  const onResources = resources === undefined ? "" : ` on ${resources}`;
  const what = `the action "${action}"${onResources}`;
  const docsHint = use
    ? `docs/iam.md: ${use.features.join(", ")}`
    : "docs/iam.md lists what it needs";
  if (deniedBy !== undefined)
    return (
      `A statement of ${withArticle(deniedBy)} policy denies ${what}, and no Allow can outvote ` +
      "it: change that statement."
    );
  if (bySession)
    return (
      `Allow ${what} in inline-session-policy or managed-session-policies, which narrow this run ` +
      `(${docsHint}).`
    );
  // IAM decides before the service checks whether the resource exists: a misspelled name is denied
  // with the same sentence.
  const checkNameHint = resource?.startsWith("arn:")
    ? " If that is not the one you mean, correct the input that names it."
    : "";
  return `Allow ${what} in the policy of the role that this step uses (${docsHint}).${checkNameHint}`;
}

function withArticle(word: string): string {
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

/**
 * Reads that the role may not make. All of them are tried, so that one failed run is enough to
 * complete a policy.
 */
export interface DeniedReads {
  /**
   * The response; or the denial, which is recorded, because the run can continue without this read.
   */
  readonly optional: <Value>(read: Promise<Value>) => Promise<Value>;
  /** The response; `instead` where IAM denies the read. */
  readonly required: <Value, Instead>(
    read: Promise<Value>,
    fallback: Instead,
  ) => Promise<Value | Instead>;
  readonly hasRequired: () => boolean;
  /**
   * @throws DeployError `PermissionMissing` that lists all denied reads, with the statements to
   * add; returns if there are none
   */
  readonly throwIfDenied: () => void;
}

export function collectDeniedReads(): DeniedReads {
  const requiredErrors: DeployError[] = [];
  const optionalErrors: DeployError[] = [];
  return {
    async optional(read) {
      return read.catch((error: unknown) => {
        if (isPermissionMissing(error)) optionalErrors.push(error);
        throw error;
      });
    },
    async required(read, fallback) {
      return read.catch((error: unknown) => {
        if (!isPermissionMissing(error)) throw error;
        requiredErrors.push(error);
        return fallback;
      });
    },
    hasRequired: () => requiredErrors.length > 0,
    throwIfDenied() {
      const [required, optional] = [distinctErrors(requiredErrors), distinctErrors(optionalErrors)];
      const [first, ...others] = required;
      if (first)
        throw others.length + optional.length === 0
          ? singleDeniedError(first)
          : combinedDeniedError(required, optional);
    },
  };
}

function isPermissionMissing(error: unknown): error is DeployError {
  return error instanceof DeployError && error.code === "PermissionMissing";
}

function singleDeniedError(error: DeployError): DeployError {
  const { code, message, hint, refusal } = error;
  const statements = statementsFor([error]);
  return new DeployError(
    {
      code,
      message,
      hint: [hint, ...statements, untriedPermissionsNote].filter(Boolean).join("\n"),
      refusal,
    },
    { cause: error },
  );
}

function combinedDeniedError(
  needed: readonly DeployError[],
  optional: readonly DeployError[],
): DeployError {
  const errors = [...needed, ...optional];
  const notAllowable = errors.filter(({ refusal }) => refusal && !canBeAllowed(refusal));
  const statements = statementsFor(errors);
  return new DeployError(
    {
      code: "PermissionMissing",
      message: [
        "AWS refused what this step must read first:",
        ...needed.map(({ refusal }) => `- ${describeDenied(refusal)}`),
        ...optional.map(
          ({ refusal }) => `- ${describeDenied(refusal)}; without it a check is left out`,
        ),
      ].join("\n"),
      hint: [
        ...notAllowable.flatMap(({ hint }) => hint ?? []),
        ...(statements.length > 0
          ? ["Add these statements to the policy of the role that this step uses:"]
          : []),
        ...statements,
        untriedPermissionsNote,
      ].join("\n"),
    },
    { cause: needed[0] },
  );
}

function describeDenied(refusal: RefusedAction | undefined): string {
  const {
    action = "",
    resource = "a resource that AWS does not name",
    deniedBy,
    bySession,
  } = refusal ?? {};
  const by = deniedBy === undefined ? "" : ` (denied by ${withArticle(deniedBy)} policy)`;
  return `${action} on ${resource}${by}${bySession ? " (not allowed by the session policy)" : ""}`;
}

function canBeAllowed({ deniedBy, bySession }: RefusedAction): boolean {
  return deniedBy === undefined && !bySession;
}

/** The permissions for what follows the reads cannot be tested before. */
const untriedPermissionsNote =
  "Nothing was built or changed. docs/iam.md has the whole policy: what this step needs later " +
  "(push, register, update, iam:PassRole) is not tried before.";

/**
 * One statement for all actions on the same resource, as a complete policy; empty where an Allow
 * does not help.
 */
function statementsFor(errors: readonly DeployError[]): readonly string[] {
  const actions = new Map<string, string[]>();
  for (const { refusal } of errors) {
    if (refusal?.resource === undefined || !canBeAllowed(refusal)) continue;
    actions.set(refusal.resource, [...(actions.get(refusal.resource) ?? []), refusal.action]);
  }
  const statements = [...actions].map(([Resource, Action]) => ({
    Effect: "Allow",
    Action: Action.sort(),
    Resource,
  }));
  const policy = { Version: "2012-10-17", Statement: statements };
  if (statements.length === 0) return [];
  return [codeBlock(JSON.stringify(policy, null, 2), "json")];
}

/** By action and resource; the same read for two services is denied once. */
function distinctErrors(errors: readonly DeployError[]): readonly DeployError[] {
  const keyed = errors.map(
    (error) => [`${error.refusal?.action} ${error.refusal?.resource}`, error] as const,
  );
  return [...new Map(keyed)]
    .sort(([a], [b]) => {
      if (a < b) return -1;
      return 1;
    })
    .map(([, error]) => error);
}
