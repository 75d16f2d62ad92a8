// A Docker image for tests, made without a registry: one static busybox under the names that the tests use.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAMS = ["sh", "echo", "env", "httpd", "sleep", "tail", "true", "false", "wget", "kill"];

export function engineAnswers(): boolean {
  return spawnSync("docker", ["version"]).status === 0;
}

/** Puts the image into the engine; it has no entrypoint and no command. Architecture: as Docker spells it, e.g. `arm64`. */
export function loadBusybox(
  tag: string,
  architecture: string = process.arch === "x64" ? "amd64" : process.arch,
): void {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-image-"));
  try {
    const bin = join(folder, "root", "bin");
    mkdirSync(bin, { recursive: true });
    must(spawnSync("examples/hello/prepare", [bin]));
    for (const name of PROGRAMS) symlinkSync("busybox", join(bin, name));
    const layer = join(folder, "layer.tar");
    must(spawnSync("tar", ["-C", join(folder, "root"), "-cf", layer, "."]));
    const diff = createHash("sha256").update(readFileSync(layer)).digest("hex");
    const config = {
      architecture,
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [`sha256:${diff}`] },
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    const manifest = [{ Config: "config.json", RepoTags: [tag], Layers: ["layer.tar"] }];
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    const image = join(folder, "image.tar");
    must(
      spawnSync("tar", ["-C", folder, "-cf", image, "manifest.json", "config.json", "layer.tar"]),
    );
    must(spawnSync("docker", ["load", "--quiet", "--input", image]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function removeImages(...tags: string[]): void {
  spawnSync("docker", ["rmi", "--force", ...tags]);
}

function must({ status, stderr, error }: SpawnSyncReturns<Buffer>): void {
  if (status !== 0) throw new Error(error?.message ?? stderr.toString());
}
