// A plan's text without what nobody may read, PURE.

const hidden = "(hidden)";

/** @param values sensitive ones, as they are */
export function redact(text: string, values: readonly string[]): string {
  return withoutEnvironmentValues(withoutSecrets(text, values));
}

/** What Terraform prints beside its plans: its errors, for one, hold sensitive commands and their output in clear text. */
export function withoutSecrets(text: string, values: readonly string[]): string {
  const spellings = values.flatMap(spellingsOf).toSorted((one, other) => other.length - one.length);
  return spellings.reduce((left, spelling) => left.replaceAll(spelling, hidden), text);
}

const valueLine = /^(\s*(?:[-+~]\s*)?)(value\s*=\s)/;

/**
 * `+ value = "…"` of an environment variable, whatever its name: values of variables are never told, as in ECS mode. A text of several
 * lines and one that is JSON go on below it, further to the right, and end where the name began: `EOT`, `)`.
 */
function withoutEnvironmentValues(text: string): string {
  let column: number | undefined;
  const told = text.split("\n").flatMap((line) => {
    if (column !== undefined) {
      const indent = line.search(/\S/);
      if (indent < 0 || indent > column) return [];
      const closes = indent === column && /^\s*([)\]}]|EOT\b)/.test(line);
      if (!closes) column = undefined;
      if (closes) return [];
    }
    const [, margin, name] = line.match(valueLine) ?? [];
    if (margin === undefined || name === undefined) return [line];
    column = margin.length;
    return [`${margin}${name}${hidden}`];
  });
  return told.join("\n");
}

/** As it is, as Terraform quotes it, and each of its lines, for a text of several lines is shown as a heredoc. */
function spellingsOf(value: string): readonly string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= 4);
  return [...new Set([value, quoted, quoted.replaceAll("${", () => "$${"), ...lines])];
}
