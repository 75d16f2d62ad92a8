// Clockko's Terraform, held to the provider's schema; the check itself, held to planted mistakes; what the two roots promise each other.

import { dirname, join } from "node:path";
import { env } from "node:process";
import { beforeAll, describe, expect, test } from "vitest";
import {
  checkRoots,
  describeFinding,
  readTerraform,
} from "../../tools/terraform-schema/check-roots.ts";
import {
  formatDifferences,
  functionsOfTerraform,
  hasTerraform,
  providersFolder,
  validationErrors,
} from "../../tools/terraform-schema/cli.ts";
import { type JsonObject, parseHcl } from "../../tools/terraform-schema/hcl.ts";
import { fetchPackage } from "../../tools/terraform-schema/provider-package.ts";
import type { Finding } from "../../tools/terraform-schema/root-module.ts";
import { planted } from "./planted-mistakes.ts";
import { readText, root } from "./source.ts";

const infra = join(root, "examples/clockko/backend/infra");
const cache = join(root, ".cache/terraform-schema");
const texts = readTerraform(infra);
const parsed = await parseHcl(texts);
const terraform = hasTerraform();
const functions = terraform ? await functionsOfTerraform() : undefined;

// Without npm's registry there is no schema: skipped, by name. CI has one.
const schemaIsMissing = await fetchPackage(cache).then(
  () => undefined,
  (error: Error) => error,
);
if (schemaIsMissing && env["CI"] === "true") throw schemaIsMissing;

describe.skipIf(schemaIsMissing)(
  "against the provider's schema (needs npm's registry, once)",
  () => {
    test("both roots match the schema", async () => {
      const findings = await checkRoots(texts, { cache, functions });
      expect(findings.map(describeFinding)).toEqual([]);
    });

    describe("planted mistakes are found, each with its file and its address", () => {
      let findings: readonly Finding[];

      beforeAll(async () => {
        const wrong: Record<string, string> = { ...texts };
        for (const [file, , from, to] of planted)
          wrong[file] = wrong[file]?.replace(from, to) ?? "";
        findings = await checkRoots(wrong, { cache, functions });
      });

      test.each(planted)("%s: %s", (file, _what, from, _to, says) => {
        expect(texts[file]).toContain(from);
        const said = findings.map(
          (finding) => `${finding.file}: ${finding.address}: ${finding.message}`,
        );
        expect(said).toContain(`${file}: ${says}`);
      });

      test("with its line", () => {
        expect(findings.map(describeFinding)).toContain(
          `service/service.tf:${lineOf("service/service.tf", 'resource "aws_ecs_service"')}: ${planted[10]?.[4]}`,
        );
      });
    });

    test("a file that is not Terraform is reported as such", async () => {
      const findings = await checkRoots(
        { "x/main.tf": 'resource "aws_vpc" {' },
        { cache, functions },
      );
      expect(findings.map(describeFinding)).toEqual([
        expect.stringMatching(/^x\/main\.tf:1: -: .*x\/main\.tf:1/),
      ]);
    });
  },
);

describe.skipIf(!terraform)("by the terraform program (needs it)", () => {
  test("is formatted as terraform fmt does", async () => {
    expect(await formatDifferences(infra)).toBe("");
  });

  test("a function that Terraform does not have is found", async () => {
    expect(schemaIsMissing ?? (await unknownFunctions())).toEqual(
      schemaIsMissing ?? ["x/main.tf:2: local.a: jsonencod() is no function of Terraform"],
    );
  });
});

// `terraform providers mirror` makes the folder; nothing is fetched here.
describe.skipIf(!terraform || !providersFolder)(
  "by the provider (needs DEPLOY_ECS_TERRAFORM_PROVIDERS)",
  () => {
    test("both roots are valid", async () => {
      const errors = ["bootstrap", "service"].map((name) =>
        validationErrors(join(infra, name), providersFolder ?? ""),
      );
      expect(await Promise.all(errors)).toEqual(["", ""]);
    });
  },
);

