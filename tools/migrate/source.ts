// The text of a workflow or of a composite action → its jobs and steps, with the range of each step
// in the text, PURE.

import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { lineEnd, lineStart, type Range } from "./ranges.ts";

type Texts = ReadonlyMap<string, string>;

export interface Step {
  /** Its place in the list of its job, from 0. */
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** `owner/name` or `./path`, in lower case, without the version. */
  readonly action: string | undefined;
  readonly run: string | undefined;
  readonly with: Texts;
  readonly env: Texts;
  /** Scalars of the step itself: `if`, `timeout-minutes`, `working-directory` … */
  readonly fields: Texts;
  /** Whole lines, from the line of its dash to the end of its last line. */
  readonly range: Range;
  /** Blanks before its dash. */
  readonly indent: string;
  /** The text of its `run:` in the source, if it is a block of lines. */
  readonly script: Range | undefined;
  /** Comment lines and blank lines before it begin here: the end of the step before. */
  readonly leadStart: number;
  /** Why no range of it can be replaced: it is an alias, its `with:` is no map … */
  readonly irregular: string | undefined;
}

export interface Job {
  /** Undefined for a composite action. */
  readonly name: string | undefined;
  readonly env: Texts;
  readonly outputs: Texts;
  readonly needs: readonly string[];
  readonly runsOn: string;
  readonly workingDirectory: string | undefined;
  /** Where the job's own keys begin; undefined for a composite action. */
  readonly map: YAMLMap | undefined;
  readonly steps: readonly Step[];
  /** Why its steps cannot be edited one by one. */
  readonly irregular: string | undefined;
  readonly range: Range;
}

export interface Source {
  readonly text: string;
  readonly kind: "workflow" | "composite";
  readonly root: YAMLMap;
  readonly env: Texts;
  readonly jobs: readonly Job[];
  readonly comments: readonly Comment[];
  /** It can be called by other workflows (`workflow_call`). */
  readonly isReusable: boolean;
}

interface Comment {
  readonly offset: number;
  /** From `#` to the end of the line. */
  readonly text: string;
}

/** The text is no workflow and no composite action, or no YAML at all. */
export class NotAWorkflow extends Error {
  override readonly name = "NotAWorkflow";
  readonly isYaml: boolean;

  constructor(message: string, isYaml = true) {
    super(message);
    this.isYaml = isYaml;
  }
}

/** @throws NotAWorkflow with what is wrong, and where */
export function readSource(text: string): Source {
  const document = parseDocument(text, { keepSourceTokens: true, uniqueKeys: false });
  const [problem] = document.errors;
  if (problem)
    throw new NotAWorkflow(`cannot be parsed as YAML: ${problem.message.split("\n")[0]}`, false);
  const root = document.contents;
  if (!isMap(root)) throw new NotAWorkflow("is not a workflow: it has no `jobs:`");
  const read = new Reader(text, (node) => (isAlias(node) ? node.resolve(document) : node));
  return read.source(root as YAMLMap);
}

class Reader {
  private readonly text: string;
  private readonly resolve: (node: unknown) => unknown;

  constructor(text: string, resolve: (node: Node) => unknown) {
    this.text = text;
    this.resolve = (node) => (isNode(node) ? resolve(node) : node);
  }

  source(root: YAMLMap): Source {
    const jobs = this.resolve(root.get("jobs", true));
    const runs = this.resolve(root.get("runs", true));
    const common = {
      text: this.text,
      root,
      env: this.texts(root.get("env", true)),
      comments: commentsIn(this.text),
    };
    if (isMap(jobs)) {
      const all = jobs.items.flatMap(({ key, value }) => this.job(textOf(key) ?? "", value, root));
      return { ...common, kind: "workflow", jobs: all, isReusable: this.isReusable(root) };
    }
    if (isMap(runs) && textOf(runs.get("using", true)) === "composite") {
      const steps = this.steps(runs.get("steps", true));
      const job: Job = {
        ...steps,
        name: undefined,
        env: new Map(),
        outputs: new Map(),
        needs: [],
        runsOn: "",
        workingDirectory: undefined,
        map: undefined,
        range: rangeOf(runs),
      };
      return { ...common, kind: "composite", jobs: [job], isReusable: false };
    }
    throw new NotAWorkflow("is not a workflow: it has no `jobs:`, and no `runs:` with steps");
  }

  private isReusable(root: YAMLMap): boolean {
    const on = this.resolve(root.get("on", true));
    if (isMap(on)) return on.has("workflow_call");
    if (isSeq(on)) return on.items.some((item) => textOf(item) === "workflow_call");
    return textOf(on) === "workflow_call";
  }

