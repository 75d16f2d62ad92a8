// Converts errors of the Docker engine into the texts with which ECS reports them. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html

/** The task could not start: `reason` becomes its stopped reason. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
  readonly container: string;
  constructor(container: string, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.container = container;
  }
}

export const outOfMemoryReason = "OutOfMemoryError: Container killed due to memory usage";

const cannotPullPrefix = "CannotPullContainerError: pull image manifest has been retried 1 time(s)";
const connectionFailure =
  /dial tcp|timeout|timed out|connection re(fused|set)|no such host|no route to host|\bEOF\b|canceled/i;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html */
export function describePullFailure(reference: string, stderr: string): string {
  const said = engineMessage(stderr);
  const failed = `${cannotPullPrefix}: failed to resolve ref ${reference}`;
  if (
    /no matching manifest|no match for platform|does not match the specified platform/i.test(said)
  ) {
    return wrongPlatform(/linux\/\w+/.exec(said)?.[0] ?? "linux/amd64");
  }
  if (/manifest unknown|name unknown/i.test(said)) return `${failed}: ${reference}: not found`;
  if (
    /denied|unauthorized|forbidden|no basic auth|authentication required|status(?: code)?:? 40[13]/i.test(
      said,
    )
  ) {
    return (
      `${failed}: pulling from host ${reference.split("/")[0]} failed with status code ` +
      `[manifests ${versionOf(reference)}]: 403 Forbidden`
    );
  }
  if (/not found|does not exist|no such image/i.test(said))
    return `${failed}: ${reference}: not found`;
  if (connectionFailure.test(said)) return `${failed}: failed to do request: ${said}`;
  return `CannotPullContainerError: ${said}`;
}

/** `platform` is the one that the task runs on, e.g. `linux/amd64`. */
export function wrongPlatform(platform: string): string {
  return (
    `${cannotPullPrefix}: image Manifest does not contain descriptor matching platform ` +
    `'${platform}'`
  );
}

/** The call for the registry's credentials was denied, or did not reach AWS. */
export function describeSignInFailure(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource " +
    "retrieval failed: " +
    `unable to retrieve ecr registry auth: service call has been retried 1 time(s): ${said}`
  );
}

export function describeCreateFailure(stderr: string): string {
  return `CannotCreateContainerError: Error response from daemon: ${engineMessage(stderr)}`;
}

/** Command not found, not executable, missing working directory … */
export function describeStartFailure(stderr: string): string {
  return `CannotStartContainerError: Error response from daemon: ${engineMessage(stderr)}`;
}

/** The engine's own sentence, without the client's text before and after it. */
function engineMessage(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const said =
    lines.find((line) => /^(docker: )?Error response from daemon:/.test(line)) ??
    lines.findLast((line) => line !== "");
  return (said ?? "unknown error").replace(
    /^(docker: )?(Error response from daemon: |Error: )/,
    "",
  );
}

/** Tag or digest of an image reference. */
function versionOf(reference: string): string {
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  return /[@:](.+)$/.exec(last)?.[1] ?? "latest";
}
