// `permissions: id-token: write` where a step of ours assumes a role, and outputs of a job. PURE.

import { isMap, isScalar, type Pair, type YAMLMap } from "yaml";
import { type Edit, lineEnd, lineStart } from "./ranges.ts";
import { renderComments } from "./render.ts";
import type { Job, Source } from "./source.ts";

/** Nothing to add, an edit, or a comment for the step. */
export function permissionEdit(
  source: Source,
  job: Job,
): { readonly edit?: Edit | undefined; readonly remark?: string } {
  if (!job.map) return {};
  const own = job.map.get("permissions", true);
  const common = source.root.get("permissions", true);
  const given = own ?? common;
  if (isScalar(given) && given.value === "write-all") return {};
  if (isMap(given) && isWrite(given)) return {};
  if (isMap(own) && own.items.length > 0) return { edit: addTo(source, own as YAMLMap) };
  if (isScalar(given) && typeof given.value === "string")
    return { remark: `\`permissions: ${given.value}\` lacks \`id-token: write\`: add it.` };
  if (own !== undefined)
    return { remark: "The job's `permissions` lack `id-token: write`: add it." };
  if (isMap(common) && common.items.length > 0) return { edit: addTo(source, common as YAMLMap) };
  if (source.isReusable && common === undefined)
    return { remark: "The workflow that calls this one must grant `id-token: write`." };
  const isEmpty = isMap(common);
  return { edit: addBlock(source, job.map, isEmpty) };
}

function isWrite(map: YAMLMap<unknown, unknown> | unknown): boolean {
  return isMap(map) && map.get("id-token") === "write";
}

/** One more member of a map. */
function addTo(source: Source, map: YAMLMap): Edit | undefined {
  const { text } = source;
  const existing = map.items.find(({ key }) => isScalar(key) && key.value === "id-token");
  if (existing && isScalar(existing.value) && existing.value.range) {
    const [start, end] = existing.value.range;
    return { start, end, text: "write" };
  }
  const [first] = map.items;
  const at = first && isScalar(first.key) ? (first.key.range?.[0] ?? 0) : 0;
  if (map.flow) return { start: at, end: at, text: "id-token: write, " };
  const start = lineStart(text, at);
  return { start, end: start, text: `${text.slice(start, at)}id-token: write\n` };
}

function addBlock(source: Source, map: YAMLMap, isEmpty: boolean): Edit {
  const { start, indent } = keyPlace(source, map, "steps");
  const comment = isEmpty
    ? []
    : renderComments(
        ["Before, the job had the default permissions. Add those that its other steps need."],
        indent,
      );
  const lines = [
    ...comment,
    `${indent}permissions:`,
    `${indent}  id-token: write`,
    `${indent}  contents: read`,
  ];
  return { start, end: start, text: lines.map((line) => `${line}\n`).join("") };
}

/** Adds outputs to a job. */
export function outputEdit(
  source: Source,
  job: Job,
  name: string,
  value: string,
): Edit | undefined {
  if (!job.map || job.outputs.has(name)) return undefined;
  const outputs = job.map.get("outputs", true);
  if (isMap(outputs) && outputs.items.length > 0 && !outputs.flow) {
    const last = outputs.items.at(-1) as Pair;
    const [first] = outputs.items;
    const keyAt = isScalar(first?.key) ? (first.key.range?.[0] ?? 0) : 0;
    const indent = source.text.slice(lineStart(source.text, keyAt), keyAt);
    const end = isScalar(last.value) ? (last.value.range?.[1] ?? keyAt) : keyAt;
    const at = lineEnd(source.text, Math.max(end - 1, keyAt));
    return { start: at, end: at, text: `${indent}${name}: ${value}\n` };
  }
  const { start, indent } = keyPlace(source, job.map, "steps");
  return { start, end: start, text: `${indent}outputs:\n${indent}  ${name}: ${value}\n` };
}

function keyPlace(source: Source, map: YAMLMap, name: string) {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
  const at = pair && isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
  const start = lineStart(source.text, at);
  return { start, indent: source.text.slice(start, at) };
}
