// The interface of all builders. There is one file per builder, and each reports what it supports.

import { normalizePlatform } from "../../inputs/platforms.ts";
import type { BuildPlan } from "../../plan/image/build.ts";
import type { ProcessResult, RunProcess } from "../../process/run-process.ts";

type BuilderKind = "buildx" | "docker" | "buildah";

/**
 * Passed in the environment of the builder's process, never in an argument: `--secret
 * id=ID,env=VARIABLE`.
 */
interface SecretVariable {
  readonly id: string;
  readonly variable: string;
}

export interface BuildRequest {
  readonly build: BuildPlan;
  readonly reference: string;
  readonly secrets: readonly SecretVariable[];
  /** Private, removed after the build. */
  readonly folder: string;
  /** buildah's credentials; docker finds its own with DOCKER_CONFIG. */
  readonly authFile: string;
  /** The registry uses http: it runs on this machine. */
  readonly plainHttp: boolean;
}

/** Features that not every builder supports. */
export interface BuilderCapabilities {
  readonly secrets: boolean;
  readonly ssh: boolean;
  readonly buildContexts: boolean;
  readonly cacheFrom: boolean;
  readonly cacheTo: boolean;
  readonly attestations: boolean;
  readonly multiPlatform: boolean;
  /** Those it says it can build for; absent: it does not say. */
  readonly platforms: readonly string[] | undefined;
}

/** The registry to sign in to. */
export interface RegistryEndpoint {
  /** With the port, if it has one. */
  readonly host: string;
  readonly authFile: string;
  readonly plainHttp: boolean;
}

export interface CommandLine {
  readonly command: string;
  readonly arguments: readonly string[];
}

export interface Builder {
  readonly kind: BuilderKind;
  /** For the log: `docker buildx 0.29.1`. */
  readonly label: string;
  /** Added to the job's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly capabilities: BuilderCapabilities;
  /** Reads the password from stdin: every process on the machine can see arguments. */
  readonly loginCommand: (endpoint: RegistryEndpoint, username: string) => CommandLine;
  readonly buildCommand: (request: BuildRequest) => CommandLine;
  /** Absent: the build pushes, too. */
  readonly pushCommand?: (request: BuildRequest) => CommandLine;
  /** The pushed digest as the builder reports it; "" if it does not. */
  readonly pushedDigest: (request: BuildRequest, pushed: ProcessResult) => Promise<string>;
}

/**
 * Docker itself detects which registries use plain http.
 * https://docs.docker.com/reference/cli/docker/login/
 */
export function dockerLogin({ host }: RegistryEndpoint, username: string): CommandLine {
  return {
    command: "docker",
    arguments: ["login", "--username", username, "--password-stdin", host],
  };
}

export interface DetectRequest {
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string>>;
  /** The name of a buildx builder. */
  readonly builderName?: string;
}

export type DetectResult = { readonly builder: Builder } | { readonly missing: string };

/** @param program as it is called: `docker` */
export function notInstalled(program: string): DetectResult {
  return { missing: `\`${program}\` is not installed on this runner.` };
}

/** The last line that a failed program wrote. */
export function failureReason({ stderrTail }: ProcessResult): string {
  return stderrTail.at(-1) ?? "no reason given";
}

/** `["a", "b"]` → `--flag a --flag b` */
export function repeatFlag(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

/** `--flag`, or nothing. */
export function switchFlag(flag: string, isOn: boolean): readonly string[] {
  if (isOn) return [flag];
  return [];
}

/** `--flag value`, or nothing without a value. */
export function valueFlag(flag: string, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  return [flag, value];
}

export function secretFlags(secrets: readonly SecretVariable[]): readonly string[] {
  return repeatFlag(
    "--secret",
    secrets.map(({ id, variable }) => `id=${id},env=${variable}`),
  );
}

/** Requested features that this builder does not support, each with the builder that does. */
export function capabilityErrors(
  { capabilities, label }: Pick<Builder, "capabilities" | "label">,
  build: BuildPlan,
): readonly string[] {
  const requested: readonly (readonly [keyof BuilderCapabilities, boolean, string, string])[] = [
    ["secrets", build.secretIds.length > 0, "build-secrets", "buildx or buildah"],
    ["ssh", build.ssh.length > 0, "ssh", "buildx or buildah"],
    ["buildContexts", build.buildContexts.length > 0, "build-contexts", "buildx or buildah"],
    ["cacheFrom", build.cacheFrom.length > 0, "cache-from", "buildx"],
    [
      "cacheTo",
      build.cacheTo.length > 0,
      "cache-to",
      "buildx with its docker-container driver (docker/setup-buildx-action)",
    ],
    [
      "attestations",
      build.provenance !== "false" || build.sbom !== "false",
      "provenance and sbom",
      "buildx with its docker-container driver (docker/setup-buildx-action)",
    ],
    [
      "multiPlatform",
      build.platforms.length > 1,
      `platforms: ${build.platforms.join(", ")} in one image`,
      "buildx with its docker-container driver (docker/setup-buildx-action)",
    ],
  ];
  return requested
    .filter(([capability, wanted]) => wanted && capabilities[capability] === false)
    .map(
      ([, , feature, alternative]) => `${label} does not support ${feature}; use ${alternative}.`,
    );
}

/**
 * Platforms that this builder reports as unsupported. Another builder on this machine would not
 * support them either.
 */
export function platformErrors(
  { capabilities: { platforms: supported }, label }: Pick<Builder, "capabilities" | "label">,
  build: BuildPlan,
): readonly string[] {
  if (supported === undefined) return [];
  const supportedNames = new Set(supported.map(normalizePlatform));
  const unsupported = build.platforms.filter(
    (platform) => !supportedNames.has(normalizePlatform(platform)),
  );
  return unsupported.map(
    (platform) =>
      `${label} cannot build for ${platform}, only for ${supported.join(", ")}. Run ` +
      "docker/setup-qemu-action before this step, or use a runner with that CPU.",
  );
}
