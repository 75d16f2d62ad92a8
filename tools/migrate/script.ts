// The commands of a `run:` script that belong to the chain: docker, the AWS CLI, outputs. PURE.

import { posix } from "node:path";
import { readAwsCommand } from "./aws-command.ts";
import { readDockerBuild } from "./docker-command.ts";
import { canonical, wrap } from "./expressions.ts";
import type { DefinitionSource, Meaning, ScriptFacts, ScriptLine } from "./facts.ts";
import type { ImageState } from "./image-state.ts";
import type { Scope } from "./scope.ts";
import { type Command, plainText, readScript, type Word } from "./shell.ts";
import type { Step } from "./source.ts";

/** A service update that a script makes. */
interface ScriptUpdate {
  readonly options: ReadonlyMap<string, string>;
  readonly definition: DefinitionSource;
  readonly obstacles: readonly string[];
}

export interface ScriptResult extends ScriptFacts {
  readonly updates: readonly ScriptUpdate[];
  /** Services that it waits for. */
  readonly waits: boolean;
}

export function interpretScript(step: Step, scope: Scope, images: ImageState): ScriptResult {
  const { commands, complex } = readScript(step.run ?? "");
  const reader = new ScriptReader(step, scope, images, complex);
  const lines = commands.map((command, index) => reader.read(command, commands[index + 1]));
  return { lines, complex, ...reader.result() };
}

const harmless =
  /^(echo|printf|set|ls|pwd|true|env|date|whoami|id|sleep|docker (images|image ls|ps|version|info|logout|inspect)|aws --version|aws sts get-caller-identity)\b/;

class ScriptReader {
  private readonly step: Step;
  private readonly scope: Scope;
  private readonly images: ImageState;
  private readonly complex: string | undefined;
  private readonly locals = new Map<string, string | undefined>();
  private readonly registered = new Map<string, string>();
  private readonly outputs = new Map<string, string | undefined>();
  private readonly variables = new Map<string, string | undefined>();
  private readonly updates: ScriptUpdate[] = [];
  private download: ScriptFacts["download"];
  private waits = false;
  private folder: string;

  constructor(step: Step, scope: Scope, images: ImageState, complex: string | undefined) {
    this.step = step;
    this.scope = scope;
    this.images = images;
    this.complex = complex;
    this.folder = step.fields.get("working-directory") ?? scope.job.workingDirectory ?? ".";
  }

  result() {
    const { outputs, variables, updates, download, waits } = this;
    return { outputs, variables, updates, download, waits };
  }

  read(command: Command, next: Command | undefined): ScriptLine {
    const { lines, text } = command;
    const words = withoutPrefix(command.words);
    const assigned = words.length === 0 ? command.words.map(assignmentOf) : exported(words);
    if (assigned.length > 0 && assigned.every((each) => each !== undefined)) {
      for (const each of assigned) this.assign(each);
      return { meaning: "assignment", lines, text, variable: assigned[0]?.name };
    }
    for (const word of command.words.slice(0, command.words.length - words.length)) {
      const prefix = assignmentOf(word);
      if (prefix) this.assign(prefix);
    }
    return { meaning: this.meaningOf(command, words, next), lines, text, variable: undefined };
  }

  private meaningOf(command: Command, words: readonly Word[], next: Command | undefined): Meaning {
    const texts = words.map((word) => this.evaluate(word));
    const line = texts.map((text) => text ?? "?").join(" ");
    const isOutput = this.output(command, texts, words);
    if (isOutput) return isOutput;
    if (isLogin(command, next)) return "login";
    if (texts[0] === "docker" || texts[0] === "podman") return this.docker(texts.slice(1));
    if (texts[0] === "aws") return this.aws(command, texts, words);
    if (texts[0] === "cd" && texts[1] !== undefined && words.length === 2) {
      this.folder = posix.join(this.folder, texts[1]);
      return "assignment";
    }
    if (texts[0] === "exit" || command.redirects.some(({ target }) => target.length > 0))
      return "other";
    if (harmless.test(line) && command.after !== "|" && next?.after !== "|") return "harmless";
    return "other";
  }

