// One Terraform root (a folder of .tf files) as a list of what it declares, and of what its expressions use.

import type { JsonObject, ParsedFile, Texts, Use } from "./hcl.ts";

type Kind = "resource" | "data" | "variable" | "locals" | "output" | "provider" | "terraform";

export interface Declaration {
  readonly kind: Kind;
  /** As expressions and Terraform's messages have it: `aws_vpc.main`, `data.aws_region.current`, `var.region`, `local.name`. */
  readonly address: string;
  readonly type: string;
  readonly file: string;
  readonly line: number;
  readonly body: JsonObject;
}

export interface RootModule {
  readonly declarations: readonly Declaration[];
  readonly uses: readonly (Use & { readonly in: Declaration })[];
  readonly findings: readonly Finding[];
}

/** A problem, reported as `file:line: address: message`. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly address: string;
  readonly message: string;
}

export type ParsedFiles = Readonly<Record<string, ParsedFile | { readonly error: string }>>;

const labels: Readonly<Record<Kind, number>> = {
  resource: 2,
  data: 2,
  variable: 1,
  output: 1,
  provider: 1,
  locals: 0,
  terraform: 0,
};

/** `texts` and `parsed` hold the files of this root only. */
export function readRoot(texts: Texts, parsed: ParsedFiles): RootModule {
  const declarations: Declaration[] = [];
  const uses: (Use & { readonly in: Declaration })[] = [];
  const findings: Finding[] = [];
  for (const [file, result] of Object.entries(parsed)) {
    if ("error" in result) {
      findings.push({ file, line: 1, address: "-", message: result.error });
      continue;
    }
    const reader = new FileReader(file, texts[file] ?? "");
    reader.read(result.config);
    declarations.push(...reader.declarations);
    findings.push(...reader.findings);
    for (const use of result.uses) {
      const declaration = reader.byPath.get(use.at.slice(0, pathLength(use.at[0])).join(" "));
      if (declaration) uses.push({ ...use, in: declaration });
    }
  }
  return { declarations, uses, findings: [...findings, ...declaredTwice(declarations)] };
}

/** A local value is a declaration of its own: `locals.0.name`. */
function pathLength(kind: string | undefined): number {
  return kind === "locals" ? 3 : 2 + (labels[kind as Kind] ?? 0);
}

class FileReader {
  readonly declarations: Declaration[] = [];
  readonly findings: Finding[] = [];
  readonly byPath = new Map<string, Declaration>();
  readonly #file: string;
  readonly #text: string;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(config: JsonObject): void {
    for (const [kind, value] of Object.entries(config)) {
      const depth = labels[kind as Kind];
      if (depth === undefined) {
        this.findings.push({
          file: this.#file,
          line: 1,
          address: kind,
          message: "no such block, or not known to this check",
        });
      } else this.#descend(kind as Kind, value, depth, []);
    }
  }

  #descend(kind: Kind, value: unknown, depth: number, names: readonly string[]): void {
    if (depth > 0) {
      for (const [name, inner] of Object.entries(value as object))
        this.#descend(kind, inner, depth - 1, [...names, name]);
      return;
    }
    for (const [index, body] of (value as readonly JsonObject[]).entries()) {
      const path = [kind, ...names, String(index)];
      if (kind !== "locals") this.#add(path, kind, addressOf(kind, names), names[0] ?? kind, body);
      else
        for (const [name, local] of Object.entries(body))
          this.#add([...path, name], kind, `local.${name}`, "local", { value: local });
    }
  }

  #add(path: readonly string[], kind: Kind, address: string, type: string, body: JsonObject): void {
    const line = lineOf(this.#text, headerOf(kind, path));
    const declaration = { kind, address, type, file: this.#file, line, body };
    this.declarations.push(declaration);
    this.byPath.set(path.join(" "), declaration);
  }
}

function addressOf(kind: Kind, names: readonly string[]): string {
  const prefix: Readonly<Record<Kind, string>> = {
    resource: "",
    data: "data.",
    variable: "var.",
    output: "output.",
    provider: "provider.",
    locals: "local.",
    terraform: "terraform",
  };
  return `${prefix[kind]}${names.join(".")}`;
}

function headerOf(kind: Kind, path: readonly string[]): RegExp {
  if (kind === "locals") return new RegExp(`^  ${path.at(-1)}\\s*=`, "m");
  return new RegExp(
    `^${kind}${path
      .slice(1, -1)
      .map((name) => `\\s+"${name}"`)
      .join("")}\\s*\\{`,
    "m",
  );
}

function lineOf(text: string, header: RegExp): number {
  return text.slice(0, header.exec(text)?.index ?? 0).split("\n").length;
}

function declaredTwice(declarations: readonly Declaration[]): readonly Finding[] {
  const single = declarations.filter(({ kind }) => kind !== "terraform" && kind !== "provider");
  return single
    .filter(({ address }, index) => single.findIndex((other) => other.address === address) < index)
    .map(({ file, line, address }) => ({ file, line, address, message: "is declared twice" }));
}
