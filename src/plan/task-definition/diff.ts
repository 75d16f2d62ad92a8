// What differs between two task definitions, member by member, PURE. Values that may be secret are
// never shown.

import { isJsonObject, type JsonObject, type JsonValue, stringOf } from "../../json.ts";
import { normalizeTaskDefinition } from "./normalize.ts";
import { isShowable, memberPath } from "./redaction.ts";

/** One member that changes. Shown in log and summary. */
export interface Change {
  /** `containerDefinitions[app].image` */
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export const noValue = "(none)";
/** Stands for a value that may be secret. */
export const redacted = "(hidden)";

/** [] if ECS would treat both alike. */
export function diffTaskDefinitions(before: JsonObject, after: JsonObject): readonly Change[] {
  return diffMembers(normalizeTaskDefinition(before), normalizeTaskDefinition(after));
}

export function diffMembers(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly Change[] {
  const [from, to] = [leavesOf(before), leavesOf(after)];
  const paths = [...from.keys(), ...[...to.keys()].filter((path) => !from.has(path))];
  return paths
    .filter((path) => from.get(path) !== to.get(path))
    .map((path) => ({
      path,
      from: formatLeaf(path, from.get(path)),
      to: formatLeaf(path, to.get(path)),
    }));
}

function formatLeaf(path: string, leaf: string | undefined): string {
  if (leaf === undefined) return noValue;
  if (isShowable(path)) return leaf;
  return redacted;
}

function leavesOf(value: JsonValue | undefined): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  collect(value, "", leaves);
  return leaves;
}

function collect(value: JsonValue | undefined, path: string, leaves: Map<string, string>): void {
  if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value))
      collect(member, memberPath(path, name), leaves);
    return;
  }
  if (Array.isArray(value) && value.some(isJsonObject)) {
    for (const [index, item] of value.entries())
      collectItem(item, `${path}[${itemKey(path, item, index)}]`, leaves);
    return;
  }
  leaves.set(path, typeof value === "string" ? value : JSON.stringify(value));
}

/** A variable, a secret or a tag is one leaf: its name is in the path, its value is the leaf. */
function collectItem(item: JsonValue, path: string, leaves: Map<string, string>): void {
  if (!isJsonObject(item)) return collect(item, path, leaves);
  const { name: _name, key: _key, value, valueFrom, ...others } = item;
  const single = value ?? valueFrom;
  const isPair = single !== undefined && Object.keys(others).length === 0;
  if (isPair) leaves.set(path, typeof single === "string" ? single : JSON.stringify(single));
  else collect(item, path, leaves);
}

/** Named items are matched by name, so that a shifted list is no change. */
function itemKey(path: string, item: JsonValue, index: number): string {
  const named =
    /(^|\.)(containerDefinitions|environment|secrets|volumes|tags)$/.test(path) &&
    isJsonObject(item);
  return (named && (stringOf(item.name) ?? stringOf(item.key))) || String(index);
}
