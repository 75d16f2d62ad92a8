// A TypeScript declaration of @cdktn/provider-aws → the schema of one resource, data source or provider.

import ts from "typescript";

export interface Argument {
  /** As Terraform spells it. */
  readonly name: string;
  readonly required: boolean;
  readonly kind: "string" | "number" | "bool" | "list" | "map" | "object" | "any";
}

export interface NestedBlock {
  readonly name: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly content: BlockSchema;
}

export interface BlockSchema {
  readonly arguments: ReadonlyMap<string, Argument>;
  readonly blocks: ReadonlyMap<string, NestedBlock>;
}

export interface ResourceSchema extends BlockSchema {
  /** Everything that can be read of it, in camel case: arguments, blocks and what AWS decides. */
  readonly readable: ReadonlySet<string>;
}

export function readSchema(declaration: string): ResourceSchema {
  const source = ts.createSourceFile("index.d.ts", declaration, ts.ScriptTarget.Latest, true);
  const interfaces = new Map(
    source.statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node]),
  );
  const main = source.statements
    .filter(ts.isClassDeclaration)
    .find((node) => /^cdktn\.Terraform(Resource|DataSource|Provider)$/.test(parentOf(node)));
  const config =
    [...interfaces.values()].find((node) => parentOf(node) === "cdktn.TerraformMetaArguments") ??
    interfaces.get(`${main?.name?.text}Config`);
  if (!main || !config) throw new Error("no resource, data source or provider is declared here");
  const getters = main.members
    .filter(ts.isGetAccessorDeclaration)
    .map(({ name }) => name.getText());
  return { ...readBlock(config, interfaces), readable: new Set(["id", ...getters]) };
}

function parentOf(node: ts.ClassDeclaration | ts.InterfaceDeclaration): string {
  return node.heritageClauses?.[0]?.types[0]?.expression.getText() ?? "";
}

function readBlock(
  node: ts.InterfaceDeclaration,
  interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>,
): BlockSchema {
  const args = new Map<string, Argument>();
  const blocks = new Map<string, NestedBlock>();
  for (const member of node.members.filter(ts.isPropertySignature)) {
    const comment = member.getFullText().slice(0, member.getLeadingTriviaWidth());
    // The comment has Terraform's spelling: {@link https://… EcsService#desired_count}
    const name = comment.match(/#(\w+)\}/)?.[1] ?? "";
    const type = member.type?.getText().replace(" | cdktn.IResolvable", "") ?? "";
    const required = member.questionToken === undefined;
    const inner = interfaces.get(type.replace("[]", ""));
    if (inner && comment.includes(`* ${name} block\n`))
      blocks.set(name, {
        name,
        required,
        repeatable: type.endsWith("[]"),
        content: readBlock(inner, interfaces),
      });
    else args.set(name, { name, required, kind: inner ? "object" : kindOf(type) });
  }
  return { arguments: args, blocks };
}

function kindOf(type: string): Argument["kind"] {
  if (type === "string" || type === "number") return type;
  if (type === "boolean") return "bool";
  if (type.startsWith("{")) return "map";
  return type.endsWith("[]") ? "list" : "any";
}

/** `private_ip` → `privateIp`, as the package spells what can be read. */
export function camelCase(name: string): string {
  return name.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
}
