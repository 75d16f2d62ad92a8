// Signs the builder in to the registry: the password goes to stdin, and is stored in the private
// folder only.

import type { RegistryPassword } from "../aws/ecr.ts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import {
  type ProcessResult,
  type RunProcess,
  type TimeLimit,
  withTimeLimit,
} from "../process/run-process.ts";
import { retry } from "../timing/retry.ts";
import type { Builder, RegistryEndpoint } from "./builders/builder.ts";
import { classifyPushFailure } from "./push-failure.ts";

interface SignInPorts {
  readonly run: RunProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Environment of the builder's processes; its DOCKER_CONFIG is the private one. */
  readonly environment: Readonly<Record<string, string>>;
}

/** docker waits 15 s for the registry, and without a limit for its engine. */
const signInTimeLimit: TimeLimit = { milliseconds: 30_000, until: "end" };

/**
 * Three attempts while the registry or the network is failing; docker itself makes one, of 15 s.
 */
const signInRetryDelaysMilliseconds = [2_000, 6_000];

/** @throws DeployError `SignInFailed` */
export async function signInToRegistry(
  builder: Builder,
  endpoint: RegistryEndpoint,
  { username, password }: RegistryPassword,
  { run, clock, signal, environment }: SignInPorts,
): Promise<void> {
  const timeLimitedRun = withTimeLimit(run, signInTimeLimit, { clock, signal });
  const login = await retry(
    () =>
      timeLimitedRun({
        ...builder.loginCommand(endpoint, username),
        environment,
        input: password,
      }),
    ({ exitCode, stderrTail }, attempt) => {
      if (exitCode === 0 || classifyPushFailure(stderrTail) !== "transient") return undefined;
      return signInRetryDelaysMilliseconds[attempt - 1];
    },
    { clock, signal },
  );
  if (login.exitCode !== 0) throw signInFailedError(endpoint, login);
}

function signInFailedError({ host }: RegistryEndpoint, { stderrTail }: ProcessResult): DeployError {
  const messageLines = stderrTail.map((line) => line.trimEnd()).filter(Boolean);
  return new DeployError({
    code: "SignInFailed",
    message:
      `Signing in to ${host} failed: ` +
      `${messageLines.slice(-2).join("\n") || "the builder gave no reason"}`,
    hint:
      "ECR issued this password, so the role is correct. Can this runner reach the registry " +
      "(proxy, VPC endpoint ecr.dkr)?\nNothing was built, nothing was registered and the service " +
      "was not touched.",
  });
}
