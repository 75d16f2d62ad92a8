// The one error of this action, and the closed list of what can go wrong. docs/errors.md has a
// heading for each code.

export const errorCodes = [
  "InvalidInput",
  "IdTokenNotGranted",
  "IdTokenUnavailable",
  "RoleRefused",
  "CredentialsMissing",
  "CredentialsRefused",
  "AccountNotAllowed",
  "PermissionMissing",
  "ClockSkewed",
  "TlsFailed",
  "RepositoryNotFound",
  "ClusterNotFound",
  "ServiceNotFound",
  "ServiceNotActive",
  "ControllerUnsupported",
  "ContainerNotFound",
  "TaskDefinitionNotFound",
  "TaskDefinitionInvalid",
  "PortMissing",
  "LogGroupMissing",
  "SecretMissing",
  "NoRollingCapacity",
  "DeploymentInProgress",
  "NoRollbackTarget",
  "NothingPaused",
  "BuilderMissing",
  "BuilderUnsupported",
  "BuildFailed",
  "SignInFailed",
  "PushFailed",
  "ImageMismatch",
  "OlderCommit",
  "ImageExists",
  "ImageArchived",
  "ImageNotFound",
  "ImageUnreadable",
  "PlatformMismatch",
  "ScanFindings",
  "ScanUnavailable",
  "TaskNotStarted",
  "TaskFailed",
  "TaskTimedOut",
  "TerraformMissing",
  "TerraformFailed",
  "TerraformLocked",
  "TerraformVariableIgnored",
  "TerraformImageNotPlanned",
  "TerraformPlanBlocked",
  "ServiceNotUpdated",
  "RolledBack",
  "RollbackFailed",
  "RolloutFailed",
  "RolloutStopped",
  "RolloutSuperseded",
  "RolloutTimedOut",
  "InfrastructureNotReady",
  "VerificationFailed",
  "FirstDeploymentFailed",
  "TasksFailing",
  "EventUnsupported",
  "PreviewRefused",
  "RehearsalImpossible",
  "WatchInterrupted",
  "Cancelled",
  "DiskNotWritable",
  "AwsRefused",
  "AwsUnavailable",
  "Bug",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A line of the user's own files, for an annotation on it. */
export interface SourceLine {
  readonly file: string;
  readonly line?: number | undefined;
}

export interface DeployErrorDetails {
  readonly code: ErrorCode;
  /** What happened, in the user's terms, with the names from the inputs. */
  readonly message: string;
  /** What to do next; may have several lines (the YAML or the IAM statement to add). */
  readonly hint?: string | undefined;
  readonly at?: SourceLine | undefined;
  /** Of a PermissionMissing: what AWS denied. */
  readonly refusal?: RefusedAction | undefined;
}

export interface RefusedAction {
  /** `iam:PassRole` */
  readonly action: string;
  /** An ARN or `*`; undefined: AWS does not name the resource. */
  readonly resource: string | undefined;
  /** Type of the policy that denies it, so that no Allow can help: `service control`. */
  readonly deniedBy: string | undefined;
  /** A session policy does not allow it. */
  readonly bySession: boolean;
}

/**
 * Thrown for every error that a user can cause or meet. Anything else that reaches main is a
 * mistake in this action (`Bug`).
 */
export class DeployError extends Error {
  override readonly name = "DeployError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: SourceLine | undefined;
  readonly refusal: RefusedAction | undefined;

  constructor({ code, message, hint, at, refusal }: DeployErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
    this.at = at;
    this.refusal = refusal;
  }
}

/**
 * The system's error codes when a file cannot be written, and what to do about each.
 * https://nodejs.org/api/errors.html#common-system-errors
 */
const diskCures: Readonly<Record<string, string>> = {
  ENOSPC:
    "Make room before this step (docker system prune --all --force), or take a runner with a " +
    "bigger disk.",
  EDQUOT:
    "The quota of the runner's user is used up: make room before this step, or raise the quota.",
  EROFS:
    "The file system is mounted read-only. RUNNER_TEMP must be a folder that this step may " +
    "write to.",
  EACCES:
    "The user of the runner may not write there. RUNNER_TEMP must be a folder that this step " +
    "may write to.",
  EPERM:
    "The user of the runner may not write there. RUNNER_TEMP must be a folder that this step " +
    "may write to.",
  ENOTDIR:
    "A part of this path is a file, not a folder. RUNNER_TEMP must be a folder that this step " +
    "may write to.",
};

/** Calls that use the file system; a program that may not be started also fails with EACCES. */
const fileCalls =
  /^(open|write|mkdir|symlink|link|cp|copyfile|rename|unlink|rmdir|rm|chmod|ftruncate|truncate|fsync|close|scandir|lstat|stat)$/;

function diskProblem(error: unknown): DeployErrorDetails | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", syscall = "" } = error as NodeJS.ErrnoException;
  const hint = diskCures[code];
  if (hint === undefined || !fileCalls.test(syscall)) return undefined;
  return {
    code: "DiskNotWritable",
    message: `A file could not be written on this runner: ${error.message}.`,
    hint,
  };
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

/**
 * Converts any thrown value into a DeployError; an unknown error is a `Bug`, with the original as
 * its cause.
 */
export function asDeployError(error: unknown): DeployError {
  if (error instanceof DeployError) return error;
  return new DeployError(
    diskProblem(error) ?? {
      code: "Bug",
      message: `deploy-ecs met an error that it does not know: ${messageOf(error)}`,
      hint:
        "Run the job again with debug logging to see the stack, and report it to the maintainers " +
        "of deploy-ecs.",
    },
    { cause: error },
  );
}