  private docker(words: readonly (string | undefined)[]): Meaning {
    const [first, second] = words;
    const rest = first === "image" || first === "buildx" ? words.slice(1) : words;
    const [verb, ...args] = rest;
    if (verb === "build" || (first === "builder" && second === "build")) {
      const build = readDockerBuild(args, this.folder, (name) => this.variable(name));
      this.images.build(this.step, build, this.complex);
      return "docker";
    }
    if (verb === "tag" && args.length === 2) {
      return this.images.tag(this.step, args[0], args[1], this.complex) ? "docker" : "other";
    }
    if (verb === "push") {
      const names = args.filter((each) => !each?.startsWith("-"));
      const isAll = args.some((each) => each === "-a" || each === "--all-tags");
      return this.images.push(this.step, names[0], isAll, this.complex) ? "docker" : "other";
    }
    if (verb === "pull") return "docker";
    if (["images", "ls", "ps", "version", "info", "logout", "inspect"].includes(verb ?? ""))
      return "harmless";
    if (first === "buildx" && ["create", "use", "inspect"].includes(second ?? "")) return "docker";
    return "other";
  }

  private aws(
    command: Command,
    texts: readonly (string | undefined)[],
    words: readonly Word[],
  ): Meaning {
    const found = readAwsCommand(texts, words.map(variableOnly));
    if (found.kind === "wait") {
      this.waits = true;
      return "deploy";
    }
    if (found.kind === "update") {
      const file =
        found.definitionVariable === undefined
          ? undefined
          : this.registered.get(found.definitionVariable);
      const base = file ?? found.options.get("task-definition");
      const isUnknown = found.definitionVariable !== undefined && file === undefined;
      const obstacles = isUnknown
        ? [...found.obstacles, `\`$${found.definitionVariable}\` is known only to the shell`]
        : found.obstacles;
      const definition = { base, renders: [], images: [] };
      this.updates.push({ options: found.options, definition, obstacles });
      return "deploy";
    }
    if (found.kind === "register") {
      this.registered.set("", found.file);
      return "deploy";
    }
    if (found.kind === "describe") {
      const target = command.redirects[0]?.target;
      const file = target && this.evaluate(target);
      if (file === undefined) return "other";
      this.download = { family: found.family, file: posix.join(this.folder, file) };
      return "download";
    }
    if (/^aws (--version|sts get-caller-identity|ecr describe-images)/.test(texts.join(" ")))
      return "harmless";
    return "other";
  }

  /** `echo "name=value" >> "$GITHUB_OUTPUT"`, or the old `::set-output`. */
  private output(
    { redirects }: Command,
    texts: readonly (string | undefined)[],
    words: readonly Word[],
  ): Meaning | undefined {
    if (texts[0] !== "echo") return undefined;
    const target = redirects.map((each) => variableOnly(each.target))[0];
    const [first] = words.slice(1).filter((word) => !/^-[ne]+$/.test(plainText(word) ?? ""));
    const opening = first?.[0]?.kind === "text" ? first[0].text : "";
    const [, old] = opening.match(/^::set-output name=([\w-]+)::/) ?? [];
    const [, name] = opening.match(/^([\w-]+)=/) ?? [];
    const value = texts
      .slice(words.indexOf(first ?? []))
      .map((text) => text ?? undefined)
      .reduce((all, text) => join(all, text), undefined as string | undefined | null);
    if (old !== undefined) {
      this.outputs.set(old, value?.replace(/^::set-output name=[\w-]+::/, ""));
      return "output";
    }
    if (name === undefined) return undefined;
    if (target === "GITHUB_OUTPUT") {
      this.outputs.set(name, value?.slice(name.length + 1));
      return "output";
    }
    if (target !== "GITHUB_ENV") return undefined;
    this.variables.set(name, value?.slice(name.length + 1));
    return "output";
  }

