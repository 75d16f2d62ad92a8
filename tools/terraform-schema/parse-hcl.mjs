// Terraform's language → JSON: {path: text} on stdin, {path: {config, expressions} or {error}} on stdout. A program of its own, in
// plain JavaScript: the parser is Go in WebAssembly, which now and then hangs on Node 24, so it runs on whichever Node is at hand.

import { readFileSync, writeSync } from "node:fs";
import hcl from "@cdktf/hcl2json";

const parsed = {};
for (const [path, text] of Object.entries(JSON.parse(readFileSync(0, "utf8"))))
  parsed[path] = await parse(path, text);
const bytes = Buffer.from(JSON.stringify(parsed));
for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
process.exit(0); // The Go program would wait for ever.

async function parse(path, text) {
  try {
    const config = await hcl.parse(path, text);
    const uses = [];
    for (const { at, template } of templatesIn(config, []))
      uses.push(...usesIn(await treeOf(path, template), []).map((use) => ({ at, ...use })));
    return { config, uses };
  } catch (error) {
    return { error: error.message };
  }
}

/** Every text with an expression in it, and where it stands. */
function templatesIn(node, at) {
  if (typeof node === "string") return /[$%]\{/.test(node) ? [{ at, template: node }] : [];
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...templatesIn(key, [...at, key]), // An object's keys are expressions too.
    ...templatesIn(value, [...at, key]),
  ]);
}

// As a heredoc, in which nothing needs to be escaped.
function treeOf(path, template) {
  return hcl.getExpressionAst(path, `<<TEMPLATE\n${template}\nTEMPLATE\n`);
}

/** What an expression reads, `{steps: ["aws_subnet", "private", "[]", "id"]}`, and calls, `{call: "jsonencode"}`. */
function usesIn(node, bound) {
  if (!node) return [];
  const { type, meta, children } = node;
  const names = type === "for" ? [...bound, meta.keyVar, meta.valVar] : bound;
  if (type === "function")
    return [{ call: meta.name }, ...children.flatMap((child) => usesIn(child, names))];
  const steps = stepsOf(node);
  if (!steps) return children.flatMap((child) => usesIn(child, names));
  const inBrackets = bracketsOf(node).flatMap((child) => usesIn(child, names));
  return names.includes(steps[0]) ? inBrackets : [{ steps }, ...inBrackets];
}

/** The path that a chain of names, [index] and [*] follows from a name of the scope; none if it begins with something else. */
function stepsOf({ type, meta, children: [source, ...others] }) {
  if (type === "scopeTraversal") return namesOf(meta);
  const start =
    ["index", "relativeTraversal", "splat"].includes(type) && source ? stepsOf(source) : undefined;
  if (!start) return undefined;
  if (type === "index") return [...start, "[]"];
  if (type === "relativeTraversal") return [...start, ...namesOf(meta)];
  return [
    ...start,
    "[]",
    ...others.flatMap((other) => (other.type === "relativeTraversal" ? namesOf(other.meta) : [])),
  ];
}

function bracketsOf({ type, children }) {
  const [source, ...others] = type === "scopeTraversal" ? [] : children;
  return [...(source ? bracketsOf(source) : []), ...(type === "index" ? others : [])];
}

function namesOf({ traversal }) {
  return traversal.map(({ type, segment }) => (type === "indexTraversal" ? "[]" : segment));
}
