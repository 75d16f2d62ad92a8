// docker buildx with any driver, also with BuildKit on another machine. Builds and pushes in one
// command.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, stringOf } from "../../json.ts";
import {
  type BuilderCapabilities,
  type BuildRequest,
  type DetectRequest,
  type DetectResult,
  dockerLogin,
  failureReason,
  notInstalled,
  repeatFlag,
  secretFlags,
  switchFlag,
  valueFlag,
} from "./builder.ts";

/** `buildx inspect` queries the builder itself, so it also shows whether the engine works. */
export async function detectBuildx({
  run,
  environment,
  builderName,
}: DetectRequest): Promise<DetectResult> {
  const version = await run({ command: "docker", arguments: ["buildx", "version"], environment });
  if (version.exitCode === undefined) return notInstalled("docker");
  if (version.exitCode !== 0) return { missing: "docker has no buildx plugin." };
  const nameArguments = builderName === undefined ? [] : [builderName];
  const inspected = await run({
    command: "docker",
    arguments: ["buildx", "inspect", ...nameArguments],
    environment,
  });
  if (inspected.exitCode !== 0)
    return { missing: `buildx cannot reach its builder: ${failureReason(inspected)}` };
  const nodeError = inspected.stdout.match(/^Error:\s+(.+)$/m)?.[1];
  const driver = inspected.stdout.match(/^Driver:\s+(\S+)/m)?.[1] ?? "docker";
  // The first build starts a builder with a driver of its own; it does not start the engine.
  if (nodeError !== undefined && driver === "docker")
    return { missing: `the Docker engine does not answer: ${nodeError}` };
  const versionNumber = version.stdout.match(/v?(\d+\.\d+\.\d+\S*)/)?.[1] ?? "";
  const inspectedName = inspected.stdout.match(/^Name:\s+(\S+)/m)?.[1];
  const activeBuilder = builderName ?? (driver !== "docker" && inspectedName);
  return {
    builder: {
      kind: "buildx",
      label: ["docker buildx", versionNumber, activeBuilder && `(${activeBuilder}, ${driver})`]
        .filter(Boolean)
        .join(" "),
      environment: {},
      capabilities: detectCapabilities(
        driver,
        inspected.stdout,
        await hasImageStore(driver, { run, environment }),
      ),
      loginCommand: dockerLogin,
      buildCommand: (request) => ({
        command: "docker",
        arguments: buildxArguments(request, { driver, builderName }),
      }),
      pushedDigest: async (request) =>
        digestOfMetadata(await readFile(metadataFile(request), "utf8").catch(() => "")),
    },
  };
}

/** PURE. */
function buildxArguments(
  request: BuildRequest,
  { driver, builderName }: { readonly driver: string; readonly builderName: string | undefined },
): readonly string[] {
  const { build, reference, secrets } = request;
  const epochArguments = build.epoch === undefined ? [] : [`SOURCE_DATE_EPOCH=${build.epoch}`];
  // Layers have the builder's time unless they are rewritten:
  // https://github.com/moby/buildkit/blob/master/docs/build-repro.md
  const rewritesTimestamps =
    build.layersAtEpoch && build.epoch !== undefined && driver !== "docker";
  return [
    "buildx",
    "build",
    ...valueFlag("--builder", builderName),
    "--progress",
    "plain",
    "--file",
    build.dockerfile,
    "--tag",
    reference,
    ...valueFlag("--target", build.target),
    ...valueFlag("--platform", build.platforms.join(",") || undefined),
    ...repeatFlag("--build-arg", [...epochArguments, ...build.buildArguments]),
    ...repeatFlag("--build-context", build.buildContexts),
    ...secretFlags(secrets),
    ...repeatFlag("--ssh", build.ssh),
    ...repeatFlag("--label", build.labels),
    ...repeatFlag("--cache-from", build.cacheFrom),
    ...repeatFlag("--cache-to", build.cacheTo),
    ...switchFlag("--no-cache", build.noCache),
    ...switchFlag("--pull", build.pull),
    // Provenance turns even a single image into an index with a child for no platform, and hides
    // scan results.
    `--provenance=${build.provenance}`,
    ...switchFlag(`--sbom=${build.sbom}`, build.sbom !== "false"),
    ...(rewritesTimestamps
      ? ["--output", "type=image,push=true,rewrite-timestamp=true"]
      : ["--push"]),
    "--metadata-file",
    metadataFile(request),
    build.context,
  ];
}

/** https://docs.docker.com/build/builders/drivers/#feature-comparison */
function detectCapabilities(
  driver: string,
  inspectOutput: string,
  imageStore: boolean,
): BuilderCapabilities {
  const fullFeatured = driver !== "docker" || imageStore;
  const platforms = inspectOutput
    .match(/^Platforms:\s+(.+)$/m)?.[1]
    ?.split(",")
    .map((platform) => platform.trim().replace("*", ""));
  return {
    secrets: true,
    ssh: true,
    buildContexts: true,
    cacheFrom: true,
    cacheTo: fullFeatured,
    attestations: fullFeatured,
    multiPlatform: fullFeatured,
    platforms,
  };
}

/**
 * With containerd's image store the engine's own builder supports all features.
 * https://docs.docker.com/engine/storage/containerd/
 */
async function hasImageStore(
  driver: string,
  { run, environment }: DetectRequest,
): Promise<boolean> {
  if (driver !== "docker") return false;
  const info = await run({
    command: "docker",
    arguments: ["info", "--format", "{{json .DriverStatus}}"],
    environment,
  });
  return info.stdout.includes("io.containerd.snapshotter");
}

function metadataFile({ folder }: BuildRequest): string {
  return join(folder, "deploy-ecs-metadata.json");
}

function digestOfMetadata(json: string): string {
  try {
    const metadata: unknown = JSON.parse(json);
    return (isJsonObject(metadata) && stringOf(metadata["containerimage.digest"])) || "";
  } catch {
    return "";
  }
}
