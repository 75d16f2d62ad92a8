// The edge: what AWS or the network says becomes a DeployError that names the call and the cure.

import { DeployError, type DeployErrorDetails } from "../errors.ts";
import { needOf } from "./permissions.ts";

/** An answer that came, but whose end or sense is missing. Worth another try. */
export class GarbledAnswer extends Error {
  override readonly name = "GarbledAnswer";
}

interface AwsFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
}

/** Answers that may be otherwise in a moment. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html */
const transientNames = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
  "ServerException",
  "InternalFailure",
  "InternalError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "RequestTimeout",
  "RequestTimeoutException",
  "TimeoutError",
  "IDPCommunicationErrorException",
  "GarbledAnswer",
  "SyntaxError", // an HTML page or half an answer, where JSON was expected
]);

const transientCodes = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
]);

/** Sentences of AWS that are passing although their error name is not. */
const transientMessages = [
  "Too many concurrent attempts to create a new revision", // RegisterTaskDefinition by parallel jobs; the SDK never retries it
  "Couldn't retrieve verification key from your identity provider", // STS could not reach GitHub's keys
];

const expiredNames = new Set(["ExpiredTokenException", "ExpiredToken", "RequestExpired"]);
const refusedNames = new Set([
  ...expiredNames,
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "MissingAuthenticationTokenException",
  "AuthFailure",
]);

export function isTransient(error: unknown): boolean {
  // A call within a call (credentials that are renewed on the way) has been translated already.
  if (error instanceof DeployError) return error.code === "AwsUnavailable";
  const { name, message, code, status } = failureOf(error);
  return (
    transientNames.has(name) ||
    (code !== undefined && transientCodes.has(code)) ||
    (status !== undefined && (status >= 500 || status === 429)) ||
    transientMessages.some((sentence) => message.includes(sentence))
  );
}

export function isExpiredCredentials(error: unknown): boolean {
  return expiredNames.has(failureOf(error).name);
}

export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  const cause = error instanceof DeployError ? error.cause : error;
  return names.includes(failureOf(cause).name);
}

export function isAccessDenied(error: unknown): boolean {
  return isAwsError(error, "AccessDeniedException", "AccessDenied", "UnauthorizedOperation");
}

/** @param call the IAM action, `ecs:UpdateService` */
export function translate(call: string, error: unknown): DeployError {
  if (error instanceof DeployError) return error;
  const failure = failureOf(error);
  return new DeployError(detailsOf(call, failure, isTransient(error)), { cause: error });
}

function detailsOf(call: string, failure: AwsFailure, transient: boolean): DeployErrorDetails {
  const { name, message } = failure;
  if (failure.code === "ENOTFOUND")
    return {
      code: "AwsUnavailable",
      message: `${call}: ${message}.`,
      hint: "The host of this AWS endpoint is not known to the DNS. Is aws-region right, and may this runner reach AWS?",
    };
  if (name === "CredentialsProviderError")
    return {
      code: "CredentialsMissing",
      message: "There are no AWS credentials: role-to-assume is not given, and the job has none of its own.",
      hint: "Give `role-to-assume` (with `permissions: id-token: write`), or run aws-actions/configure-aws-credentials before this step.",
    };
  if (name === "AccessDeniedException" || name === "AccessDenied" || name === "UnauthorizedOperation")
    return {
      code: "PermissionMissing",
      message: `AWS refused ${call}: ${message}`,
      hint: whatToAllow(call, message),
    };
  if (refusedNames.has(name))
    return {
      code: "CredentialsRefused",
      message: `AWS refused the credentials at ${call}: ${message}`,
      hint: "Use role-to-assume: its sessions are renewed while the step runs. Static keys or a session of an earlier step cannot be.",
    };
  if (name === "ClusterNotFoundException")
    return {
      code: "ClusterNotFound",
      message: "The cluster does not exist in this account and region.",
      hint: "Check `cluster`, `aws-region` and the account of the role.",
    };
  if (name === "ServiceNotFoundException")
    return {
      code: "ServiceNotFound",
      message: "The service does not exist in this cluster.",
      hint: "Check `service`, `cluster` and `aws-region`.",
    };
  if (name === "ServiceNotActiveException")
    return {
      code: "ServiceNotActive",
      message: "The service is not active any more.",
      hint: "It was deleted, or is being deleted. Create it again before you deploy to it.",
    };
  if (transient)
    return {
      code: "AwsUnavailable",
      message: `${call} failed again and again: ${describe(failure)}`,
      hint: "AWS or the network between this runner and AWS is in trouble. Run the job again when it is over: an image that was pushed is used again.",
    };
  return { code: "AwsRefused", message: `${call} failed: ${describe(failure)}` };
}

/**
 * A call may need more than its own action: handing a role to a task needs iam:PassRole, and AWS's sentence names it, with the resource.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function whatToAllow(call: string, message: string): string {
  const [, action = call, resource] =
    message.match(/not authorized to perform: ([a-z0-9-]+:\w+)(?: on resource: (\S+))?/) ?? [];
  const need = needOf(action);
  const on = resource ?? need?.on.join(" and ");
  const what = `the action "${action}"${on === undefined ? "" : ` on ${on}`}`;
  const page = need ? `docs/iam.md: ${need.features.join(", ")}` : "docs/iam.md lists what it needs";
  const [, denying] = message.match(/explicit deny in an? ([a-z -]+?) policy/) ?? [];
  if (denying !== undefined)
    return `A statement of a${/^[aeiou]/.test(denying) ? "n" : ""} ${denying} policy denies ${what}, and no Allow can outvote it: change that statement.`;
  if (/no session policy allows/.test(message))
    return `Allow ${what} in inline-session-policy or managed-session-policies, which narrow this run (${page}).`;
  // IAM answers before the service looks whether there is such a thing: a name that nobody knows is refused in the same words.
  const orName = resource?.startsWith("arn:")
    ? " If that is not the one you mean, correct the input that names it."
    : "";
  return `Allow ${what} in the policy of the role that this step uses (${page}).${orName}`;
}

function describe({ name, message, status }: AwsFailure): string {
  if (name === "SyntaxError")
    return `the answer${status === undefined ? "" : ` (HTTP ${status})`} is not AWS's: a proxy's page, or half an answer`;
  return message.includes(name) || name === "Error" ? message : `${name}: ${message}`;
}

function failureOf(error: unknown): AwsFailure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { code, $metadata } = error as Error & { code?: unknown; $metadata?: { httpStatusCode?: number } };
  return {
    name: error.name,
    message: error.message || error.name,
    ...(typeof code === "string" && { code }),
    ...($metadata?.httpStatusCode !== undefined && { status: $metadata.httpStatusCode }),
  };
}
