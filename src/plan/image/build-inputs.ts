// A fingerprint of the inputs, besides the commit, from which an image is built; its labels contain
// it. PURE.

import { createHash } from "node:crypto";
import type { BuildLabels, ObservedCommit } from "../../ecs/observed.ts";
import { dockerfilePath } from "../../inputs/read.ts";
import type { Inputs } from "../../inputs/schema.ts";
import { type JsonObject, stringOf } from "../../json.ts";

/** The image's label that holds the fingerprint. docs/image-tags.md */
export const buildInputsLabel = "io.github.deploy-ecs.build-inputs";

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export const revisionLabel = "org.opencontainers.image.revision";

/** The commit's time, unless the input `labels` sets it: docker/metadata-action's is the build's. */
export const createdLabel = "org.opencontainers.image.created";

/** The commit's time where `createdLabel` holds another time. */
export const commitTimeLabel = "io.github.deploy-ecs.commit-time";

const ociLabels = "org.opencontainers.image.";

/** What the labels of an image's config say of its build. */
export function buildLabelsOf(labels: JsonObject): BuildLabels {
  const buildInputs = stringOf(labels[buildInputsLabel]) || undefined;
  // `created` of an image that another tool built is the time of its build.
  const created = buildInputs === undefined ? undefined : labels[createdLabel];
  const milliseconds = Date.parse(stringOf(labels[commitTimeLabel] ?? created) ?? "");
  return {
    revision: stringOf(labels[revisionLabel]) || undefined,
    buildInputs,
    commitTime: Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000),
  };
}

/** Seconds since the Unix epoch as the labels have them: `2026-11-28T06:30:00Z`. */
export function formatCommitTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/**
 * The inputs that make a different image of the same commit:
 * `build-args:9f86d081884c7d65,context:…`, one hash for each input that is set, so that a
 * difference can be named. Secrets and SSH keys are included by name only. Builder, cache and
 * attestations are not included; nor are the labels that only describe an image, because `created`
 * among them may be the time of the run.
 */
export function fingerprintBuildInputs(
  inputs: Inputs,
  { commit, platforms }: { readonly commit: ObservedCommit; readonly platforms: readonly string[] },
): string {
  const inWorkspace = (path: string) => relativePath(path, commit.workspace);
  const values: Readonly<Record<string, string | readonly string[]>> = {
    "build-args": sortByName(inputs.buildArgs),
    "build-contexts": sortByName(inputs.buildContexts).map((line) => {
      const [name = "", path = ""] = splitNameValue(line);
      return `${name}=${inWorkspace(path)}`;
    }),
    "build-secrets": inputs.buildSecrets.map(({ id }) => id).toSorted(),
    // If the user sets the revision label, it does not identify the commit.
    commit: labelValue(inputs.labels, revisionLabel) === undefined ? "" : commit.sha,
    context: inWorkspace(inputs.context),
    file: inWorkspace(dockerfilePath(inputs)),
    labels: sortByName(inputs.labels).filter(
      (line) => !line.startsWith(ociLabels) && splitNameValue(line)[0] !== buildInputsLabel,
    ),
    platforms: [...new Set(platforms)].toSorted(),
    ssh: inputs.ssh.map((line) => splitNameValue(line)[0] ?? "").toSorted(),
    target: inputs.target ?? "",
  };
  return Object.entries(values)
    .filter(([, value]) => value.length > 0)
    .map(([name, value]) => `${name}:${shortHash(value)}`)
    .join(",");
}

/** The inputs in which two fingerprints differ; empty where one of them cannot be read. */
export function differingInputs(a: string, b: string): readonly string[] {
  const [left, right] = [parseFingerprint(a), parseFingerprint(b)];
  if (!left || !right) return [];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name) !== right.get(name))
    .toSorted();
}

export function labelValue(labels: readonly string[], name: string): string | undefined {
  return labels.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
}

function parseFingerprint(fingerprint: string): ReadonlyMap<string, string> | undefined {
  const entries = fingerprint.split(",").map((entry) => entry.match(/^([a-z-]+):([0-9a-f]{16})$/));
  if (entries.includes(null)) return undefined;
  return new Map(entries.map((entry) => [entry?.[1] ?? "", entry?.[2] ?? ""]));
}

function shortHash(value: string | readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/**
 * `NAME=value` lines sorted by name; if a name is given twice, the last one counts, as it does for
 * builders.
 */
function sortByName(lines: readonly string[]): readonly string[] {
  return [...new Map(lines.map((line) => [splitNameValue(line)[0], line])).values()].toSorted();
}

function splitNameValue(line: string): readonly string[] {
  const at = line.indexOf("=");
  if (at < 0) return [line];
  return [line.slice(0, at), line.slice(at + 1)];
}

/**
 * The same folder has the same name on every runner: `./app/`, `/home/runner/work/shop/shop/app` →
 * `app`.
 */
function relativePath(path: string, workspace: string | undefined): string {
  const inside = workspace && (path === workspace || path.startsWith(`${workspace}/`));
  const parts = (inside ? path.slice(workspace.length + 1) : path).split("/");
  const kept = parts.filter(
    (part, at) => part !== "." && (part !== "" || (at === 0 && parts.length > 1 && !inside)),
  );
  return kept.join("/") || (path.startsWith("/") && !inside ? "/" : ".");
}
