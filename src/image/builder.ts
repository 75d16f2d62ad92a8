// Which builder answers on this machine, and how it is told to build.

import { DeployError } from "../errors.ts";
import { isJsonObject, stringOf } from "../json.ts";
import type { ImagePlan } from "../plan/plan.ts";
import type { RunProcess } from "../process.ts";

export interface Builder {
  readonly kind: "buildx" | "docker";
  /** Said in the log: `docker buildx 0.29.1`. */
  readonly label: string;
  /** Beside the job's environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Asks, does not assume: buildx if it answers, else plain `docker build`.
 * @throws DeployError `BuilderMissing`
 */
export async function findBuilder(run: RunProcess, environment: Readonly<Record<string, string>>): Promise<Builder> {
  const buildx = await run({ command: "docker", arguments: ["buildx", "version"], environment });
  const version = await run({ command: "docker", arguments: ["version", "--format", "{{json .}}"], environment });
  const { client, server } = versionsOf(version.stdout);
  if (version.exitCode === undefined) throw builderMissing("There is no `docker` on this runner.");
  if (server === undefined)
    throw builderMissing(
      `Docker ${client} is here, but no engine answers it: ${version.stderrTail.at(-1) ?? "no reason given"}`,
    );
  if (buildx.exitCode === 0) {
    const buildxVersion = buildx.stdout.match(/v?(\d+\.\d+\.\d+\S*)/)?.[1] ?? "";
    return { kind: "buildx", label: `docker buildx ${buildxVersion}`.trim(), environment: {} };
  }
  // Up to 22, the client has BuildKit inside; from 23 on it needs the buildx plugin for it, and refuses to build when
  // DOCKER_BUILDKIT=1 asks for it without. https://docs.docker.com/engine/release-notes/23.0/
  const hasBuildKit = Number.parseInt(client, 10) < 23;
  return {
    kind: "docker",
    label: `docker build ${server}`,
    environment: { DOCKER_BUILDKIT: hasBuildKit ? (environment.DOCKER_BUILDKIT ?? "1") : "0" },
  };
}

/** One argument array for each builder. The image is named once; `latest` is put later, as a manifest. */
export function commandLine(kind: Builder["kind"], plan: ImagePlan, metadataFile: string): readonly string[] {
  const platform = plan.platform === undefined ? [] : ["--platform", plan.platform];
  const buildArguments = plan.buildArguments.flatMap((argument) => ["--build-arg", argument]);
  const common = ["--file", plan.dockerfile, "--tag", plan.reference, ...platform, ...buildArguments];
  if (kind === "docker") return ["build", ...common, plan.context];
  // Provenance would make even this one image an index with a child that no CPU runs, and hide scan results (FACTS E).
  return ["buildx", "build", ...common, "--provenance=false", "--push", "--metadata-file", metadataFile, plan.context];
}

function builderMissing(message: string): DeployError {
  return new DeployError({
    code: "BuilderMissing",
    message,
    hint: "Nothing was built. GitHub's ubuntu runners have Docker; on your own runner install and start it.",
  });
}

function versionsOf(stdout: string): { readonly client: string; readonly server: string | undefined } {
  try {
    const value: unknown = JSON.parse(stdout);
    const { Client: client, Server: server } = isJsonObject(value) ? value : {};
    return {
      client: (isJsonObject(client) && stringOf(client.Version)) || "?",
      server: isJsonObject(server) ? stringOf(server.Version) : undefined,
    };
  } catch {
    return { client: "?", server: undefined };
  }
}
