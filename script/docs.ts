// Writes the inputs and outputs of every action.yml, docs/inputs.md, docs/outputs.md and the table of README.md from the tables in
// src/inputs/ and src/reporter/outputs.ts, the index docs/README.md from the pages' first sentences, the policies of docs/iam.md and of the examples from the one in src/permissions/permissions.ts, and the
// rules of docs/task-definition.md from src/plan/rules/: `script/docs`.
// `script/docs --check` writes nothing and fails if one of them is out of date.

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { everyVerb, type Verb, verbSpecs } from "../src/inputs/verbs.ts";
import { outputsOf } from "../src/reporter/outputs.ts";
import { groupsOf, inputSections, outputTable, readmeTable } from "../tools/docs/interface-docs.ts";
import { migratingSections } from "../tools/docs/migrating-docs.ts";
import { indexSections } from "../tools/docs/page-index.ts";
import { clockkoPolicies, policySections } from "../tools/docs/policy-docs.ts";
import { ruleSections } from "../tools/docs/rule-docs.ts";
import { startPolicy } from "../tools/docs/start-policy.ts";

const root = resolve(import.meta.dirname, "..");
const check = process.argv.includes("--check");

const documents = [
  ...everyVerb.map((verb) => ({
    file: verbSpecs[verb].file,
    begin: "# begin: written by script/docs from src/inputs/",
    end: "# end: written by script/docs",
    sections: { "": actionMetadata(verb) },
  })),
  {
    file: "README.md",
    begin: "<!-- begin NAME: written by script/docs -->",
    end: "<!-- end NAME -->",
    sections: { inputs: readmeTable() },
  },
  {
    file: "docs/inputs.md",
    begin: "<!-- begin NAME: written by script/docs -->",
    end: "<!-- end NAME -->",
    sections: inputSections(),
  },
  {
    file: "docs/outputs.md",
    begin: "<!-- begin NAME: written by script/docs -->",
    end: "<!-- end NAME -->",
    sections: { outputs: outputTable() },
  },
  {
    file: "docs/iam.md",
    begin: "<!-- begin NAME: written by script/docs -->",
    end: "<!-- end NAME -->",
    sections: await policySections(),
  },
  {
    file: "docs/migrating.md",
    begin: "<!-- begin NAME: written by script/docs -->",
    end: "<!-- end NAME -->",
    sections: migratingSections(),
  },
  {
    file: "docs/task-definition.md",
    begin: "<!-- begin NAME: written by script/docs -->",
    end: "<!-- end NAME -->",
    sections: ruleSections(),
  },
  {
    file: "examples/clockko/backend/infra/bootstrap/deploy_policy.tf",
    begin: "# begin: written by script/docs from src/permissions/permissions.ts",
    end: "# end: written by script/docs",
    sections: { "": await clockkoPolicies() },
  },
  {
    file: "examples/start/template.yaml",
    begin: "# begin: written by script/docs from src/permissions/permissions.ts",
    end: "            # end: written by script/docs",
    sections: { "": await startPolicy() },
  },
];

const index = {
  file: "docs/README.md",
  begin: "<!-- begin NAME: written by script/docs -->",
  end: "<!-- end NAME -->",
};

let stale = 0;
for (const document of documents) await update(document);
// It quotes the pages: they are written first.
await update({ ...index, sections: indexSections() });
if (check && stale > 0) process.exitCode = 1;

interface Document {
  readonly file: string;
  readonly begin: string;
  readonly end: string;
  readonly sections: Readonly<Record<string, string>>;
}

async function update({ file, begin, end, sections }: Document): Promise<void> {
  const path = join(root, file);
  const before = await readFile(path, "utf8");
  let after = before;
  for (const [name, text] of Object.entries(sections)) {
    after = replaceBetween(
      after,
      begin.replace("NAME", name),
      end.replace("NAME", name),
      text,
      file,
    );
  }
  if (after === before) return;
  stale++;
  if (check) console.error(`${file} is out of date: run script/docs`);
  else await writeFile(path, after);
}

function replaceBetween(
  whole: string,
  begin: string,
  end: string,
  text: string,
  file: string,
): string {
  const from = whole.indexOf(begin);
  const to = whole.indexOf(end, from);
  if (from < 0 || to < 0)
    throw new Error(`${file} needs the lines ${JSON.stringify(begin)} and ${JSON.stringify(end)}`);
  return `${whole.slice(0, from)}${begin}\n${text}\n${whole.slice(to)}`;
}

function actionMetadata(verb: Verb): string {
  const lines = ["inputs:"];
  for (const [title, members] of groupsOf(verb)) {
    lines.push(`  # ${title}`);
    for (const [name, spec] of members) {
      lines.push(`  ${name}:`, "    description: >-", ...folded(spec.description, "      "));
      lines.push(`    required: ${spec.required === true}`);
      if (spec.default !== undefined) lines.push(`    default: ${JSON.stringify(spec.default)}`);
    }
    lines.push("");
  }
  lines.push("outputs:");
  for (const [name, { description }] of outputsOf(verb)) {
    lines.push(`  ${name}:`, "    description: >-", ...folded(description, "      "));
  }
  return lines.join("\n");
}

/** A text as the lines of a folded YAML scalar: read back, they are one line again. */
function folded(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > 110) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
