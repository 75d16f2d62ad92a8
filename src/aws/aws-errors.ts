// Translates an error of AWS or of the network into a DeployError with the call and the remedy.

import { DeployError, type DeployErrorDetails, type ErrorCode, messageOf } from "../errors.ts";
import { codeBlock } from "../text/code-block.ts";
import { parseAccessDenied, permissionHint } from "./access-denied.ts";
import {
  expiredNames,
  refusedNames,
  throttledNames,
  transientCodes,
  transientMessages,
  transientNames,
} from "./error-classes.ts";
import { partitionOf } from "./partitions.ts";
import { requestIdOf } from "./response-facts.ts";
import {
  clockErrorDetails,
  isClockError,
  isMalformedResponse,
  malformedResponseDetails,
  type TransportFailure,
  tlsErrorDetails,
} from "./transport-errors.ts";

/** A response that is incomplete or makes no sense. Retried. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
  readonly status: number | undefined;
  readonly contentType: string | undefined;

  constructor(
    message: string,
    { status, contentType }: Pick<TransportFailure, "status" | "contentType"> = {},
  ) {
    super(message);
    this.status = status;
    this.contentType = contentType;
  }
}

/** What an error message needs to know of the caller. */
export interface CallerContext {
  readonly region: string;
  /** By role-to-assume; otherwise with the job's own credentials. */
  readonly assumesRole: boolean;
}

export function isTransient(error: unknown): boolean {
  // A call within a call (credentials that are renewed before it) has been translated already.
  if (error instanceof DeployError) return error.code === "AwsUnavailable";
  const failure = toTransportFailure(error);
  const { name, message, code, status } = failure;
  return (
    isMalformedResponse(failure) ||
    transientNames.has(name) ||
    (code !== undefined && transientCodes.has(code)) ||
    (status !== undefined && (status >= 500 || status === 429)) ||
    transientMessages.some((sentence) => message.includes(sentence))
  );
}

/** AWS refused the request for its rate: nothing of it was done. */
export function isThrottled(error: unknown): boolean {
  const cause = error instanceof DeployError ? error.cause : error;
  const { name, status } = toTransportFailure(cause);
  return throttledNames.has(name) || status === 429;
}

/**
 * Denied because of the time in its signature. The SDK corrects its clock with such a response: the
 * retry may succeed.
 */
export function isClockSkew(error: unknown): boolean {
  return !(error instanceof DeployError) && isClockError(toTransportFailure(error));
}

export function isExpiredCredentials(error: unknown): boolean {
  return expiredNames.has(toTransportFailure(error).name);
}

export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  const cause = error instanceof DeployError ? error.cause : error;
  return names.includes(toTransportFailure(cause).name);
}

export function isAccessDenied(error: unknown): boolean {
  return isAwsError(error, "AccessDeniedException", "AccessDenied", "UnauthorizedOperation");
}

/** The name of the failure, without its message: `ThrottlingException`, `ECONNRESET`. */
export function failureLabel(error: unknown): string {
  if (error instanceof DeployError) return error.code;
  const { name, code } = toTransportFailure(error);
  return code ?? name;
}

/**
 * @param call the IAM action, `ecs:UpdateService`
 * @param caller undefined for a call that does not go to AWS
 * @param requestId of the response, where its error does not have it
 */
export function toDeployError(
  call: string,
  error: unknown,
  caller?: CallerContext,
  requestId?: string,
): DeployError {
  if (error instanceof DeployError) return error;
  const failure = toTransportFailure(error);
  const details = errorDetails(call, failure, isTransient(error), caller);
  const message = withRequestId(details, failure.requestId ?? requestId);
  return new DeployError({ ...details, message }, { cause: error });
}

function errorDetails(
  call: string,
  failure: TransportFailure,
  transient: boolean,
  caller: CallerContext | undefined,
): DeployErrorDetails {
  const details = clockErrorDetails(call, failure) ?? tlsErrorDetails(call, failure);
  if (details) return details;
  if (isMalformedResponse(failure)) return malformedResponseDetails(call, failure);
  return awsErrorDetails(call, failure, transient, caller);
}

/** Codes whose messages quote AWS. */
const quotingCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "AwsRefused",
  "AwsUnavailable",
  "CredentialsRefused",
  "PermissionMissing",
]);

function withRequestId(
  { code, message }: DeployErrorDetails,
  requestId: string | undefined,
): string {
  if (quotingCodes.has(code)) return appendRequestId(message, requestId);
  return message;
}

