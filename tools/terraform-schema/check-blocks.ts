// Holds the blocks of a root to the provider's schema: types, arguments, nested blocks, what is required, types of literals.

import type { Json, JsonObject } from "./hcl.ts";
import {
  type Argument,
  type BlockSchema,
  camelCase,
  type NestedBlock,
  type ResourceSchema,
} from "./provider-schema.ts";
import type { Declaration, Finding } from "./root-module.ts";

type Report = (address: string, message: string) => void;

/** https://developer.hashicorp.com/terraform/language/meta-arguments */
const metaArguments: Readonly<Record<string, readonly string[]>> = {
  resource: [
    "count",
    "for_each",
    "provider",
    "depends_on",
    "lifecycle",
    "provisioner",
    "connection",
  ],
  data: ["count", "for_each", "provider", "depends_on", "lifecycle"],
  provider: ["alias"],
};

/** Blocks that Terraform itself knows, with all that they may have. */
const ownBlocks: Readonly<Record<string, readonly string[]>> = {
  variable: ["description", "type", "default", "validation", "sensitive", "nullable", "ephemeral"],
  output: ["description", "value", "sensitive", "ephemeral", "depends_on", "precondition"],
  terraform: ["required_version", "required_providers", "backend", "cloud"],
  locals: ["value"],
};

/** The module of the package that declares it; none if another provider does. */
export function moduleOf({ kind, type }: Declaration): string | undefined {
  if (kind === "provider") return type === "aws" ? "provider" : undefined;
  if ((kind !== "resource" && kind !== "data") || !type.startsWith("aws_")) return undefined;
  const name = type.slice("aws_".length).replaceAll("_", "-");
  return kind === "data" ? `data-aws-${name}` : name;
}

export function checkBlock(
  declaration: Declaration,
  schemas: ReadonlyMap<string, ResourceSchema>,
): readonly Finding[] {
  const { kind, file, line, address, type, body } = declaration;
  const findings: Finding[] = [];
  const report: Report = (at, message) => findings.push({ file, line, address: at, message });
  const known = ownBlocks[kind];
  if (known) {
    for (const name of Object.keys(body))
      if (!known.includes(name)) report(`${address}.${name}`, `no ${kind} has that`);
    return findings;
  }
  const schema = schemas.get(moduleOf(declaration) ?? "");
  if (!schema) report(address, `the provider hashicorp/aws has no ${kind} ${type}`);
  else {
    const own = metaArguments[kind] ?? [];
    const given = Object.fromEntries(Object.entries(body).filter(([name]) => !own.includes(name)));
    checkContent(given, schema, address, (at, message) => {
      const name = at.slice(address.length + 1);
      const readOnly = message === unknown && schema.readable.has(camelCase(name));
      report(at, readOnly ? "can be read, but not set" : message);
    });
  }
  return findings;
}

const unknown = "no such argument or block";

function checkContent(
  body: JsonObject,
  schema: BlockSchema,
  address: string,
  report: Report,
): void {
  const { dynamic = {}, ...plain } = body;
  const generated = Object.entries(dynamic as Readonly<Record<string, readonly JsonObject[]>>);
  for (const [name, value] of Object.entries(plain)) {
    const argument = schema.arguments.get(name);
    const block = schema.blocks.get(name);
    if (argument) checkLiteral(value, argument, `${address}.${name}`, report);
    else if (block) checkNested(value, block, `${address}.${name}`, report);
    else report(`${address}.${name}`, unknown);
  }
  for (const [name, blocks] of generated) {
    const block = schema.blocks.get(name);
    if (!block) report(`${address}.${name}`, unknown);
    else
      for (const { content } of blocks)
        checkNested(content ?? [], block, `${address}.${name}`, report);
  }
  const given = new Set([...Object.keys(plain), ...generated.map(([name]) => name)]);
  for (const { name, required } of [...schema.arguments.values(), ...schema.blocks.values()])
    if (required && !given.has(name)) report(address, `${name} is required`);
}

function checkNested(value: Json, block: NestedBlock, address: string, report: Report): void {
  if (!Array.isArray(value) || !value.every(isObject))
    report(address, "is a block: write it without `=`");
  else {
    if (!block.repeatable && value.length > 1) report(address, "may be given once");
    for (const content of value) checkContent(content, block.content, address, report);
  }
}

function checkLiteral(value: Json, { kind }: Argument, address: string, report: Report): void {
  // Which type an expression has is known to Terraform alone; null stands for an argument that is not given.
  if (value === null || (typeof value === "string" && /[$%]\{/.test(value))) return;
  if (!fits[kind](value)) report(address, `must be a ${kind}`);
}

/** Terraform turns texts into numbers and bools, and back, where it can. */
const fits: Readonly<Record<Argument["kind"], (value: Json) => boolean>> = {
  string: (value) => typeof value !== "object",
  number: (value) =>
    typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)),
  bool: (value) => typeof value === "boolean" || value === "true" || value === "false",
  list: (value) => Array.isArray(value),
  map: isObject,
  object: (value) => typeof value === "object",
  any: () => true,
};

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
