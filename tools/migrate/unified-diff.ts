// Two texts → a unified diff that `patch` and `git apply` accept, PURE.

const contextLines = 3;

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** "" if both texts are the same. The path is the file's, relative to the folder to patch in. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = comparedLines(linesOf(before), linesOf(after));
  const hunks = hunkRanges(lines).map(([from, to]) => hunk(lines, from, to));
  return [`--- a/${path}\n`, `+++ b/${path}\n`, ...hunks].join("");
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** By the longest common subsequence, after the common beginning and end are set aside. */
function comparedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (texts: readonly string[]) => texts.map((text) => ({ mark: " ", text }) as const);
  return [
    ...same(before.slice(0, head)),
    ...middleLines(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...same(before.slice(before.length - tail)),
  ];
}

function middleLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lengths = commonLengths(before, after);
  const lengthAt = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ mark: " ", text: old });
      i++;
      j++;
    } else if (
      fresh === undefined ||
      (old !== undefined && lengthAt(i + 1, j) >= lengthAt(i, j + 1))
    ) {
      lines.push({ mark: "-", text: old ?? "" });
      i++;
    } else {
      lines.push({ mark: "+", text: fresh });
      j++;
    }
  }
  return lines;
}

/** `[i][j]`: how many lines before[i…] and after[j…] have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i] ?? [];
      const below = lengths[i + 1] ?? [];
      row[j] =
        before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  return lengths;
}

/** Ranges of lines around each change; changes whose context touches are one range. */
function hunkRanges(lines: readonly Line[]): readonly (readonly [from: number, to: number])[] {
  const ranges: [number, number][] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === " ") continue;
    const from = Math.max(0, index - contextLines);
    const to = Math.min(lines.length, index + contextLines + 1);
    const last = ranges.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges;
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const inside = lines.slice(from, to);
  const ofBefore = place(lines, from, inside, "+");
  const ofAfter = place(lines, from, inside, "-");
  const body = inside.map(({ mark, text }) =>
    text.endsWith("\n") ? mark + text : `${mark}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${ofBefore} +${ofAfter} @@\n${body.join("")}`;
}

/** `first,count` of a hunk on one side: the lines of the other side do not count. */
function place(
  lines: readonly Line[],
  from: number,
  inside: readonly Line[],
  other: Line["mark"],
): string {
  const earlier = lines.slice(0, from).filter(({ mark }) => mark !== other).length;
  const count = inside.filter(({ mark }) => mark !== other).length;
  if (count === 0) return `${earlier},0`;
  return `${earlier + 1},${count}`;
}