  private job(name: string, value: unknown, root: YAMLMap): readonly Job[] {
    const map = this.resolve(value);
    if (!isMap(map)) return [];
    const isOwn = map === value;
    const steps = this.steps(map.get("steps", true));
    const needs = this.resolve(map.get("needs", true));
    const names = isSeq(needs) ? needs.items.map(textOf) : [textOf(needs)];
    return [
      {
        ...steps,
        irregular: isOwn ? steps.irregular : "the job is an alias",
        name,
        env: this.texts(map.get("env", true)),
        outputs: this.texts(map.get("outputs", true)),
        needs: names.filter((each) => each !== undefined),
        runsOn: String(map.get("runs-on", true) ?? ""),
        workingDirectory: this.workingDirectory(map) ?? this.workingDirectory(root),
        map: map as YAMLMap,
        range: rangeOf(map),
      },
    ];
  }

  private workingDirectory(map: YAMLMap): string | undefined {
    const run = this.resolve(map.getIn(["defaults", "run"], true));
    if (!isMap(run)) return undefined;
    return textOf(run.get("working-directory", true));
  }

  private steps(value: unknown): Pick<Job, "steps" | "irregular"> {
    const list = this.resolve(value);
    if (!isSeq(list)) return { steps: [], irregular: undefined };
    const token = list.srcToken;
    if (list !== value || list.flow || token?.type !== "block-seq")
      return { steps: [], irregular: "its steps are in flow style, or an alias of other steps" };
    const dashes = token.items.flatMap(({ start }) =>
      start.filter(({ type }) => type === "seq-item-ind").map(({ offset }) => offset),
    );
    return { steps: this.stepsOf(list, dashes), irregular: undefined };
  }

  private stepsOf(list: YAMLSeq, dashes: readonly number[]): readonly Step[] {
    const steps: Step[] = [];
    let leadStart = lineStart(this.text, dashes[0] ?? 0);
    for (const [index, item] of list.items.entries()) {
      const step = this.step(item, index, dashes[index] ?? 0, leadStart);
      steps.push(step);
      leadStart = step.range.end;
    }
    return steps;
  }

  private step(item: unknown, index: number, dash: number, leadStart: number): Step {
    const map = this.resolve(item);
    const start = lineStart(this.text, dash);
    const nodeEnd = isNode(item) ? (item.range?.[1] ?? dash) : dash;
    const contentEnd = start + this.text.slice(start, nodeEnd).trimEnd().length;
    const range = { start, end: lineEnd(this.text, contentEnd) };
    const indent = this.text.slice(start, dash);
    const base = { index, range, indent, leadStart };
    if (!isMap(map)) return { ...emptyStep, ...base, irregular: "it is no map" };
    const text = (name: string) => textOf(this.resolve(map.get(name, true)));
    const uses = text("uses")?.trim();
    return {
      ...base,
      id: text("id"),
      name: text("name"),
      action: uses?.replace(/@[^@]*$/, "").toLowerCase(),
      run: text("run"),
      with: this.texts(map.get("with", true)),
      env: this.texts(map.get("env", true)),
      fields: this.texts(map),
      script: this.scriptRange(map.get("run", true)),
      irregular: this.irregularity(item, map as YAMLMap, indent),
    };
  }

  private irregularity(item: unknown, map: YAMLMap, indent: string): string | undefined {
    if (item !== map) return "it is an alias";
    if (indent.trim() !== "") return "it does not begin on a line of its own";
    for (const name of ["with", "env"]) {
      const value = map.get(name, true);
      if (value !== undefined && !isMap(this.resolve(value)) && textOf(value) !== "")
        return `its \`${name}:\` is no map`;
    }
    return undefined;
  }

  private scriptRange(node: unknown): Range | undefined {
    if (!isScalar(node) || node.type !== "BLOCK_LITERAL" || !node.range) return undefined;
    return { start: lineEnd(this.text, node.range[0]), end: node.range[1] };
  }

  /** The scalars of a map, as the runner reads them: all are texts. */
  private texts(value: unknown): Texts {
    const map = this.resolve(value);
    const texts = new Map<string, string>();
    if (!isMap(map)) return texts;
    for (const { key, value: member } of map.items) {
      const [name, text] = [textOf(key), textOf(this.resolve(member))];
      if (name !== undefined && text !== undefined) texts.set(name, text);
    }
    return texts;
  }
}

const emptyStep = {
  id: undefined,
  name: undefined,
  action: undefined,
  run: undefined,
  with: new Map(),
  env: new Map(),
  fields: new Map(),
  script: undefined,
} as const;

/** The source text of a plain scalar: `1.10` and `007` stay what the author wrote. */
function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  if (node.value === null) return "";
  if (typeof node.value === "string") return node.value;
  return node.source ?? String(node.value);
}

function rangeOf(node: unknown): Range {
  const range = (node as ParsedNode).range;
  return { start: range[0], end: range[2] };
}

/** Tokens that stand for no text: the begin of a document, of a scalar, the end of a flow. */
const lexerMarks = new Set([2, 0x18, 0x1f].map((code) => String.fromCharCode(code)));

/** All comments, found by YAML's own lexer: a `#` in a script or in a quoted text is none. */
function commentsIn(text: string): readonly Comment[] {
  const comments: Comment[] = [];
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith("#")) comments.push({ offset, text: token.trimEnd() });
    if (!lexerMarks.has(token)) offset += token.length;
  }
  return comments;
}
