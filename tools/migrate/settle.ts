// Which builds and deployments of a job are converted, and which stay, PURE. An obstacle of one may
// be one of another, so this goes on until nothing changes.

import type { ReportLine } from "./carry.ts";
import { definitionInputs } from "./definition-inputs.ts";
import type { Build, Deployment, JobFacts, ScriptLine } from "./facts.ts";
import { imageInputs } from "./image-inputs.ts";
import { deployedReference, implicitImage, isImageOf } from "./image-of.ts";
import { titleOf, usesImages } from "./kept-steps.ts";
import { type Reference, referencesIn } from "./references.ts";
import type { Scope } from "./scope.ts";
import type { Step } from "./source.ts";
import { taskRunOf } from "./task-run.ts";

export const noImage = "no step builds or names its image";
export const ofDeployment = "the deployment of its image stays";

export interface Settlement {
  readonly scope: Scope;
  readonly facts: JobFacts & { readonly report: readonly ReportLine[] };
  readonly builds: readonly Build[];
  readonly deployments: readonly Deployment[];
  /** Scripts of which only some lines go. */
  readonly reduced: ReadonlyMap<Step, readonly ScriptLine[]>;
  /** Builds, deployments and their renders: without the steps that only support them. */
  readonly replaced: ReadonlySet<Step>;
  readonly references: readonly Reference[];
}

/** @param needed the jobs that this one needs, settled before */
export function settle(
  scope: Scope,
  facts: Settlement["facts"],
  needed: readonly Settlement[],
): Settlement {
  const settling = new Settling(scope, facts, needed);
  for (let before = -1; before !== settling.count(); ) {
    before = settling.count();
    settling.images();
    settling.tags();
    settling.scripts();
    settling.shared();
    settling.readers();
    settling.variables();
    settling.between();
  }
  return settling.result();
}

class Settling {
  private readonly scope: Scope;
  private readonly facts: Settlement["facts"];
  private readonly references: readonly Reference[];
  private readonly reduced = new Map<Step, readonly ScriptLine[]>();

  private readonly needed: readonly Settlement[];

  constructor(scope: Scope, facts: Settlement["facts"], needed: readonly Settlement[]) {
    this.scope = scope;
    this.facts = facts;
    this.needed = needed;
    this.references = referencesIn(scope.source.text, scope.job);
  }

  count(): number {
    const all = [...this.facts.builds, ...this.facts.deployments];
    return all.reduce((sum, { obstacles }) => sum + obstacles.length, 0);
  }

  result(): Settlement {
    const { scope, facts, references, reduced } = this;
    const builds = facts.builds.filter(({ obstacles }) => obstacles.length === 0);
    const deployments = facts.deployments.filter(({ obstacles }) => obstacles.length === 0);
    return { scope, facts, references, reduced, builds, deployments, replaced: this.replaced() };
  }

  private replaced(): ReadonlySet<Step> {
    const free = <T extends { readonly obstacles: readonly string[] }>(all: readonly T[]) =>
      all.filter(({ obstacles }) => obstacles.length === 0);
    return new Set([
      ...free(this.facts.builds).flatMap(({ steps }) => [...steps]),
      ...free(this.facts.deployments).flatMap(({ step, definition }) => [
        step,
        ...definition.renders,
      ]),
    ]);
  }

  /** Every deployment needs an image. */
  images(): void {
    for (const deployment of this.facts.deployments) {
      const { definition } = deployment;
      const { obstacle } = definitionInputs(deployment, this.scope);
      if (obstacle !== undefined) block(deployment, obstacle);
      const own = [...definitionInputs(deployment, this.scope).inputs.keys()];
      const isShared = this.facts.deployments.some(
        (other) => other !== deployment && other.definition.base === definition.base,
      );
      const missing = own.find((name) => /^(task-definition-patch|secrets)$/.test(name));
      if (deployment.runsTask && deployment.service === undefined && missing && !isShared)
        block(deployment, `the verb \`run-task\` has no \`${missing}\``);
      const run = deployment.runsTask ? taskRunOf(deployment, this.scope) : undefined;
      if (run && "obstacle" in run) block(deployment, run.obstacle);
      if (definition.images.length > 0) continue;
      if (!implicitImage(this.facts, this.needed)) block(deployment, noImage);
    }
  }

  /** What is pushed must be one repository of ECR, and no two images may have one name. */
  tags(): void {
    const names = new Map<string, Build>();
    for (const build of this.facts.builds) {
      if (build.obstacles.length > 0) continue;
      const found = imageInputs(
        build,
        deployedReference(build, this.facts, this.scope),
        this.scope,
      );
      if ("obstacle" in found) {
        block(build, found.obstacle);
        continue;
      }
      const { inputs } = found;
      const name = `${inputs.get("ecr-repository")}:${inputs.get("image-tag") ?? ""}`;
      const other = names.get(name);
      if (other) block(build, "two images of the job would get the same tag in one repository");
      names.set(name, build);
    }
  }

  /** A script is replaced as a whole, or loses the lines of the chain if all others are above. */
  scripts(): void {
    this.reduced.clear();
    for (const step of this.replaced()) {
      const script = this.facts.scripts.get(step);
      if (!script) continue;
      const problem = this.reduce(step);
      if (problem !== undefined) this.block(step, problem);
    }
  }

