// A plan of a job → edits of the text, PURE.

import { canonical, soleExpression, wrap } from "./expressions.ts";
import type { JobPlan, NewStep, ReducedScript } from "./plan.ts";
import type { Edit } from "./ranges.ts";
import { renderComments, renderStep } from "./render.ts";
import { computedId, outputName } from "./script.ts";
import type { Settlement } from "./settle.ts";
import type { Source, Step } from "./source.ts";

export function jobEdits(settlement: Settlement, plan: JobPlan): readonly Edit[] {
  return new JobEdits(settlement, plan).all();
}

class JobEdits {
  private readonly source: Source;
  private readonly settlement: Settlement;
  private readonly plan: JobPlan;
  private readonly edits: Edit[] = [];

  constructor(settlement: Settlement, plan: JobPlan) {
    this.settlement = settlement;
    this.source = settlement.scope.source;
    this.plan = plan;
  }

  all(): readonly Edit[] {
    for (const step of this.settlement.scope.job.steps) this.step(step);
    for (const [step, script] of this.plan.reduced) this.reduce(step, script);
    if (this.plan.newSteps.length > 0) {
      this.rewriteReferences();
      this.rewriteImages();
      this.rewriteMetadata();
    }
    return this.edits;
  }

  private step(step: Step): void {
    const { removed, reduced, remarks, newSteps } = this.plan;
    const ours = newSteps.filter(({ anchor }) => anchor === step);
    if (removed.has(step)) {
      this.replace(step, ours);
      return;
    }
    const comments = renderComments(remarks.get(step) ?? [], step.indent);
    const fresh = comments.filter(() => !this.has(step, comments));
    if (fresh.length > 0) this.insert(step.range.start, linesOf(fresh));
    if (reduced.has(step) || ours.length > 0)
      this.insert(step.range.end, ours.map((each) => this.rendered(each)).join(""));
  }

  /** The comment is there already: the file is converted a second time. */
  private has(step: Step, comments: readonly string[]): boolean {
    const before = this.source.text.slice(step.leadStart, step.range.start);
    return comments.every((line) => before.includes(line.trim()));
  }

  private insert(at: number, text: string): void {
    const { text: whole } = this.source;
    const needsBreak = at === whole.length && at > 0 && whole[at - 1] !== "\n" && text !== "";
    this.edits.push({ start: at, end: at, text: needsBreak ? `\n${text}` : text });
  }

  /** Removes a step and what is before it; our steps have its place. */
  private replace(step: Step, ours: readonly NewStep[]): void {
    const { text } = this.source;
    const blank = blankBefore(text, step);
    // Our step stands apart from what is above, as the first of the steps that it replaces did.
    const above = this.removedAbove(step);
    const spacing = ours.length > 0 ? blank || blankBefore(text, above) : "";
    const rendered = ours.map((each) => this.rendered(each)).join(blank);
    this.edits.push({ start: step.leadStart, end: step.range.end, text: spacing + rendered });
  }

  /** The first of the removed steps that stand directly above a step. */
  private removedAbove(step: Step): Step {
    const { steps } = this.settlement.scope.job;
    let first = step;
    for (let index = step.index - 1; index >= 0; index--) {
      const above = steps[index];
      const isOurs = this.plan.newSteps.some(({ anchor }) => anchor === above);
      if (!above || !this.plan.removed.has(above) || isOurs) break;
      first = above;
    }
    return first;
  }

  private rendered(step: NewStep): string {
    return this.checkout(step) + renderStep(step, step.anchor.indent, this.comments(step));
  }

  /** Comments of the steps that a new step replaces. */
  private comments(step: NewStep): readonly string[] {
    const { newSteps, removed } = this.plan;
    const { job } = this.settlement.scope;
    const sources = job.steps.filter((one) => {
      if (!removed.has(one)) return false;
      const next = newSteps.find(({ anchor }) => anchor.index >= one.index) ?? newSteps.at(-1);
      return next === step;
    });
    return sources.flatMap((one) =>
      this.source.comments
        .filter(({ offset }) => offset >= one.leadStart && offset < one.range.end)
        .map(({ text }) => text)
        .filter((text) => !isVersion(text) && !this.isOurs(text)),
    );
  }

  private isOurs(text: string): boolean {
    return text.startsWith("# deploy-ecs: ");
  }

  /** Our step reads files of the workspace, where docker/build-push-action reads Git. */
  private checkout(step: NewStep): string {
    const { job } = this.settlement.scope;
    const isNeeded =
      step.with.has("ecr-repository") || /[./]/.test(step.with.get("task-definition") ?? "");
    const has = job.steps.some(
      ({ action, index }) =>
        index < step.anchor.index &&
        (/(^|\/)checkout$/.test(action ?? "") || action?.startsWith("./")),
    );
    const first = this.plan.newSteps[0] === step;
    const isScript = [...this.plan.stepOfBuild].some(
      ([build, ours]) => ours === step && !build.action,
    );
    if (!isNeeded || has || !first || isScript || this.source.kind === "composite") return "";
    const { indent } = step.anchor;
    const comment = renderComments(
      ["The files are read from the workspace, so they are checked out."],
      indent,
    );
    return linesOf([...comment, `${indent}- uses: actions/checkout@v7`]);
  }

