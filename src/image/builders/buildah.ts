// buildah: for runners without a daemon. The machine's configuration decides where images are
// stored and how builds are isolated (storage.conf, BUILDAH_ISOLATION, STORAGE_DRIVER).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BuildRequest,
  type DetectRequest,
  type DetectResult,
  failureReason,
  notInstalled,
  type RegistryEndpoint,
  repeatFlag,
  secretFlags,
  switchFlag,
  valueFlag,
} from "./builder.ts";

export async function detectBuildah({ run, environment }: DetectRequest): Promise<DetectResult> {
  const version = await run({ command: "buildah", arguments: ["--version"], environment });
  if (version.exitCode === undefined) return notInstalled("buildah");
  if (version.exitCode !== 0)
    return { missing: `\`buildah --version\` failed: ${failureReason(version)}` };
  return {
    builder: {
      kind: "buildah",
      label: `buildah ${version.stdout.match(/\d+\.\d+\S*/)?.[0] ?? ""}`.trim(),
      // Otherwise it would also read docker's private file, and call the empty helper in it.
      environment: { DOCKER_CONFIG: "" },
      capabilities: {
        secrets: true,
        ssh: true,
        buildContexts: true,
        cacheFrom: false,
        cacheTo: false,
        attestations: false,
        multiPlatform: false,
        platforms: undefined,
      },
      loginCommand: (place, username) => ({
        command: "buildah",
        arguments: loginArguments(place, username),
      }),
      buildCommand: (request) => ({ command: "buildah", arguments: buildahArguments(request) }),
      pushCommand: (request) => ({ command: "buildah", arguments: pushArguments(request) }),
      pushedDigest: async (request) =>
        (await readFile(digestFile(request), "utf8").catch(() => "")).trim(),
    },
  };
}

/** PURE. `--format docker`: buildah drops SHELL, HEALTHCHECK and ONBUILD from OCI images. */
function buildahArguments({
  build,
  reference,
  secrets,
  authFile,
  plainHttp,
}: BuildRequest): readonly string[] {
  return [
    "build",
    "--format",
    "docker",
    "--layers",
    "--authfile",
    authFile,
    ...tlsFlags(plainHttp),
    "--file",
    build.dockerfile,
    "--tag",
    reference,
    ...valueFlag("--target", build.target),
    ...repeatFlag("--platform", build.platforms),
    ...repeatFlag("--build-arg", build.buildArguments),
    ...repeatFlag("--build-context", build.buildContexts),
    ...secretFlags(secrets),
    ...repeatFlag("--ssh", build.ssh),
    ...repeatFlag("--label", build.labels),
    ...valueFlag("--timestamp", build.epoch?.toString()),
    ...switchFlag("--no-cache", build.noCache),
    ...switchFlag("--pull=always", build.pull),
    build.context,
  ];
}

function loginArguments(
  { host, authFile, plainHttp }: RegistryEndpoint,
  username: string,
): readonly string[] {
  return [
    "login",
    "--authfile",
    authFile,
    ...tlsFlags(plainHttp),
    "--username",
    username,
    "--password-stdin",
    host,
  ];
}

function pushArguments(request: BuildRequest): readonly string[] {
  const { reference, authFile, plainHttp } = request;
  return [
    "push",
    "--authfile",
    authFile,
    "--digestfile",
    digestFile(request),
    ...tlsFlags(plainHttp),
    reference,
    `docker://${reference}`,
  ];
}

function tlsFlags(plainHttp: boolean): readonly string[] {
  return switchFlag("--tls-verify=false", plainHttp);
}

function digestFile({ folder }: BuildRequest): string {
  return join(folder, "deploy-ecs-digest");
}
