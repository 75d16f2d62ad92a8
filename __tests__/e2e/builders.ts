// The builders that this machine has. buildx and buildkitd are those of script/builders (DEPLOY_ECS_BUILDERS), else the machine's own.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineAnswers } from "./busybox-image.ts";

export interface BuilderUnderTest {
  readonly name: string;
  readonly input: string;
  /** Why its tests are skipped. */
  readonly missing?: string;
  /** Building from nothing gives the same digest; with the others it takes the cache (buildah writes random ids into the config). */
  readonly reproducible: boolean;
  readonly secrets: boolean;
  readonly attestations?: true;
  /** What the job would have; `home` is empty. */
  readonly open: (
    home: string,
  ) => Promise<{ readonly environment: Record<string, string>; close(): void }>;
}

const tools = process.env["DEPLOY_ECS_BUILDERS"] ?? "";
const buildx = [join(tools, "buildx"), "/usr/libexec/docker/cli-plugins/docker-buildx"].find(
  (path) => existsSync(path),
);
const buildkitd = [join(tools, "buildkitd"), "/usr/bin/buildkitd"].find((path) => existsSync(path));
const hasBuildah = spawnSync("buildah", ["--version"]).status === 0;

export const buildersUnderTest: readonly BuilderUnderTest[] = [
  {
    name: "docker build",
    input: "docker",
    reproducible: false,
    secrets: false,
    ...(!engineAnswers() && { missing: "no engine" }),
    open: async () => ({ environment: {}, close() {} }),
  },
  {
    name: "docker buildx, the engine's BuildKit",
    input: "buildx",
    reproducible: false,
    secrets: true,
    ...(!(buildx && engineAnswers()) && { missing: "no buildx" }),
    async open(home) {
      return { environment: { DOCKER_CONFIG: withPlugin(home) }, close() {} };
    },
  },
  {
    name: "docker buildx, BuildKit of its own",
    input: "own-buildkit",
    attestations: true,
    reproducible: true,
    secrets: true,
    ...(!(buildx && buildkitd) && { missing: "no buildx or no buildkitd" }),
    open: openBuildKit,
  },
  {
    name: "buildah",
    input: "buildah",
    reproducible: false,
    secrets: true,
    ...(!hasBuildah && { missing: "no buildah" }),
    async open() {
      const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-buildah-"));
      const storage = join(folder, "storage.conf");
      writeFileSync(
        storage,
        `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`,
      );
      return {
        environment: { CONTAINERS_STORAGE_CONF: storage, BUILDAH_ISOLATION: "chroot" },
        close: () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  },
];

function withPlugin(home: string): string {
  const config = join(home, ".docker");
  mkdirSync(join(config, "cli-plugins"), { recursive: true });
  symlinkSync(buildx ?? "", join(config, "cli-plugins", "docker-buildx"));
  return config;
}

/** A buildkitd of ours, and a builder of that name in the user's own configuration. */
async function openBuildKit(home: string) {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-buildkit-"));
  const address = `unix://${folder}/socket`;
  const daemon = spawn(
    buildkitd ?? "",
    [
      "--addr",
      address,
      "--root",
      join(folder, "root"),
      "--oci-worker-snapshotter=native",
      "--oci-worker-net=host",
      "--containerd-worker=false",
    ],
    { stdio: "ignore" },
  );
  const environment = { DOCKER_CONFIG: withPlugin(home) };
  const env = { ...process.env, ...environment };
  spawnSync(
    "docker",
    ["buildx", "create", "--name", "own-buildkit", "--driver", "remote", address],
    { env },
  );
  for (let tries = 0; tries < 100 && !existsSync(join(folder, "socket")); tries++)
    await new Promise((resume) => setTimeout(resume, 100));
  return { environment, close: () => end(daemon, folder) };
}

function end(daemon: ChildProcess, folder: string): void {
  daemon.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  daemon.kill("SIGTERM");
}
