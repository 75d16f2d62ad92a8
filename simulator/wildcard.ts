// Patterns with `*` (any run of characters) and `?` (any one), as IAM spells them.

export function wildcard(pattern: string, flags = ""): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`);
}
