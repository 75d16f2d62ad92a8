// Which names a file takes from which other file, types and re-exports included.

import { posix } from "node:path";
import ts from "typescript";
import { type Source, visit } from "./source.ts";

export interface Import {
  /** A path from the root for a file of the repository, else the package as it is written. */
  readonly target: string;
  /**
   * The names as the target exports them; `all` where they cannot be listed
   * (`export *`, a module that is passed as a value).
   */
  readonly names: ReadonlySet<string> | "all";
}

/** Specifier of a package of this repository → path of the file that it stands for. */
export type Packages = ReadonlyMap<string, string>;

const noPackages: Packages = new Map();

/** Static and dynamic imports, re-exports, and `import("…")` in types. */
export function importsOf(source: Source, packages: Packages = noPackages): readonly Import[] {
  const imports: Import[] = [];
  visit(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    const target = text.startsWith(".")
      ? posix.join(posix.dirname(source.path), text)
      : (packages.get(text) ?? text);
    imports.push({ target, names: namesOf(node, source) });
  });
  return imports;
}

/** How many import declarations stand in the file. */
export function countImports({ tree }: Source): number {
  return tree.statements.filter(ts.isImportDeclaration).length;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  const isDynamic =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isDynamic ? node.arguments[0] : undefined;
}

function namesOf(node: ts.Node, source: Source): Import["names"] {
  if (ts.isImportDeclaration(node)) return namesOfClause(node.importClause, source);
  if (ts.isExportDeclaration(node)) {
    const clause = node.exportClause;
    return clause && ts.isNamedExports(clause) ? namesOfElements(clause.elements) : "all";
  }
  if (ts.isImportTypeNode(node))
    return node.qualifier ? new Set([firstName(node.qualifier)]) : "all";
  return namesOfDynamicImport(node);
}

function namesOfClause(clause: ts.ImportClause | undefined, source: Source): Import["names"] {
  const names = new Set<string>(clause?.name ? ["default"] : []);
  const bindings = clause?.namedBindings;
  if (!bindings) return names;
  if (ts.isNamespaceImport(bindings)) return membersOf(bindings.name, source);
  return new Set([...names, ...namesOfElements(bindings.elements)]);
}

function namesOfElements(elements: readonly ts.ImportOrExportSpecifier[]): ReadonlySet<string> {
  return new Set(elements.map(({ name, propertyName }) => (propertyName ?? name).text));
}

/** `const { a } = await import("…")` takes `a`; any other use of the module may take all. */
function namesOfDynamicImport(call: ts.Node): Import["names"] {
  const awaited = call.parent;
  if (!ts.isAwaitExpression(awaited) || !ts.isVariableDeclaration(awaited.parent)) return "all";
  const { name } = awaited.parent;
  if (!ts.isObjectBindingPattern(name)) return "all";
  return new Set(name.elements.map((element) => (element.propertyName ?? element.name).getText()));
}

/** The members that a file takes from a module that it imports as a whole. */
function membersOf(module: ts.Identifier, { tree }: Source): Import["names"] {
  const names = new Set<string>();
  let isPassedOn = false;
  visit(tree, (node) => {
    if (!ts.isIdentifier(node) || node.text !== module.text || node === module) return;
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node)
      names.add(parent.name.text);
    else if (ts.isQualifiedName(parent) && parent.left === node) names.add(parent.right.text);
    else if (!isNameOfMember(node)) isPassedOn = true;
  });
  return isPassedOn ? "all" : names;
}

function isNameOfMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) &&
    parent.name === node
  );
}

function firstName(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : firstName(name.left);
}
