// Which names the files declare and export, and who uses them.

import ts from "typescript";
import { importsOf, type Packages } from "./imports.ts";
import type { Source } from "./source.ts";

export interface ExportedName {
  readonly path: string;
  readonly name: string;
}

export interface UnusedExports {
  /** No other file of the repository imports it. */
  readonly byNone: readonly ExportedName[];
  /** Tests import it and nothing else does. */
  readonly onlyByTests: readonly ExportedName[];
}

/** The names that the file declares at its top level, exported or not. Imports declare none. */
export function declaredNames({ tree }: Source): readonly string[] {
  return [...new Set(tree.statements.flatMap(namesOfStatement))];
}

/** Own declarations and re-exports. */
export function exportedNames({ tree }: Source): readonly string[] {
  const names = tree.statements.flatMap((statement) => {
    if (ts.isExportAssignment(statement)) return ["default"];
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (!clause) return [];
      return ts.isNamedExports(clause)
        ? clause.elements.map(({ name }) => name.text)
        : [clause.name.text];
    }
    if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) return [];
    return hasModifier(statement, ts.SyntaxKind.DefaultKeyword)
      ? ["default"]
      : namesOfStatement(statement);
  });
  return [...new Set(names)];
}

/** Name → the files that declare it, for names of two and more files. */
export function declaredTwice(sources: readonly Source[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const source of sources)
    for (const name of declaredNames(source))
      places.set(name, [...(places.get(name) ?? []), source.path]);
  return new Map(
    [...places].filter(([, paths]) => paths.length > 1).sort(([a], [b]) => a.localeCompare(b)),
  );
}

export interface Usage {
  /** Files whose exports are looked at. */
  readonly sources: readonly Source[];
  /** Every file of the repository that may import them, themselves included. */
  readonly users: readonly Source[];
  readonly packages: Packages;
  /** Files that something outside the sources loads: their exports count as used. */
  readonly isEntry: (path: string) => boolean;
}

export function unusedExports({ sources, users, packages, isEntry }: Usage): UnusedExports {
  const tests = users.filter(({ path }) => isTest(path));
  const inTests = usesBy(tests, packages);
  const inCode = usesBy(
    users.filter((user) => !tests.includes(user)),
    packages,
  );
  const unused = sources
    .filter(({ path }) => !isEntry(path))
    .flatMap((source) => exportedNames(source).map((name) => ({ path: source.path, name })))
    .filter((exported) => !inCode(exported));
  return { byNone: unused.filter((name) => !inTests(name)), onlyByTests: unused.filter(inTests) };
}

/** Test files and what only they need. */
export function isTest(path: string): boolean {
  return /(^|\/)(__tests__|tests?|testing)\/|\.test\.ts$/.test(path);
}

function usesBy(users: readonly Source[], packages: Packages): (exported: ExportedName) => boolean {
  const imported = new Map<string, Set<string>>();
  const whole = new Set<string>();
  for (const user of users) {
    for (const { target, names } of importsOf(user, packages)) {
      if (target === user.path) continue;
      if (names === "all") whole.add(target);
      else imported.set(target, new Set([...(imported.get(target) ?? []), ...names]));
    }
  }
  return ({ path, name }) => whole.has(path) || (imported.get(path)?.has(name) ?? false);
}

function namesOfStatement(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => namesOfBinding(name));
  const isDeclaration =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement);
  return isDeclaration && statement.name ? [statement.name.text] : [];
}

function namesOfBinding(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? namesOfBinding(element.name) : [],
  );
}

function hasModifier(statement: ts.Statement, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (statement.modifiers?.some((modifier) => modifier.kind === kind) ?? false)
  );
}
