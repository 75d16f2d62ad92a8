// Patterns with `*` (any number of characters) and `?` (any one), as in IAM.

const known = new Map<string, RegExp>();

/** Cached: policies use the same few patterns for every call. */
export function wildcard(pattern: string, flags: "" | "i" = ""): RegExp {
  const key = `${flags}/${pattern}`;
  const expression = known.get(key) ?? compile(pattern, flags);
  known.set(key, expression);
  return expression;
}

function compile(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`);
}
