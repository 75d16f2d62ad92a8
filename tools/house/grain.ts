// Counts the expressions that make a text hard to read.

import ts from "typescript";
import { type Source, visit, withoutParentheses } from "./source.ts";

export interface Grain {
  /** `a ? b : c` */
  readonly ternaries: number;
  /** Ternaries within another ternary of the same function. */
  readonly nestedTernaries: number;
  /** Template strings within `${…}` of another one. */
  readonly nestedTemplates: number;
  /** `...(a && { b })` and `...(a ? { b } : {})` in objects. */
  readonly conditionalSpreads: number;
  /** `...(a ? [b] : [])` in lists and arguments. */
  readonly conditionalListSpreads: number;
  /** `...{ a, b }` within an object. */
  readonly literalSpreads: number;
}

export function grainOf({ tree }: Source): Grain {
  const grain = {
    ternaries: 0,
    nestedTernaries: 0,
    nestedTemplates: 0,
    conditionalSpreads: 0,
    conditionalListSpreads: 0,
    literalSpreads: 0,
  };
  visit(tree, (node) => {
    grain.ternaries += Number(ts.isConditionalExpression(node));
    grain.nestedTernaries += Number(isNestedTernary(node));
    grain.nestedTemplates += Number(isNestedTemplate(node));
    grain.conditionalSpreads += Number(
      ts.isSpreadAssignment(node) && isConditional(node.expression),
    );
    grain.conditionalListSpreads += Number(
      ts.isSpreadElement(node) && isConditional(node.expression),
    );
    grain.literalSpreads += Number(isLiteralSpread(node));
  });
  return grain;
}

function isNestedTernary(node: ts.Node): boolean {
  if (!ts.isConditionalExpression(node)) return false;
  const holder = ts.findAncestor(
    node.parent,
    (above) => ts.isConditionalExpression(above) || ts.isFunctionLike(above),
  );
  return holder !== undefined && ts.isConditionalExpression(holder);
}

function isNestedTemplate(node: ts.Node): boolean {
  if (!ts.isTemplateExpression(node) && !ts.isNoSubstitutionTemplateLiteral(node)) return false;
  return ts.findAncestor(node.parent, ts.isTemplateSpan) !== undefined;
}

function isConditional(expression: ts.Expression): boolean {
  const value = withoutParentheses(expression);
  if (ts.isConditionalExpression(value)) return true;
  return (
    ts.isBinaryExpression(value) &&
    value.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
  );
}

function isLiteralSpread(node: ts.Node): boolean {
  return (
    ts.isSpreadAssignment(node) && ts.isObjectLiteralExpression(withoutParentheses(node.expression))
  );
}
