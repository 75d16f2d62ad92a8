// Counts lines: all, those that hold only a comment, and those that are too long.

import ts from "typescript";
import type { Source } from "./source.ts";

const longestLine = 100;

/** A line feed ends a line, as `wc -l` counts. */
export function countLines(text: string): number {
  return linesOf(text).length;
}

/** Lines of more than 100 columns. */
export function countLongLines(text: string): number {
  return linesOf(text).filter((line) => line.length > longestLine).length;
}

/** Lines that hold a comment, or a part of one, and no code before it. */
export function countCommentLines({ text, tree }: Source): number {
  const lines = new Set<number>();
  const add = ({ pos, end }: ts.CommentRange) => {
    const first = tree.getLineAndCharacterOfPosition(pos);
    const last = tree.getLineAndCharacterOfPosition(end).line;
    const start = tree.getPositionOfLineAndCharacter(first.line, 0);
    const isAfterCode = text.slice(start, pos).trim() !== "";
    for (let line = first.line + Number(isAfterCode); line <= last; line++) lines.add(line);
  };
  const walk = (node: ts.Node) => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(tree);
    if (children.length === 0) {
      ts.forEachLeadingCommentRange(text, node.pos, (pos, end, kind) => add({ pos, end, kind }));
      ts.forEachTrailingCommentRange(text, node.end, (pos, end, kind) => add({ pos, end, kind }));
    }
    children.forEach(walk);
  };
  walk(tree);
  return lines.size;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
