// docker/metadata-action: the tags that it makes, where its inputs say them, PURE.

import { soleExpression, stepOutputOf, wrap } from "./expressions.ts";
import type { Step } from "./source.ts";

export interface MetadataTags {
  /** References, as `images` and `tags` give them; undefined: only the action knows them. */
  readonly references: readonly string[] | undefined;
  /** The one image name; undefined: there are several. */
  readonly image: string | undefined;
}

/** @param textOf a value as it must be written where our step stands */
export function readMetadata(step: Step, textOf: (value: string) => string): MetadataTags {
  const images = linesOf(textOf(step.with.get("images") ?? ""));
  const image = images.length === 1 ? images[0]?.replace(/^name=/, "") : undefined;
  if (image === undefined || image.includes(","))
    return { references: undefined, image: undefined };
  const given = linesOf(textOf(step.with.get("tags") ?? ""));
  const tags = given.map(tagOf);
  const flavor = step.with.get("flavor") ?? "";
  if (tags.length === 0 || /prefix=|suffix=/.test(flavor)) return { references: undefined, image };
  const all = /latest=true/.test(flavor) ? [...tags, "latest"] : tags;
  if (all.some((tag) => tag === undefined)) return { references: undefined, image };
  return { references: all.map((tag) => `${image}:${tag}`), image };
}

/** The step and the output of a text that is one output of docker/metadata-action. */
export function metadataOutput(
  text: string,
  steps: readonly Step[],
): { readonly step: Step; readonly output: string } | undefined {
  const output = stepOutputOf(soleExpression(text) ?? "");
  const step = output && steps.find(({ id }) => id === output.id);
  if (step?.action !== "docker/metadata-action" || !output) return undefined;
  return { step, output: output.output };
}

/** https://github.com/docker/metadata-action#tags-input */
function tagOf(line: string): string | undefined {
  const parts = line.split(",").map((part) => part.trim());
  const attributes = new Map(
    parts.filter((part) => part.includes("=")).map((part) => part.split(/=(.*)/s, 2)) as [
      string,
      string,
    ][],
  );
  const type = attributes.get("type") ?? "raw";
  const enable = attributes.get("enable") ?? "true";
  if (enable !== "true") return undefined;
  const [prefix, suffix] = [attributes.get("prefix"), attributes.get("suffix") ?? ""];
  if (type === "raw") {
    const value = attributes.get("value") ?? (attributes.size === 0 ? line : undefined);
    return value && `${prefix ?? ""}${value}${suffix}`;
  }
  if (type === "sha" && attributes.get("format") === "long")
    return `${prefix ?? "sha-"}${wrap("github.sha")}${suffix}`;
  return undefined;
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
