// A plan's text without what nobody may read, PURE.

const hidden = "(hidden)";

/** `+ value = "…"` of an environment variable, whatever its name: values of variables are never told, as in ECS mode. */
const valueLine = /^(\s*[-+~]?\s*value\s*=\s).*$/gm;

/** @param values sensitive ones, as they are */
export function redact(text: string, values: readonly string[]): string {
  const spellings = values.flatMap(spellingsOf).toSorted((one, other) => other.length - one.length);
  return spellings
    .reduce((left, spelling) => left.replaceAll(spelling, hidden), text)
    .replace(valueLine, `$1${hidden}`);
}

/** As it is, as Terraform quotes it, and each of its lines, for a text of several lines is shown as a heredoc. */
function spellingsOf(value: string): readonly string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= 4);
  return [...new Set([value, quoted, quoted.replaceAll("${", () => "$${"), ...lines])];
}
