// docker buildx: any driver, also a BuildKit on another machine. Builds and pushes in one go.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, stringOf } from "../../json.ts";
import {
  type Abilities,
  type Answer,
  type BuildRequest,
  dockerLogin,
  each,
  type Search,
  secretFlags,
} from "./builder.ts";

/** `buildx inspect` asks the builder itself, so its answer vouches for the engine, too. */
export async function answers({ run, environment, instance }: Search): Promise<Answer> {
  const version = await run({ command: "docker", arguments: ["buildx", "version"], environment });
  if (version.exitCode === undefined) return { missing: "There is no `docker` on this runner." };
  if (version.exitCode !== 0) return { missing: "docker has no buildx." };
  const named = instance === undefined ? [] : [instance];
  const inspected = await run({
    command: "docker",
    arguments: ["buildx", "inspect", ...named],
    environment,
  });
  if (inspected.exitCode !== 0)
    return {
      missing: `buildx does not reach its builder: ${inspected.stderrTail.at(-1) ?? "no reason given"}`,
    };
  const nodeError = inspected.stdout.match(/^Error:\s+(.+)$/m)?.[1];
  const driver = inspected.stdout.match(/^Driver:\s+(\S+)/m)?.[1] ?? "docker";
  // A builder of its own driver that is not running yet is started by the first build; the engine itself is not.
  if (nodeError !== undefined && driver === "docker")
    return { missing: `no engine answers: ${nodeError}` };
  const number = version.stdout.match(/v?(\d+\.\d+\.\d+\S*)/)?.[1] ?? "";
  const using =
    instance ?? (driver === "docker" ? "" : inspected.stdout.match(/^Name:\s+(\S+)/m)?.[1]);
  return {
    builder: {
      kind: "buildx",
      label: ["docker buildx", number, using && `(${using}, ${driver})`].filter(Boolean).join(" "),
      environment: {},
      abilities: abilitiesOf(
        driver,
        inspected.stdout,
        await hasImageStore(driver, { run, environment }),
      ),
      loginCommand: dockerLogin,
      buildCommand: (request) => ({
        command: "docker",
        arguments: buildxArguments(request, { driver, instance }),
      }),
      digest: async (request) =>
        digestOfMetadata(await readFile(metadataFile(request), "utf8").catch(() => "")),
    },
  };
}

/** PURE. */
export function buildxArguments(
  request: BuildRequest,
  { driver, instance }: { readonly driver: string; readonly instance: string | undefined },
): readonly string[] {
  const { build, reference, secrets } = request;
  const hasArguments = build.epoch === undefined ? [] : [`SOURCE_DATE_EPOCH=${build.epoch}`];
  // https://github.com/moby/buildkit/blob/master/docs/build-repro.md: layers keep the builder's clock unless they are rewritten
  const rewritten = build.layersAtEpoch && build.epoch !== undefined && driver !== "docker";
  return [
    "buildx",
    "build",
    ...(instance === undefined ? [] : ["--builder", instance]),
    ...["--progress", "plain", "--file", build.dockerfile, "--tag", reference],
    ...(build.target === undefined ? [] : ["--target", build.target]),
    ...(build.platforms.length > 0 ? ["--platform", build.platforms.join(",")] : []),
    ...each("--build-arg", [...hasArguments, ...build.buildArguments]),
    ...each("--build-context", build.buildContexts),
    ...secretFlags(secrets),
    ...each("--ssh", build.ssh),
    ...each("--label", build.labels),
    ...each("--cache-from", build.cacheFrom),
    ...each("--cache-to", build.cacheTo),
    ...(build.noCache ? ["--no-cache"] : []),
    ...(build.pull ? ["--pull"] : []),
    // Provenance would make even one image an index with a child that no CPU runs, and hide scan results.
    ...(build.provenance === "false"
      ? ["--provenance=false"]
      : [`--provenance=${build.provenance}`]),
    ...(build.sbom === "false" ? [] : [`--sbom=${build.sbom}`]),
    ...(rewritten ? ["--output", "type=image,push=true,rewrite-timestamp=true"] : ["--push"]),
    ...["--metadata-file", metadataFile(request)],
    build.context,
  ];
}

/** https://docs.docker.com/build/builders/drivers/#feature-comparison */
function abilitiesOf(driver: string, inspected: string, imageStore: boolean): Abilities {
  const whole = driver !== "docker" || imageStore;
  const platforms = inspected
    .match(/^Platforms:\s+(.+)$/m)?.[1]
    ?.split(",")
    .map((platform) => platform.trim().replace("*", ""));
  return {
    secrets: true,
    ssh: true,
    buildContexts: true,
    cacheFrom: true,
    cacheTo: whole,
    attestations: whole,
    severalPlatforms: whole,
    ...(platforms && { platforms }),
  };
}

/** With containerd's image store the engine's own builder can do it all. https://docs.docker.com/engine/storage/containerd/ */
async function hasImageStore(driver: string, { run, environment }: Search): Promise<boolean> {
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
