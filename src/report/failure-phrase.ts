// What failed, in two to six words, PURE: the beginning of a headline.

import type { TaskMoment } from "../plan/service/task.ts";
import type { Outcome, ReasonCode, ServiceOutcome } from "../run/outcome.ts";

/** For codes whose name, split into words (`Build failed`), is not clear enough. */
const phrases: Readonly<Partial<Record<ReasonCode, string>>> = {
  IdTokenNotGranted: "No OIDC token for this job",
  IdTokenUnavailable: "No OIDC token from GitHub",
  CredentialsMissing: "No AWS credentials",
  CredentialsRefused: "AWS credentials refused",
  AccountNotAllowed: "AWS account not allowed",
  ServiceNotActive: "Service is not active",
  ClockSkewed: "The clock of this runner is wrong",
  TlsFailed: "No secure connection",
  ControllerUnsupported: "Deployment controller not supported",
  TaskDefinitionInvalid: "Task definition refused",
  PortMissing: "Container port missing",
  SecretMissing: "Secret missing",
  LogGroupMissing: "Log group missing",
  NoRollingCapacity: "No capacity for a rolling update",
  DeploymentInProgress: "Another deployment is in progress",
  NoRollbackTarget: "No revision to roll back to",
  NothingPaused: "No deployment waits for an answer",
  BuilderMissing: "No image builder found",
  BuilderUnsupported: "The builder does not support this build",
  SignInFailed: "Registry sign-in failed",
  ImageMismatch: "The tag names another image",
  OlderCommit: "A newer commit is running",
  ImageArchived: "The image is archived",
  ImageExists: "The image tag exists already",
  ImageUnreadable: "Image could not be read",
  PlatformMismatch: "Image refused: built for another platform",
  ScanFindings: "Image refused: vulnerabilities found",
  ScanUnavailable: "No image scan result",
  TerraformMissing: "Terraform not found",
  TerraformLocked: "Terraform state is locked",
  TerraformVariableIgnored: "Terraform ignores the image variable",
  TerraformImageNotPlanned: "Terraform does not plan this image",
  TerraformPlanBlocked: "Terraform plan refused by terraform-guard",
  ServiceNotUpdated: "No deployment was started",
  RolloutFailed: "Deployment failed",
  RolloutStopped: "Deployment stopped",
  RolloutSuperseded: "Superseded by a newer deployment",
  RolloutTimedOut: "Timed out",
  FirstDeploymentFailed: "The first deployment failed",
  InfrastructureNotReady: "The service is not complete",
  TasksFailing: "Too many failed tasks",
  EventUnsupported: "Event not supported",
  PreviewRefused: "Not a preview of this action",
  WatchInterrupted: "The watch was interrupted",
  AwsRefused: "AWS refused a request",
  AwsUnavailable: "AWS is unavailable",
  Bug: "Internal error",
};

export const taskTitles = {
  "pre-deploy": "Pre-deploy task",
  verification: "Verification task",
  "post-deploy": "Post-deploy task",
  "one-off": "Task",
} as const satisfies Record<TaskMoment, string>;

const taskPhrases: Readonly<Partial<Record<ReasonCode, string>>> = {
  TaskNotStarted: "could not be started",
  TaskFailed: "failed",
  TaskTimedOut: "timed out",
};

/** `Build failed`, `Pre-deploy task failed`, `Cancelled`. */
export function failurePhrase(
  { reasonCode }: Pick<ServiceOutcome, "reasonCode">,
  { tasks: taskOutcomes = [], services }: Pick<Outcome, "tasks" | "services">,
): string {
  const ended = taskPhrases[reasonCode];
  if (ended !== undefined) {
    const isBeforeUpdate = services.some(
      ({ progress }) => progress === "untouched" || progress === "registered",
    );
    const failed = taskOutcomes.find(({ succeeded }) => !succeeded)?.moment;
    return `${taskTitles[failed ?? (isBeforeUpdate ? "pre-deploy" : "post-deploy")]} ${ended}`;
  }
  return phrases[reasonCode] ?? reasonCodeLabel(reasonCode);
}

/** `RepositoryNotFound` → `Repository not found` */
function reasonCodeLabel(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
