// `script/migrate [--write] FILE…`: prints what changes as a unified diff, and the report on stderr.

import { readFileSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { convert } from "./convert.ts";
import { NotAWorkflow } from "./source.ts";
import { unifiedDiff } from "./unified-diff.ts";

const usage = `usage: script/migrate [--write] FILE...

Reads workflows (or composite actions) that deploy to Amazon ECS with the official actions or the
AWS CLI, and prints a unified diff that replaces those steps by deploy-ecs.

  --write   change the files, too

The report on stderr says for every input of a replaced step what happened to it.
Exit status: 0 converted, 1 nothing to convert, 2 a file cannot be read or is no YAML.
`;

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  const files = args.filter((arg) => arg !== "--write");
  const unknown = files.find((arg) => arg.startsWith("-"));
  if (files.length === 0 || unknown !== undefined) {
    process.stderr.write(usage);
    return files.includes("--help") ? 0 : 2;
  }
  const results = files.map((file) => one(file, args.includes("--write")));
  if (results.includes(2)) return 2;
  return results.includes(0) ? 0 : 1;
}

function one(file: string, writes: boolean): 0 | 1 | 2 {
  const say = (text: string) => process.stderr.write(`${file}: ${text}\n`);
  try {
    const before = readFileSync(file, "utf8");
    const { text, removed, added, report } = convert(before);
    for (const line of report) say(line);
    if (text === before) {
      say("nothing to convert");
      return 1;
    }
    process.stdout.write(unifiedDiff(relative(process.cwd(), resolve(file)), before, text));
    say(added === 0 ? "only comments were added" : `${removed} steps replaced by ${added}`);
    if (writes) writeFileSync(file, text);
    return 0;
  } catch (error) {
    if (error instanceof NotAWorkflow) {
      say(error.message);
      return error.isYaml ? 1 : 2;
    }
    if (!isSystemError(error)) throw error;
    say(error.message);
    return 2;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
