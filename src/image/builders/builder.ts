// What every builder has in common: one file a builder, each answers for itself what it can do.

import { normalizePlatform } from "../../inputs/platforms.ts";
import type { BuildPlan } from "../../plan/image/build.ts";
import type { ProcessResult, RunProcess } from "../../process/run-process.ts";

export type BuilderKind = "buildx" | "docker" | "buildah";

/** Told in its child's environment, never in an argument: `--secret id=ID,env=VARIABLE`. */
export interface SecretVariable {
  readonly id: string;
  readonly variable: string;
}

export interface BuildRequest {
  readonly build: BuildPlan;
  readonly reference: string;
  readonly secrets: readonly SecretVariable[];
  /** Private, gone after the build. */
  readonly folder: string;
  /** buildah's credentials; docker finds them by DOCKER_CONFIG. */
  readonly authFile: string;
  /** The registry speaks http: one on this machine. */
  readonly plainHttp: boolean;
}

/** What a build may ask for and not every builder can give. */
export interface BuilderCapabilities {
  readonly secrets: boolean;
  readonly ssh: boolean;
  readonly buildContexts: boolean;
  readonly cacheFrom: boolean;
  readonly cacheTo: boolean;
  readonly attestations: boolean;
  readonly multiPlatform: boolean;
  /** Those it says it can build for; absent: it does not say. */
  readonly platforms?: readonly string[];
}

/** Where is signed in. */
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
  /** Said in the log: `docker buildx 0.29.1`. */
  readonly label: string;
  /** Beside the job's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly capabilities: BuilderCapabilities;
  /** Takes the password on stdin: arguments can be seen by every process of the machine. */
  readonly loginCommand: (endpoint: RegistryEndpoint, username: string) => CommandLine;
  readonly buildCommand: (request: BuildRequest) => CommandLine;
  /** Absent: the build pushes, too. */
  readonly pushCommand?: (request: BuildRequest) => CommandLine;
  /** What the registry was given, by the word of whoever pushed; "" if it did not say. */
  readonly pushedDigest: (request: BuildRequest, pushed: ProcessResult) => Promise<string>;
}

/** Docker knows by itself which registries speak plain http. https://docs.docker.com/reference/cli/docker/login/ */
export function dockerLogin({ host }: RegistryEndpoint, username: string): CommandLine {
  return {
    command: "docker",
    arguments: ["login", "--username", username, "--password-stdin", host],
  };
}

/** How a builder is looked for. */
export interface DetectRequest {
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string>>;
  /** The name of a buildx builder. */
  readonly builderName?: string;
}

export type DetectResult = { readonly builder: Builder } | { readonly missing: string };

/** `["a", "b"]` → `--flag a --flag b` */
export function repeatFlag(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

export function secretFlags(secrets: readonly SecretVariable[]): readonly string[] {
  return repeatFlag(
    "--secret",
    secrets.map(({ id, variable }) => `id=${id},env=${variable}`),
  );
}

/** What is asked for and this builder cannot do; each with who can. */
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
    .map(([, , feature, alternative]) => `${label} cannot do ${feature}; ${alternative} can.`);
}

/** The platforms that this builder says it cannot build for. Another builder of this machine could not either. */
export function platformErrors(
  { capabilities: { platforms: supported }, label }: Pick<Builder, "capabilities" | "label">,
  build: BuildPlan,
): readonly string[] {
  const supportedNames = new Set(supported?.map(normalizePlatform));
  const unsupported = supported
    ? build.platforms.filter((platform) => !supportedNames.has(normalizePlatform(platform)))
    : [];
  return unsupported.map(
    (platform) =>
      `${label} cannot build for ${platform}, only for ${supported?.join(", ")}. Run docker/setup-qemu-action before this step, or use a runner with that CPU.`,
  );
}
