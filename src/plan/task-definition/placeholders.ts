// Placeholders where a value should be, PURE: template text that was never replaced.

import { type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { parseImageReference } from "../image/image.ts";
import { itemPath } from "./redaction.ts";

/**
 * `<ACCOUNT>`, `${ACCOUNT}`, `$ACCOUNT`, `{{ account }}`, `__ACCOUNT__`, `%ACCOUNT%`, `#{ACCOUNT}`,
 * `@ACCOUNT@`. Each has a maximum length, so no text makes it slow.
 */
const templateText =
  /<[A-Za-z][\w .-]{0,100}>|\$\{[^{}]{0,100}\}|\$[A-Z_][A-Z0-9_]{1,100}|\{\{[^{}]{0,100}\}\}|__[A-Z0-9_]{1,100}__|%[A-Z][A-Z0-9_]{1,100}%|#\{[^{}]{0,100}\}|@[A-Z][A-Z0-9_]{1,100}@/;

/** Words that stand for a name which is not known yet. */
const placeholderWords = /(^|[^a-z])(replaced?|placeholder|your|change_?me|dummy)([^a-z]|$)/i;

/**
 * `arn:aws:secretsmanager:eu-west-1:123456789012:secret:find-your-way`, `/dummy/db`: these are
 * valid names, even if they contain such a word.
 */
const wellFormed = /^(arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{12}:\S+|\/[\w.@/-]+)$/;

export function isTemplate(text: string): boolean {
  return templateText.test(text);
}

/**
 * Template text, or a word like `REPLACE_ME` or `your-secret-arn` instead of a name; not a valid
 * name that contains such a word by chance.
 */
export function isPlaceholder(text: string): boolean {
  if (text.trim() === "" || isTemplate(text)) return true;
  if (wellFormed.test(text) || !placeholderWords.test(text.replaceAll("_", "-"))) return false;
  return text === text.toUpperCase() || /(^|[^a-z])arn([^a-z]|$)/i.test(text) || /\s/.test(text);
}

/**
 * A container's image that cannot be pulled: a placeholder, or no valid reference (`REDIS_IMAGE`:
 * names are in lower case).
 */
export function isImagePlaceholder(image: string): boolean {
  if (image.trim() === "" || isTemplate(image)) return true;
  const { repository } = parseImageReference(image);
  const [first = "", ...rest] = repository.split("/");
  // Without a slash it would be one of Docker's official images, and none of them has such a name.
  if (rest.length === 0 && placeholderWords.test(first.replaceAll("_", "-"))) return true;
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return !(isHost ? rest : [first, ...rest]).every((part) =>
    /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(part),
  );
}

export interface UnresolvedTemplate {
  /** `containerDefinitions[app].environment[DB_HOST]` */
  readonly path: string;
  /** Only the template text, never the text around it. */
  readonly text: string;
}

/**
 * Template text that is unlikely to be a real value: `<b>` in a text, `$2b$10$` of a hash and `%d`
 * of a format are real values, so angle brackets and a bare `$NAME` must be the whole value, or in
 * capitals.
 */
const templateInValue =
  /^<[A-Za-z][\w .-]{0,100}>$|^\$[A-Z_][A-Z0-9_]{1,100}$|<[A-Z][A-Z0-9_]{1,100}>|\$\{[A-Za-z_][\w.-]{0,100}\}|\{\{[^{}\n]{1,100}\}\}|__[A-Z][A-Z0-9_]{0,100}__|%[A-Z][A-Z0-9_]{1,100}%|#\{[A-Za-z_][\w.-]{0,100}\}|@[A-Z][A-Z0-9_]{1,100}@/;

/** Variables whose value still has template text, with the first one of each. */
export function findUnresolvedTemplates(definition: JsonObject): readonly UnresolvedTemplate[] {
  return objectsOf(definition.containerDefinitions).flatMap((container, index) => {
    const list = `${itemPath("containerDefinitions", container, index)}.environment`;
    return objectsOf(container.environment).flatMap((variable, place) => {
      const text = templateInValue.exec(stringOf(variable.value) ?? "")?.[0];
      if (text === undefined) return [];
      return [{ path: itemPath(list, variable, place), text }];
    });
  });
}
