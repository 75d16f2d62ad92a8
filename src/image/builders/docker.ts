// Plain `docker build` and `docker push`: with BuildKit in the client up to Docker 22, with the
// classic builder after that.

import { objectOf, parseJsonObject, stringOf } from "../../json.ts";
import {
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

export async function detectDocker({ run, environment }: DetectRequest): Promise<DetectResult> {
  const version = await run({
    command: "docker",
    arguments: ["version", "--format", "{{json .}}"],
    environment,
  });
  if (version.exitCode === undefined) return notInstalled("docker");
  const { client, server } = versionsOf(version.stdout);
  if (server === undefined)
    return {
      missing:
        `The Docker client ${client} is installed, but no engine answers: ` +
        failureReason(version),
    };
  // From 23 on the client needs the buildx plugin for BuildKit, and refuses to build when
  // DOCKER_BUILDKIT=1 asks for it without. https://docs.docker.com/engine/release-notes/23.0/
  const buildKit = Number.parseInt(client, 10) < 23 && environment.DOCKER_BUILDKIT !== "0";
  return {
    builder: {
      kind: "docker",
      label: `docker build ${server}`,
      environment: { DOCKER_BUILDKIT: buildKit ? "1" : "0" },
      capabilities: {
        secrets: buildKit,
        ssh: buildKit,
        buildContexts: false,
        cacheFrom: true,
        cacheTo: false,
        attestations: false,
        multiPlatform: false,
        platforms: undefined,
      },
      loginCommand: dockerLogin,
      buildCommand: (request) => ({
        command: "docker",
        arguments: dockerArguments(request, { buildKit }),
      }),
      pushCommand: ({ reference }) => ({ command: "docker", arguments: ["push", reference] }),
      pushedDigest: async (_, { stdout }) =>
        stdout.match(/digest: (sha256:[0-9a-f]{64})/)?.[1] ?? "",
    },
  };
}

/** PURE. */
function dockerArguments(
  { build, reference, secrets }: BuildRequest,
  { buildKit }: { readonly buildKit: boolean },
): readonly string[] {
  // The classic builder warns about build arguments that no ARG declares.
  const epoch = buildKit && build.epoch !== undefined ? [`SOURCE_DATE_EPOCH=${build.epoch}`] : [];
  return [
    "build",
    ...valueFlag("--progress", buildKit ? "plain" : undefined),
    "--file",
    build.dockerfile,
    "--tag",
    reference,
    ...valueFlag("--target", build.target),
    ...repeatFlag("--platform", build.platforms),
    ...repeatFlag("--build-arg", [...epoch, ...build.buildArguments]),
    ...secretFlags(secrets),
    ...repeatFlag("--ssh", build.ssh),
    ...repeatFlag("--label", build.labels),
    ...repeatFlag("--cache-from", build.cacheFrom),
    ...switchFlag("--no-cache", build.noCache),
    ...switchFlag("--pull", build.pull),
    build.context,
  ];
}

function versionsOf(stdout: string): {
  readonly client: string;
  readonly server: string | undefined;
} {
  const { Client: client, Server: server } = parseJsonObject(stdout);
  return {
    client: stringOf(objectOf(client).Version) || "?",
    server: stringOf(objectOf(server).Version),
  };
}
