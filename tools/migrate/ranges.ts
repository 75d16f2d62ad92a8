// Changes of a text by ranges of it, PURE: whatever no edit names stays byte for byte.

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Edit extends Range {
  readonly text: string;
}

/**
 * Applies edits that do not overlap. Insertions at one place are applied in the given order.
 * @throws Error if two edits overlap, which is a mistake of the caller
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const inOrder = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let at = 0;
  for (const edit of inOrder) {
    if (edit.start < at) throw new Error(`two edits overlap at ${edit.start}`);
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** The beginning of the line that has this offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The offset after the end of the line that has this offset, its line break included. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  if (at < 0) return text.length;
  return at + 1;
}

/** The line break that a text uses. */
export function lineBreakOf(text: string): "\n" | "\r\n" {
  if (/\r\n/.test(text)) return "\r\n";
  return "\n";
}
