// Reads our own sources the way a compiler does, for the tests that hold the code to its own rules.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, resolve } from "node:path";
import ts from "typescript";

export const root = resolve(import.meta.dirname, "../..");

/** Path from the root, with forward slashes → text. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** A path from the root for one of our own modules, else the name of the package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function readSources(folder: string): Sources {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".ts"),
  );
  const paths = files.map(({ parentPath, name }) =>
    relative(root, join(parentPath, name)).replaceAll("\\", "/"),
  );
  return new Map(paths.sort().map((path) => [path, readText(path)]));
}

export function importsOf(path: string, text: string): readonly Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const name = specifier.text;
    imports.push({
      target: name.startsWith(".") ? posix.join(posix.dirname(path), name) : name,
      typeOnly,
    });
  };
  visit(path, text, (node) => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, isTypeOnlyImport(node.importClause));
    else if (ts.isExportDeclaration(node))
      add(node.moduleSpecifier, node.isTypeOnly || isTypeOnly(node.exportClause));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
  });
  return imports;
}

/** The names after `throw new`. */
export function thrownClasses(path: string, text: string): readonly string[] {
  const names: string[] = [];
  visit(path, text, (node) => {
    if (ts.isThrowStatement(node) && ts.isNewExpression(node.expression))
      names.push(node.expression.expression.getText());
  });
  return names;
}

/** Every identifier, and every text that could be a name. */
export function namesIn(path: string, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  visit(path, text, (node) => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) names.add(node.text);
  });
  return names;
}

function visit(path: string, text: string, look: (node: ts.Node) => void): void {
  const walk = (node: ts.Node) => {
    look(node);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  return (
    clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
    (!clause.name && isTypeOnly(clause.namedBindings))
  );
}

function isTypeOnly(names: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (!names || ts.isNamespaceImport(names) || ts.isNamespaceExport(names)) return false;
  return names.elements.every((element) => element.isTypeOnly);
}