  private assign({ name, value }: Assignment): void {
    const [only] = value;
    if (value.length === 1 && only?.kind === "command") {
      const file = registeredFile(only.text, (word) => this.evaluate(word));
      if (file !== undefined) this.registered.set(name, file);
    }
    this.locals.set(name, this.evaluate(value) ?? this.computed(name));
  }

  /** A value that the shell computes: the script can make it an output of its step. */
  private computed(name: string): string | undefined {
    if (this.registered.has(name)) return undefined;
    return wrap(`steps.${this.step.id ?? computedId}.outputs.${outputName(name)}`);
  }

  private variable(name: string): string | undefined {
    if (this.locals.has(name)) return this.locals.get(name);
    return this.scope.shellVariable(name, this.step);
  }

  private evaluate(word: Word): string | undefined {
    const texts = word.map((part) => {
      if (part.kind === "text") return this.scope.atJob(part.text, this.step);
      if (part.kind === "variable" && part.modifier === "") return this.variable(part.name);
      return undefined;
    });
    if (texts.some((text) => text === undefined)) return undefined;
    return canonical(texts.join(""));
  }
}

/** The id that a step without one gets if its script must set an output. */
export const computedId = "image-tag";

/** `IMAGE_TAG` → `image-tag`. */
export function outputName(variable: string): string {
  return variable.toLowerCase().replaceAll("_", "-");
}

interface Assignment {
  readonly name: string;
  readonly value: Word;
}

function assignmentOf(word: Word): Assignment | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== "text") return undefined;
  const [, name, text] = first.text.match(/^([A-Za-z_]\w*)=([\s\S]*)$/) ?? [];
  if (name === undefined) return undefined;
  return { name, value: text === "" ? rest : [{ kind: "text", text: text ?? "" }, ...rest] };
}

/** `NAME=value command …` → the words of the command. */
function withoutPrefix(words: readonly Word[]): readonly Word[] {
  const first = words.findIndex((word) => assignmentOf(word) === undefined);
  if (first < 0) return [];
  return words.slice(first);
}

/** `export NAME=value` */
function exported(words: readonly Word[]): readonly (Assignment | undefined)[] {
  if (!/^(export|readonly|local|declare)$/.test(plainText(words[0] ?? []) ?? "")) return [];
  return words.slice(1).map(assignmentOf);
}

function variableOnly(word: Word): string | undefined {
  const parts = word.filter((part) => part.kind !== "text" || part.text !== "");
  const [only] = parts;
  if (parts.length !== 1 || only?.kind !== "variable" || only.modifier !== "") return undefined;
  return only.name;
}

/** `aws ecr get-login-password | docker login …`, or `$(aws ecr get-login …)`. */
function isLogin({ text, after }: Command, next: Command | undefined): boolean {
  if (/^aws( --?\S+( [^-]\S*)?)* ecr get-login-password\b/.test(text)) return next?.after === "|";
  if (/^(docker|podman) login\b/.test(text)) return after === "|" || /dkr\.ecr|ECR/.test(text);
  return /^(eval )?"?\$\(aws ecr get-login\b/.test(text);
}

/** The file of `aws ecs register-task-definition --cli-input-json file://…`. */
function registeredFile(
  script: string,
  evaluate: (word: Word) => string | undefined,
): string | undefined {
  const [only, ...more] = readScript(script).commands;
  if (!only || more.some(({ words }) => plainText(words[0] ?? []) !== "jq")) return undefined;
  const found = readAwsCommand(only.words.map(evaluate), []);
  return found.kind === "register" ? found.file : undefined;
}

function join(all: string | undefined | null, text: string | undefined): string | null {
  if (all === null || text === undefined) return null;
  return all === undefined ? text : `${all} ${text}`;
}
