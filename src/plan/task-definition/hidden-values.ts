// Removes values that may be secret from texts of AWS and Terraform, PURE.

import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { redacted } from "./diff.ts";
import { isShowable, memberPath } from "./redaction.ts";

/** Shorter values appear in any text by chance, and hiding them there would reveal them. */
const minLength = 4;

/** Longer values are not part of another word by chance. */
const maxWordLength = 8;

/**
 * All texts of a task definition that are never shown: values of variables, log options, labels,
 * commands and so on.
 */
export function secretValuesOf(definition: JsonObject): readonly string[] {
  return [...new Set(textsIn(definition, ""))].filter((text) => text.length >= minLength);
}

/** Names and keys are not values: `environment[].name` is shown with every change. */
function textsIn(value: JsonValue | undefined, path: string): readonly string[] {
  if (typeof value === "string") {
    if (isShowable(path)) return [];
    return [value];
  }
  if (Array.isArray(value))
    return value.flatMap((item) => textsIn(item, isJsonObject(item) ? `${path}[]` : path));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (/\[\]$/.test(path) && (name === "name" || name === "key")) return [];
    return textsIn(member, memberPath(path, name));
  });
}

/** @param values in plaintext; hidden wherever they appear */
export function redactValues(text: string, values: readonly string[]): string {
  return replaceAll(text, values, (spelling) => spelling);
}

/**
 * A short value may be part of a harmless word (`clock` in `clockko-backend`): it is hidden only as
 * a whole word.
 */
export function redactWholeWords(text: string, values: readonly string[]): string {
  return replaceAll(text, values, (spelling) => {
    if (spelling.length > maxWordLength) return spelling;
    const escaped = spelling.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, "g");
  });
}

/** The longest first, because one may be part of another. */
function replaceAll(
  text: string,
  values: readonly string[],
  matcherOf: (spelling: string) => string | RegExp,
): string {
  const spellings = values.flatMap(spellingsOf).toSorted((a, b) => b.length - a.length);
  return spellings.reduce((left, spelling) => left.replaceAll(matcherOf(spelling), redacted), text);
}

/**
 * The value itself, as JSON and Terraform quote it, and each of its lines, because Terraform shows
 * a text of several lines as a heredoc.
 */
function spellingsOf(value: string): readonly string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= minLength);
  return [...new Set([value, quoted, quoted.replaceAll("${", () => "$${"), ...lines])];
}