describe("the two roots fit together", () => {
  const variables = blocksOf("service", "variable");
  const handedOver = Object.keys(
    localObject(blocksOf("bootstrap", "output")["service_variables"]?.["value"]),
  );

  test("bootstrap passes only variables of service, and all required ones except the image tag", () => {
    const needed = Object.entries(variables).filter(([, body]) => !("default" in body));
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(handedOver));
    expect([...handedOver, "image_tag"]).toEqual(
      expect.arrayContaining(needed.map(([name]) => name)),
    );
  });

  test("the resources of the deploy role have the names that service uses", () => {
    const names = ["cluster_name", "service_name", "task_definition_family", "log_group_name"];
    const [allowed, given] = ["bootstrap", "service"].map((name) => locals(name)) as [
      JsonObject,
      JsonObject,
    ];
    expect(pick(given, names)).toEqual(pick(allowed, names));
    expect(parsedFile("service/versions.tf")).toHaveProperty(
      "terraform.0.backend.s3.0.key",
      allowed["service_state_key"],
    );
  });

  test("service has the outputs that the action and readers need", () => {
    expect(Object.keys(blocksOf("service", "output"))).toEqual(
      expect.arrayContaining([
        ...[
          "cluster_name",
          "service_name",
          "task_definition_family",
          "container_name",
          "ecr_repository_url",
          "image_tag",
        ],
        ...["log_group_name", "private_subnet_ids", "service_security_group_id", "region"],
      ]),
    );
  });

  test.each(["bootstrap", "service"])("%s describes each variable and output", (name) => {
    const outputs = Object.values(blocksOf(name, "output"));
    for (const body of [...Object.values(blocksOf(name, "variable")), ...outputs])
      expect(body["description"]).toMatch(/^\S.*\S$/s);
    for (const body of Object.values(blocksOf(name, "variable")))
      expect(body["type"]).toBeDefined();
  });

  test.each(["bootstrap", "service"])(
    "%s excludes the two broken releases of the provider",
    (name) => {
      expect(parsedFile(`${name}/versions.tf`)).toMatchObject({
        terraform: [
          {
            required_version: ">= 1.10",
            required_providers: [{ aws: { version: ">= 6.8, != 6.53.0, != 6.54.0, < 7" } }],
          },
        ],
      });
    },
  );
});

describe("the pictures in Clockko's README are those of infra/diagrams", () => {
  test.each(["architecture", "deployment_flow"])("%s", (name) => {
    const picture = readText(`examples/clockko/backend/infra/diagrams/${name}.mmd`);
    expect(readText("examples/clockko/README.md")).toContain(`\`\`\`mermaid\n${picture}\`\`\`\n`);
  });
});

async function unknownFunctions(): Promise<readonly string[]> {
  const findings = await checkRoots(
    { "x/main.tf": "locals {\n  a = jsonencod({ b = local.a })\n}\n" },
    { cache, functions },
  );
  return findings.filter(({ message }) => message.includes("()")).map(describeFinding);
}

function lineOf(file: string, text: string): number {
  return (texts[file]?.split("\n").findIndex((line) => line.startsWith(text)) ?? -1) + 1;
}

function parsedFile(file: string): JsonObject {
  const result = parsed[file];
  if (!result || "error" in result)
    throw new Error(`${file}: ${result?.error ?? "there is no such file"}`);
  return result.config;
}

function filesOf(name: string): readonly string[] {
  return Object.keys(texts).filter((file) => dirname(file) === name);
}

/** Name → body, of all blocks of one kind in a root. */
function blocksOf(name: string, kind: string): Readonly<Record<string, JsonObject>> {
  const blocks = filesOf(name).flatMap((file) =>
    Object.entries((parsedFile(file)[kind] ?? {}) as Record<string, JsonObject[]>),
  );
  return Object.fromEntries(blocks.map(([label, [body]]) => [label, body ?? {}]));
}

function locals(name: string): JsonObject {
  return Object.assign(
    {},
    ...filesOf(name).flatMap((file) => (parsedFile(file)["locals"] ?? []) as JsonObject[]),
  );
}

function localObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, object[name] ?? null]));
}