  /** Keeps some lines of a script, and makes variables of it outputs. */
  private reduce(step: Step, { keeps, outputs }: ReducedScript): void {
    const { script } = step;
    if (!script) return;
    const { text } = this.source;
    const lines = text.slice(script.start, script.end).split(/(?<=\n)/);
    const all = this.settlement.reduced.get(step) ?? [];
    const owners = lines.map((_, index) =>
      all.find(({ lines: [from, to] }) => index >= from && index <= to),
    );
    const kept = lines.filter((line, index) => {
      const owner = owners[index] ?? owners.slice(index).find((each) => each !== undefined);
      if (owners[index] === undefined && line.trim() === "" && keeps.length === 0) return false;
      return owner !== undefined && keeps.includes(owner);
    });
    const [indent = ""] = (lines.find((line) => line.trim() !== "") ?? "").match(/^\s*/) ?? [];
    const added = outputs.map(
      (name) => `${indent}echo "${outputName(name)}=$${name}" >> "$GITHUB_OUTPUT"\n`,
    );
    const body = [...kept.map((line) => (line.endsWith("\n") ? line : `${line}\n`)), ...added];
    this.edits.push({ ...script, text: body.join("") });
    if (outputs.length > 0 && step.id === undefined) this.addId(step);
    this.removeVariables(step);
  }

  private addId(step: Step): void {
    const line = this.source.text.slice(step.range.start, step.range.end);
    const [dash = ""] = line.match(/^\s*-\s+/) ?? [];
    const at = step.range.start + dash.length;
    this.insert(at, `id: ${computedId}\n${" ".repeat(dash.length)}`);
  }

  /** Variables that held outputs of steps that are removed. */
  private removeVariables(step: Step): void {
    const ids = new Set([...this.plan.removed].flatMap(({ id }) => id ?? []));
    const isGone = (value: string) => [...ids].some((id) => value.includes(`steps.${id}.`));
    const gone = [...step.env].filter(([, value]) => isGone(value)).map(([name]) => name);
    if (gone.length === 0) return;
    const text = this.source.text.slice(step.range.start, step.range.end);
    const lines = gone.map((name) => String.raw`[ \t]+${name}[ \t]*:[^\n]*\n`);
    const all =
      gone.length === step.env.size ? [...lines, String.raw`[ \t]+env:[ \t]*\r?\n`] : lines;
    for (const line of all) {
      const match = text.match(new RegExp(`(?<=^|\\n)${line}`));
      if (match?.index === undefined) continue;
      const start = step.range.start + match.index;
      this.edits.push({ start, end: start + match[0].length, text: "" });
    }
  }

  private isReplaced(step: Step | undefined): boolean {
    if (!step) return false;
    return this.plan.removed.has(step) || this.plan.reduced.has(step);
  }

  private rewriteReferences(): void {
    const { outputs, ids } = this.plan;
    for (const { id, output, range, whole, step } of this.settlement.references) {
      if (this.isReplaced(step)) continue;
      const isReduced = [...this.plan.reduced.keys()].some((one) => one.id === id);
      if (output === undefined) {
        const ours = ids.get(id);
        if (ours === undefined || isReduced) continue;
        const text = this.source.text
          .slice(range.start, range.end)
          .replace(/^steps\.[\w-]+/, `steps.${ours}`);
        this.edits.push({ ...range, text });
        continue;
      }
      const value = outputs.get(`${id}.${output}`);
      if (value === undefined) continue;
      const inner = soleExpression(value);
      if (whole) this.edits.push({ ...whole, text: value });
      else if (inner !== undefined) this.edits.push({ ...range, text: inner });
    }
  }

  /** `REGISTRY/REPOSITORY:TAG` in steps that stay. */
  private rewriteImages(): void {
    const { job } = this.settlement.scope;
    for (const { text, step } of this.plan.images) {
      if (!/steps\.[\w-]+\.outputs\.registry/.test(text)) continue;
      const pattern = new RegExp(flexible(text), "g");
      const inside = this.source.text.slice(job.range.start, job.range.end);
      for (const match of inside.matchAll(pattern)) {
        const start = job.range.start + match.index;
        const reader = job.steps.find(({ range }) => start >= range.start && start < range.end);
        const isImages = reader && this.plan.metadata.has(reader);
        if (this.isReplaced(reader) || isImages) continue;
        const expression = wrap(`steps.${this.plan.idOf(step)}.outputs.image`);
        this.edits.push({ start, end: start + match[0].length, text: expression });
      }
    }
  }

  /** docker/metadata-action stays for its tags: it needs no registry. */
  private rewriteMetadata(): void {
    for (const [step, image] of this.plan.metadata) {
      const given = step.with.get("images")?.trim();
      const text = this.source.text.slice(step.range.start, step.range.end);
      if (given === undefined || given.includes("\n")) continue;
      const at = text.indexOf(given);
      if (at < 0 || canonical(given) === canonical(image)) continue;
      const start = step.range.start + at;
      this.edits.push({ start, end: start + given.length, text: image });
    }
  }
}

/** The blank lines at the beginning of what is before a step. */
function blankBefore(text: string, step: Step): string {
  const lead = text.slice(step.leadStart, step.range.start);
  return lead.match(/^([ \t]*\r?\n)+/)?.[0] ?? "";
}

/** A pattern for the text, with any blanks inside of expressions. */
function flexible(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("\\$\\{\\{ ", "\\$\\{\\{\\s*")
    .replaceAll(" \\}\\}", "\\s*\\}\\}");
}

/** `# v4.1.0` behind a pinned commit: it says nothing about our step. */
function isVersion(comment: string): boolean {
  return /^#\s*((ratchet|pin|tag)\S*\s*)?[\w./-]*@?v?\d+(\.\d+)*\s*$/.test(comment);
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
