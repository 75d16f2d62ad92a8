// Holds what the expressions of a root read and call to what is there: variables, local values, resources and their attributes.

import { moduleOf } from "./check-blocks.ts";
import type { Use } from "./hcl.ts";
import { camelCase, type ResourceSchema } from "./provider-schema.ts";
import type { Declaration, Finding, RootModule } from "./root-module.ts";

interface Scope {
  readonly declared: ReadonlyMap<string, Declaration>;
  readonly schemas: ReadonlyMap<string, ResourceSchema>;
  /** The functions of the Terraform at hand; none known: any may be called. */
  readonly functions: ReadonlySet<string> | undefined;
}

export function checkReferences(
  root: RootModule,
  schemas: ReadonlyMap<string, ResourceSchema>,
  functions: ReadonlySet<string> | undefined,
): readonly Finding[] {
  const declared = new Map(
    root.declarations.map((declaration) => [declaration.address, declaration]),
  );
  const scope = { declared, schemas, functions };
  const wrong = root.uses.flatMap((use) => {
    const message = complaintAbout(use, use.in, scope);
    const { file, line, address } = use.in;
    return message ? [{ file, line, address, message }] : [];
  });
  return [...wrong, ...unused(root)];
}

function complaintAbout(
  { at, steps, call }: Use,
  owner: Declaration,
  scope: Scope,
): string | undefined {
  if (owner.kind === "variable" && at[3] === "type") return undefined; // string, list(string): no functions, no names
  if (call)
    return scope.functions?.has(call) === false
      ? `${call}() is no function of Terraform`
      : undefined;
  const [first = "", second = ""] = steps ?? [];
  if (at.includes("ignore_changes")) return complaintAboutIgnored(first, owner, scope);
  switch (first) {
    case "path":
    case "terraform":
    case "self":
      return undefined;
    case "each":
      return "for_each" in owner.body || at.includes("dynamic")
        ? undefined
        : "each is known only with for_each";
    case "count":
      return "count" in owner.body ? undefined : "count is known only with count";
    case "var":
    case "local":
      return scope.declared.has(`${first}.${second}`)
        ? undefined
        : `${first}.${second} is not declared`;
    default:
      return at[at.indexOf("dynamic") + 1] === first
        ? undefined
        : complaintAboutResource(steps ?? [], scope);
  }
}

function complaintAboutResource(
  steps: readonly string[],
  { declared, schemas }: Scope,
): string | undefined {
  const length = steps[0] === "data" ? 3 : 2;
  const address = steps.slice(0, length).join(".");
  const target = declared.get(address);
  if (!target) return `${address} is not declared`;
  const path = steps.slice(length);
  const many = "count" in target.body || "for_each" in target.body;
  if (path.length > 0 && (path[0] === "[]") !== many)
    return many
      ? `there are several of ${address}: say which`
      : `there is one ${address}: it has no index`;
  const attribute = path.find((step) => step !== "[]");
  const readable = schemas.get(moduleOf(target) ?? "")?.readable;
  return attribute === undefined || !readable || readable.has(camelCase(attribute))
    ? undefined
    : `${address} has no attribute ${attribute}`;
}

function complaintAboutIgnored(
  name: string,
  owner: Declaration,
  { schemas }: Scope,
): string | undefined {
  const schema = schemas.get(moduleOf(owner) ?? "");
  return name === "all" || !schema || schema.arguments.has(name) || schema.blocks.has(name)
    ? undefined
    : `${name} in ignore_changes is no argument or block`;
}

function unused({ declarations, uses }: RootModule): readonly Finding[] {
  const used = new Set(
    uses
      // A variable's own validation is no use of it.
      .filter(({ steps, in: owner }) => owner.address !== steps?.slice(0, 2).join("."))
      .map(({ steps = [] }) => steps.slice(0, steps[0] === "data" ? 3 : 2).join(".")),
  );
  return declarations
    .filter(
      ({ kind, address }) => ["variable", "locals", "data"].includes(kind) && !used.has(address),
    )
    .map(({ file, line, address }) => ({ file, line, address, message: "is not used" }));
}
