// Finds the functions of a file and how many lines each of them takes.

import ts from "typescript";
import { type Source, visit } from "./source.ts";

export interface MeasuredFunction {
  /** Of the declaration, method, variable or member. A constructor has none. */
  readonly name: string | undefined;
  readonly path: string;
  /** From its first line to its last one, both counted. */
  readonly lines: number;
}

/** Every function, method, accessor and constructor that has a body. */
export function functionsIn({ path, tree }: Source): readonly MeasuredFunction[] {
  const functions: MeasuredFunction[] = [];
  visit(tree, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
    const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
    const last = tree.getLineAndCharacterOfPosition(node.end).line;
    functions.push({ name: nameOf(node), path, lines: last - first + 1 });
  });
  return functions;
}

function nameOf(node: ts.SignatureDeclaration): string | undefined {
  if (node.name) return node.name.getText();
  const { parent } = node;
  const isHeld =
    ts.isVariableDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent);
  return isHeld ? parent.name.getText() : undefined;
}
