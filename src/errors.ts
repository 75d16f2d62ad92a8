// The one error of this action, and the closed list of what can go wrong. docs/errors.md has a heading for each code.

export const errorCodes = [
  "InvalidInput",
  "IdTokenNotGranted",
  "IdTokenUnavailable",
  "RoleRefused",
  "CredentialsMissing",
  "CredentialsRefused",
  "AccountNotAllowed",
  "PermissionMissing",
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
  "NoRoomToDeploy",
  "ServiceBusy",
  "NothingToGoBackTo",
  "BuilderMissing",
  "BuilderUnable",
  "BuildFailed",
  "SignInFailed",
  "PushFailed",
  "ImageMismatch",
  "ImageExists",
  "ImageNotFound",
  "ImageUnreadable",
  "ImageUnfit",
  "ScanFindings",
  "ScanUnavailable",
  "TaskNotStarted",
  "TaskFailed",
  "TaskTimedOut",
  "TerraformMissing",
  "TerraformFailed",
  "TerraformLocked",
  "TerraformVariableIgnored",
  "TerraformImageUnplanned",
  "TerraformGuarded",
  "ServiceUnmoved",
  "RolledBack",
  "RollbackFailed",
  "RolloutFailed",
  "RolloutStopped",
  "RolloutSuperseded",
  "RolloutTimedOut",
  "TasksFailing",
  "RolloutUnwatched",
  "Cancelled",
  "DiskNotWritable",
  "AwsRefused",
  "AwsUnavailable",
  "Bug",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A place in the user's own files, for an annotation on it. */
export interface SourceLine {
  readonly file: string;
  readonly line?: number;
}

export interface DeployErrorDetails {
  readonly code: ErrorCode;
  /** What happened, in the user's words, with the names they typed. */
  readonly message: string;
  /** The next thing to do; may hold several lines (the YAML or the IAM statement to add). */
  readonly hint?: string;
  readonly at?: SourceLine;
}

/** Thrown for everything that a user can meet. Anything else that reaches main is our mistake (`Bug`). */
export class DeployError extends Error {
  override readonly name = "DeployError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: SourceLine | undefined;

  constructor({ code, message, hint, at }: DeployErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
    this.at = at;
  }
}

/** Turns whatever was thrown into a DeployError; an unknown error is a `Bug`, with the original as its cause. */
export function asDeployError(error: unknown): DeployError {
  if (error instanceof DeployError) return error;
  return new DeployError(
    {
      code: "Bug",
      message: `deploy-ecs met an error that it does not know: ${error instanceof Error ? error.message : String(error)}`,
      hint: "Run the job again with debug logging to see the stack, and report it to the maintainers of deploy-ecs.",
    },
    { cause: error },
  );
}
