// Images as different builds leave them: this run's, another commit's, this commit's with other inputs, those of other tools.

import type { Simulator } from "ecs-simulator";
import { commit, type Play } from "./stage.ts";

export const revisionLabel = "org.opencontainers.image.revision";
export const buildInputsLabel = "io.github.deploy-ecs.build-inputs";
export const otherCommit = "1111111111111111111111111111111111111111";

/** What the default inputs of the stage leave in the image's label. */
export function buildInputsIn({ dockerCommands }: Play): string {
  return dockerCommands.join("\n").match(/build-inputs=(\S+)/)?.[1] ?? "";
}

export const origins = [
  "ours",
  "another commit",
  "another commit, short, by another tool",
  "other build inputs",
  "this commit, by another tool",
  "build inputs, no commit",
  "no labels",
] as const;

export type Origin = (typeof origins)[number];

export function isOther(origin: Origin): boolean {
  return origin.startsWith("another") || origin === "other build inputs";
}

/** @param buildInputs those of this run */
export function labelsOf(origin: Origin, buildInputs: string): Readonly<Record<string, string>> {
  switch (origin) {
    case "ours":
      return { [revisionLabel]: commit, [buildInputsLabel]: buildInputs };
    case "another commit":
      return { [revisionLabel]: otherCommit, [buildInputsLabel]: buildInputs };
    case "another commit, short, by another tool":
      return { [revisionLabel]: otherCommit.slice(0, 8) };
    case "other build inputs":
      return {
        [revisionLabel]: commit,
        [buildInputsLabel]: `build-args:${"0".repeat(16)},${buildInputs}`,
      };
    case "this commit, by another tool":
      return { [revisionLabel]: commit };
    case "build inputs, no commit":
      return { [buildInputsLabel]: buildInputs };
    case "no labels":
      return {};
  }
}

/** Puts an image with these labels, its content made of `content`; answers its digest. */
export function putLabelled(
  simulator: Simulator,
  tags: readonly string[],
  labels: Readonly<Record<string, string>>,
  content = "theirs",
): string {
  const config = { config: { Labels: labels } };
  return simulator.ecr.repositories.putImage("clockko-backend", {
    tags,
    layers: [content],
    config,
  });
}
