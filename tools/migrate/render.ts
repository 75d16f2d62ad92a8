// New steps and comments → YAML, PURE.

import { stringify } from "yaml";
import { inputSpecs } from "../../src/inputs/schema.ts";
import type { NewStep, Verb } from "./plan.ts";

const page = "https://github.com/OWNER/deploy-ecs/blob/main/docs/migrating.md";
const width = 100;
const commentMark = "# deploy-ecs: ";

const usesOf: Readonly<Record<Verb, string>> = {
  deploy: "OWNER/deploy-ecs@v1",
  build: "OWNER/deploy-ecs/build@v1",
  "run-task": "OWNER/deploy-ecs/run-task@v1",
  register: "OWNER/deploy-ecs/register@v1",
};

/** The lines of a step, each with its line break. */
export function renderStep(step: NewStep, indent: string, comments: readonly string[]): string {
  const inner = `${indent}  `;
  const remarks = renderComments(step.remarks, indent);
  const head = [
    `name: ${scalar(step.name, inner)}`,
    ...(step.id === undefined ? [] : [`id: ${step.id}`]),
    ...[...step.fields].map(([name, value]) => `${name}: ${scalar(value, inner)}`),
    `uses: ${usesOf[step.verb]}`,
  ];
  const lines = [
    ...comments.map((text) => indent + text),
    ...remarks,
    ...head.map((line, index) => `${index === 0 ? `${indent}- ` : inner}${line}`),
    ...block("env", step.env, inner),
    ...block("with", inOrder(step.with), inner),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function block(name: string, values: ReadonlyMap<string, string>, indent: string): string[] {
  if (values.size === 0) return [];
  const inner = `${indent}  `;
  const pairs = [...values].flatMap(([key, value]) =>
    `${inner}${key}: ${scalar(value, inner)}`.split("\n"),
  );
  return [`${indent}${name}:`, ...pairs];
}

/** In the order of the documentation; inputs of other verbs at the end. */
function inOrder(values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = Object.keys(inputSpecs);
  const place = (name: string) => {
    const at = names.indexOf(name);
    return at < 0 ? names.length : at;
  };
  return new Map([...values].toSorted(([a], [b]) => place(a) - place(b)));
}

/** Texts of several lines as a block; numbers and booleans plain; whatever YAML must quote quoted. */
function scalar(value: string, indent: string): string {
  const text = value.replaceAll("\r\n", "\n").replace(/\n+$/, "");
  if (/^(true|false|0|[1-9]\d*)$/.test(text)) return text;
  const lines = text.split("\n");
  if (lines.length > 1 && !/^\s/.test(lines[0] ?? "") && (lines[0] ?? "") !== "") {
    const body = lines.map((line) => (line === "" ? "" : `${indent}  ${line}`));
    return ["|", ...body].join("\n");
  }
  if (lines.length > 1) return JSON.stringify(text);
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** The comments as lines without a line break; the link of a section once, after its last text. */
export function renderComments(texts: readonly string[], indent: string): readonly string[] {
  const bySection = Map.groupBy(new Set(texts), sectionOf);
  return [...bySection].flatMap(([section, ofSection]) => [
    ...ofSection.flatMap((text) => wrapped(text, indent)),
    `${indent}#   ${page}#${section}`,
  ]);
}

function wrapped(text: string, indent: string): readonly string[] {
  const plain = text
    .replace(/\s*\(\[[^\]]*\]\(#[\w-]+\)\)/g, "")
    .replace(/\[([^\]]*)\]\(#[\w-]+\)/g, "$1");
  const lines: string[] = [];
  let line = commentMark.trimEnd();
  for (const word of plain.split(" ")) {
    if (indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = `#   ${word}`;
    } else line = `${line} ${word}`;
  }
  return [...lines, indent + line];
}

function sectionOf(text: string): string {
  if (/stored keys/.test(text)) return "from-access-keys-to-a-role";
  if (/CodeDeploy|codedeploy/.test(text)) return "from-codedeploy";
  if (/moves with each push/.test(text)) return "what-changes";
  return "comments-in-the-converted-file";
}