function appendRequestId(message: string, requestId: string | undefined): string {
  if (requestId === undefined) return message;
  const [, sentence = message, end = ""] = message.match(/^(.*?)(\.?)$/s) ?? [];
  return `${sentence} (request id ${requestId})${end}`;
}

/** AWS's message with the request id, for a sentence that quotes it. */
export function quoteAws(error: unknown): string {
  const cause = error instanceof DeployError ? error.cause : error;
  return appendRequestId(messageOf(cause), toTransportFailure(cause).requestId);
}

function credentialsMissingHint(): string {
  const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  const lines = keys.map((name) => `  ${name}: \${{ secrets.${name} }}`);
  return [
    "Give `role-to-assume` (with `permissions: id-token: write`). With static keys, add these " +
      "lines to the step, beside `with:`; both secrets must exist in this repository or environment:",
    codeBlock(["env:", ...lines].join("\n"), "yaml"),
  ].join("\n");
}

function awsErrorDetails(
  call: string,
  failure: TransportFailure,
  transient: boolean,
  caller: CallerContext | undefined,
): DeployErrorDetails {
  const { name, message } = failure;
  if (failure.code === "ENOTFOUND")
    return {
      code: "AwsUnavailable",
      message: `${call}: ${message}.`,
      hint:
        "The host of this AWS endpoint is not known to the DNS. Is aws-region right, and may " +
        "this runner reach AWS?",
    };
  if (name === "CredentialsProviderError")
    return {
      code: "CredentialsMissing",
      message:
        "There are no AWS credentials: role-to-assume is not given, and the job has none of " +
        "its own.",
      hint: credentialsMissingHint(),
    };
  if (
    name === "AccessDeniedException" ||
    name === "AccessDenied" ||
    name === "UnauthorizedOperation"
  ) {
    const refusal = parseAccessDenied(call, message);
    const hint = permissionHint(refusal, partitionOf(caller?.region ?? "").name);
    return { code: "PermissionMissing", message: `AWS refused ${call}: ${message}`, hint, refusal };
  }
  if (refusedNames.has(name))
    return {
      code: "CredentialsRefused",
      message: `AWS refused the credentials at ${call}: ${message}`,
      hint: credentialsRefusedHint(name, caller),
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
      message: `${call} still failed after several attempts: ${describeFailure(failure)}`,
      hint: throttledNames.has(name) ? throttledHint : unavailableHint,
    };
  return { code: "AwsRefused", message: `${call} failed: ${describeFailure(failure)}` };
}

const unavailableHint =
  "AWS, or the network between this runner and AWS, does not work at the moment. Run the job " +
  "again later: an image that was pushed is used again.";

const throttledHint =
  "AWS limits how often this operation is called in an account and region, and this limit was " +
  "used up, perhaps by other jobs. Run the job again later: an image that was pushed is used again.";

/**
 * Access keys do not show their partition:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
function credentialsRefusedHint(name: string, caller: CallerContext | undefined): string {
  const { region = "this region", assumesRole = false } = caller ?? {};
  const partition = partitionOf(region).name;
  if (assumesRole)
    return (
      `A session of role-to-assume is not accepted in ${region}. Is that aws-region switched on ` +
      `in the role's account, and of the role's partition (${partition})?`
    );
  if (expiredNames.has(name))
    return (
      "Use role-to-assume: its sessions are renewed while the step runs. Static keys or a " +
      "session of an earlier step cannot be."
    );
  return (
    "The job's own credentials are wrong, expired, deleted, or of another partition: aws-region " +
    `${region} is in ${partition}, and China, GovCloud and the European Sovereign Cloud have ` +
    "accounts and keys of their own. Correct the credentials or aws-region; or use " +
    "role-to-assume, which needs no stored keys."
  );
}

function describeFailure({ name, message }: TransportFailure): string {
  if (message.includes(name) || name === "Error") return message;
  return `${name}: ${message}`;
}

/** undefined: it is not a TLS error. For calls that do not go to AWS: `the registry ghcr.io`. */
export function toTlsError(call: string, error: unknown): DeployError | undefined {
  const details = tlsErrorDetails(call, toTransportFailure(error));
  return details && new DeployError(details, { cause: error });
}

interface SdkError extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function toTransportFailure(error: unknown): TransportFailure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  if (error instanceof MalformedResponse) return error;
  const { code, $metadata, $response }: SdkError = error;
  return {
    name: error.name,
    message: error.message || error.name,
    code: typeof code === "string" ? code : undefined,
    status: $metadata?.httpStatusCode,
    contentType: $response?.headers?.["content-type"],
    requestId: $metadata?.requestId ?? requestIdOf($response?.headers),
  };
}
