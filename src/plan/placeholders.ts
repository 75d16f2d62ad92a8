// Texts that stand where a value should be, PURE: what templates leave behind when nobody has filled them in.

import { parseImageReference } from "./image.ts";

/** `<ACCOUNT>`, `${ACCOUNT}`, `$ACCOUNT`, `{{ account }}`, `__ACCOUNT__`. */
const marked = /<[A-Za-z][\w .-]*>|\$\{[^}]*\}|\$[A-Z_][A-Z0-9_]+|\{\{[^}]*\}\}|__[A-Z0-9_]+__/;

/** Words that nobody calls a real thing. */
const words = /(^|[^a-z])(replaced?|placeholder|your|change_?me|dummy)([^a-z]|$)/i;

export function isPlaceholder(text: string): boolean {
  return text.trim() === "" || marked.test(text) || words.test(text.replaceAll("_", "-"));
}

/** A container's image that cannot be pulled: a placeholder, or no reference at all (`REDIS_IMAGE`: names are in lower case). */
export function isImagePlaceholder(image: string): boolean {
  if (isPlaceholder(image)) return true;
  const { repository } = parseImageReference(image);
  const [first = "", ...rest] = repository.split("/");
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return !(isHost ? rest : [first, ...rest]).every((part) => /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(part));
}