  private reduce(step: Step): string | undefined {
    const script = this.facts.scripts.get(step);
    if (!script) return undefined;
    if (script.complex !== undefined) return `the script cannot be taken apart: ${script.complex}`;
    const others = script.lines.filter(({ meaning }) => meaning === "other");
    const isChain = ({ meaning }: ScriptLine) => meaning === "docker" || meaning === "deploy";
    const first = script.lines.findIndex(isChain);
    const late = script.lines.slice(first).find(({ meaning }) => meaning === "other");
    if (late) return `the script does something else after it: \`${firstLine(late.text)}\``;
    const computed = this.computedVariables(step);
    if (others.length === 0 && computed.length === 0) return undefined;
    if (!step.script) return "its script is no block of lines, and has other commands, too";
    const chain = script.lines.filter((line) => !others.includes(line));
    const shares = chain.some(({ lines: [from, to] }) =>
      others.some(({ lines: [start, end] }) => start <= to && end >= from),
    );
    if (shares) return "the script has other commands on the same line";
    this.reduced.set(step, script.lines);
    return undefined;
  }

  /** Variables that the shell computes and our inputs need. */
  private computedVariables(step: Step): readonly string[] {
    const script = this.facts.scripts.get(step);
    const texts = this.facts.builds
      .filter(({ steps }) => steps.has(step))
      .flatMap(({ inputs, pushed }) => [...inputs.values(), ...pushed]);
    const names = (script?.lines ?? []).flatMap(({ variable }) => variable ?? []);
    return names.filter((name) =>
      texts.some((text) => text.includes(`.outputs.${name.toLowerCase().replaceAll("_", "-")} }}`)),
    );
  }

  /** Builds and deployments of one step stay together; a deployment that stays keeps its images. */
  shared(): void {
    for (const { obstacles, steps } of this.facts.builds)
      if (obstacles.length > 0)
        for (const step of steps) if (this.facts.scripts.has(step)) this.block(step, obstacles[0]);
    for (const { obstacles, step, definition } of this.facts.deployments) {
      if (obstacles.length === 0) continue;
      if (this.facts.scripts.has(step)) this.block(step, obstacles[0]);
      for (const build of this.facts.builds)
        if (definition.images.some(({ image }) => this.isImageOf(image, build)))
          block(build, `${ofDeployment}: ${obstacles[0]}`);
      for (const render of definition.renders)
        for (const other of this.facts.deployments)
          if (other.definition.renders.includes(render))
            block(other, `it shares a render step with one that stays: ${obstacles[0]}`);
    }
  }

  private isImageOf(image: string, build: Build): boolean {
    return isImageOf(image, build, this.scope);
  }

  /** Steps that read an output which ours do not have. */
  readers(): void {
    const replaced = this.replaced();
    for (const reference of this.references) {
      const { id, output, step: reader } = reference;
      const target = this.scope.job.steps.find((step) => step.id === id);
      if (!target || !replaced.has(target) || (reader && replaced.has(reader))) continue;
      if (this.reduced.has(target) && output === undefined) continue;
      if (reader && this.facts.roles.get(reader) === "metadata") continue;
      if (output === undefined || this.isKnown(target, reference)) continue;
      const where = reader ? `the step ${titleOf(reader)} reads` : "the job has";
      this.block(target, `${where} its output \`${output}\``);
    }
  }

  /** Steps that read a variable which a replaced script writes to GITHUB_ENV. */
  variables(): void {
    const replaced = this.replaced();
    for (const [step, { variables }] of this.facts.scripts) {
      if (!replaced.has(step)) continue;
      for (const name of variables.keys()) {
        const pattern = new RegExp(`\\benv\\.${name}\\b|\\$\\{?${name}\\b`);
        const reader = this.scope.job.steps.find(
          (one) =>
            one.index > step.index &&
            !replaced.has(one) &&
            pattern.test(
              [
                one.run ?? "",
                ...one.with.values(),
                ...one.env.values(),
                ...one.fields.values(),
              ].join("\n"),
            ),
        );
        if (reader)
          this.block(
            step,
            `the step ${titleOf(reader)} reads the variable \`${name}\` that it sets`,
          );
      }
    }
  }

  private isKnown(target: Step, { output = "", whole }: Reference): boolean {
    const { action } = target;
    if (action === "docker/build-push-action") return output === "digest";
    if (action?.endsWith("deploy-task-definition"))
      return output === "task-definition-arn" || output === "run-task-arn";
    const value = this.facts.scripts.get(target)?.outputs.get(output);
    if (value === undefined) return false;
    const isImage = this.facts.builds.some((build) => this.isImageOf(value, build));
    return isImage || whole !== undefined;
  }

  /** Steps between build and deployment that use the image in the runner's docker. */
  between(): void {
    const replaced = this.replaced();
    for (const build of this.facts.builds) {
      if (build.obstacles.length > 0) continue;
      const [first] = build.steps;
      const user = this.scope.job.steps.find(
        (step) => step.index > (first?.index ?? 0) && !replaced.has(step) && usesImages(step),
      );
      if (user) block(build, `the step ${titleOf(user)} uses the image in the runner's docker`);
    }
  }

  private block(step: Step, reason = ""): void {
    for (const build of this.facts.builds) if (build.steps.has(step)) block(build, reason);
    for (const deployment of this.facts.deployments)
      if (deployment.step === step || deployment.definition.renders.includes(step))
        block(deployment, reason);
  }
}

/** One reason is enough, and a second one would never let the loop end. */
function block(target: { readonly obstacles: string[] }, reason: string): void {
  if (target.obstacles.length === 0) target.obstacles.push(reason);
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.slice(0, 60) ?? "";
}
