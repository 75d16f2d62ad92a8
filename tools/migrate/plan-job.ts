// A settled job → its new steps, and what happens to all others, PURE.

import { addBuildInputs } from "./build-inputs.ts";
import { carryInputs, type ReportLine } from "./carry.ts";
import { credentialsAt, type SignIn } from "./credentials.ts";
import { definitionInputs } from "./definition-inputs.ts";
import { wrap } from "./expressions.ts";
import type { Build, ContainerImage, Deployment } from "./facts.ts";
import { fieldsOf, type Group, Grouping } from "./groups.ts";
import { implicitImage } from "./image-of.ts";
import { loginAction } from "./job-facts.ts";
import type { NewStep, Verb } from "./plan.ts";
import type { Settlement } from "./settle.ts";
import type { Step } from "./source.ts";
import { isNetworkRemark, taskRunInputs, taskRunOf } from "./task-run.ts";

export interface Steps {
  readonly newSteps: readonly NewStep[];
  /** The step of ours that has the image of a build. */
  readonly stepOfBuild: ReadonlyMap<Build, NewStep>;
  readonly stepOfDeployment: ReadonlyMap<Deployment, NewStep>;
  readonly keptMetadata: ReadonlySet<Step>;
  /** Images of other jobs: the output that the other job needs. */
  readonly wantedOutputs: readonly { readonly from: Settlement; readonly build: Build }[];
  readonly report: readonly ReportLine[];
  /** The id of a new step, which gets one if it has none. */
  readonly idOf: (step: NewStep) => string;
}

/** The output of a build job that a deployment of another job reads. */
export function imageOutput(from: Settlement, build: Build): string {
  const place = from.builds.indexOf(build);
  const name = place === 0 ? "image" : `image-${place + 1}`;
  const { outputs } = from.scope.job;
  return outputs.has(name) ? `deploy-ecs-${name}` : name;
}

const implicitRemark =
  "No step says which image the service runs. It gets the one that this workflow builds: check that.";

export function planSteps(
  settlement: Settlement,
  signIns: readonly SignIn[],
  needed: readonly Settlement[],
): Steps {
  return new Planner(settlement, signIns, needed).plan();
}

class Planner {
  private readonly settlement: Settlement;
  private readonly signIns: readonly SignIn[];
  private readonly needed: readonly Settlement[];
  private readonly newSteps: NewStep[] = [];
  private readonly stepOfBuild = new Map<Build, NewStep>();
  private readonly stepOfDeployment = new Map<Deployment, NewStep>();
  private readonly keptMetadata = new Set<Step>();
  private readonly wantedOutputs: { from: Settlement; build: Build }[] = [];
  private readonly ids: Set<string>;
  private readonly grouping: Grouping;

  constructor(settlement: Settlement, signIns: readonly SignIn[], needed: readonly Settlement[]) {
    this.settlement = settlement;
    this.signIns = signIns;
    this.needed = needed;
    this.grouping = new Grouping(settlement, signIns, needed);
    const kept = settlement.scope.job.steps.filter(
      (step) => !settlement.replaced.has(step) || settlement.reduced.has(step),
    );
    this.ids = new Set(kept.flatMap(({ id }) => id ?? []));
  }

  plan(): Steps {
    const groups = this.grouping.groups();
    for (const build of this.settlement.builds)
      if (!groups.some((group) => this.grouping.isMerged(build, group, groups)))
        this.buildStep(build);
    for (const group of groups) this.deployStep(group, groups);
    const { newSteps, stepOfBuild, stepOfDeployment, keptMetadata, wantedOutputs } = this;
    const inOrder = newSteps.toSorted((a, b) => a.anchor.index - b.anchor.index);
    const idOf = (step: NewStep) => this.idOf(step);
    const { scope } = this.settlement;
    const report = [
      ...groups.flatMap((group) =>
        group.deployments.flatMap((each) => definitionInputs(each, scope).report),
      ),
      ...this.logins().flatMap((step) => carryInputs(step, loginAction, (text) => text).report),
    ];
    return {
      newSteps: inOrder,
      stepOfBuild,
      stepOfDeployment,
      keptMetadata,
      wantedOutputs,
      report,
      idOf,
    };
  }

  private buildStep(build: Build): void {
    const steps = [...build.steps];
    const anchor = steps.at(-1);
    if (!anchor) return;
    const step = this.newStep("build", anchor, "Build and push the image");
    this.add(step, credentialsAt(anchor, this.signIns, this.settlement.scope));
    this.addBuild(step, build);
    this.name(step, this.settlement.reduced.has(anchor) ? undefined : anchor.id, "build");
    this.newSteps.push(step);
  }

  private deployStep(group: Group, groups: readonly Group[]): void {
    const [first] = group.deployments;
    const last = group.deployments.at(-1) ?? first;
    const { scope } = this.settlement;
    const step = this.newStep(this.grouping.verbOf(group), last.step, "Deploy to Amazon ECS");
    this.add(step, credentialsAt(first.step, this.signIns, scope, first.region));
    const merged = this.settlement.builds.find((build) =>
      this.grouping.isMerged(build, group, groups),
    );
    if (merged) this.addBuild(step, merged);
    else this.addImage(step, group);
    const isPinned = first.definition.images.some(({ image }) => image.includes("@"));
    if (merged && isPinned) step.with.set("pin-digest", "true");
    if (first.definition.images.length === 0) step.remarks.push(implicitRemark);
    this.addDefinition(step, group);
    this.addService(step, group);
    this.addTaskRun(step, group.before ?? first);
    const all = group.before ? [group.before, ...group.deployments] : group.deployments;
    for (const deployment of all) {
      if (deployment !== group.before)
        for (const [name, value] of deployment.inputs)
          if (step.verb === "deploy" || (step.verb === "run-task" && name === "wait-for-minutes"))
            step.with.set(name, value);
      const own = [...deployment.remarks, ...definitionInputs(deployment, scope).remarks];
      step.remarks.push(
        ...own.filter((text) => step.verb !== "run-task" || !isNetworkRemark(text)),
      );
    }
    if (merged && step.fields.has("timeout-minutes"))
      step.remarks.push("`timeout-minutes` covers the build now, too.");
    const isReduced = this.settlement.reduced.has(last.step);
    this.name(step, isReduced ? undefined : last.step.id, undefined);
    step.waitsNow = step.verb === "deploy" && !group.deployments.some(({ waits }) => waits);
    for (const deployment of all) this.stepOfDeployment.set(deployment, step);
    this.newSteps.push(step);
  }

  private newStep(verb: Verb, anchor: Step, name: string): NewStep {
    const fields = new Map(fieldsOf(anchor));
    return {
      verb,
      anchor,
      name: (this.settlement.reduced.has(anchor) ? undefined : anchor.name) ?? name,
      id: undefined,
      fields,
      env: new Map(),
      with: new Map(),
      remarks: [],
      waitsNow: false,
    };
  }

  private add(step: NewStep, from: ReturnType<typeof credentialsAt>): void {
    for (const [name, value] of from.inputs) step.with.set(name, value);
    for (const [name, value] of from.env) step.env.set(name, value);
    step.remarks.push(...from.remarks);
    for (const login of this.logins())
      if (login.index < step.anchor.index)
        for (const [name, value] of carryInputs(login, loginAction, (text) => text).env)
          step.env.set(name, value);
  }

  private logins(): readonly Step[] {
    return this.settlement.scope.job.steps.filter(({ action }) => action === loginAction);
  }

  private addBuild(step: NewStep, build: Build): void {
    const metadata = addBuildInputs(step, build, this.settlement);
    if (metadata) this.keptMetadata.add(metadata);
    this.stepOfBuild.set(build, step);
  }

  private addImage(step: NewStep, { deployments: [first] }: Group): void {
    const images = this.grouping.imagesOf(first);
    if (images.length === 0) {
      const implicit = implicitImage(this.settlement.facts, this.needed);
      if (!implicit) throw new Error("a deployment without an image"); // settled before
      step.with.set("image", this.imageOfBuild(implicit.build, implicit.from));
      return;
    }
    const texts = images.map((image) => ({ image, text: this.imageText(image) }));
    const [only] = texts;
    if (only && texts.length === 1) step.with.set("image", only.text);
    else
      step.with.set(
        "image",
        texts
          .flatMap(({ image, text }) => image.containers.map((name) => `${name}=${text}`))
          .join("\n"),
      );
  }

  private imageText(image: ContainerImage): string {
    const own = this.grouping.buildOf(image);
    if (own) return this.imageOfBuild(own, undefined, image);
    const { scope } = this.settlement;
    const resolved = scope.resolved(image.image, image.step);
    for (const from of this.needed)
      for (const build of from.builds) {
        const [step] = build.steps;
        const isOfJob = image.image.includes(`needs.${from.scope.job.name}.outputs.`);
        const isSame = build.pushed.some((text) => from.scope.resolved(text, step) === resolved);
        if (isSame && (!isOfJob || !/^\$\{\{[^}]*\}\}$/.test(image.image)))
          return this.imageOfBuild(build, from);
      }
    return image.image;
  }

  private imageOfBuild(build: Build, from: Settlement | undefined, image?: ContainerImage): string {
    if (from) {
      this.wantedOutputs.push({ from, build });
      return wrap(`needs.${from.scope.job.name}.outputs.${imageOutput(from, build)}`);
    }
    const step = this.stepOfBuild.get(build);
    if (!step) return image?.image ?? build.pushed[0] ?? "";
    return wrap(`steps.${this.idOf(step)}.outputs.image`);
  }

  private addDefinition(step: NewStep, { deployments, definition }: Group): void {
    const [first] = deployments;
    for (const [name, value] of definition.inputs) step.with.set(name, value);
    const bases = deployments.map(({ definition: { base } }) => base);
    const isOne = new Set(bases).size === 1;
    if (isOne && first.definition.base !== undefined)
      step.with.set("task-definition", first.definition.base);
    if (!isOne)
      step.with.set(
        "task-definition",
        deployments.map((each) => `${each.service}=${each.definition.base}`).join("\n"),
      );
    this.addContainers(step, { deployments, definition });
  }

  private addContainers(
    step: NewStep,
    { deployments, definition }: Pick<Group, "deployments" | "definition">,
  ): void {
    if (this.grouping.imagesOf(deployments[0]).length > 1 && definition.inputs.size === 0) return;
    const { scope } = this.settlement;
    const all = deployments.map((each) => definitionInputs(each, scope).containers);
    const different = new Set(all.map((names) => names.join("\n")));
    if (different.size === 1 && definition.containers.length > 0)
      step.with.set("container-name", definition.containers.join("\n"));
    else if (different.size > 1)
      step.remarks.push(
        `The container is found by its image (it was ${all.flat().join(", ")}, by service).`,
      );
  }

  private addService(step: NewStep, { deployments }: Group): void {
    const [first] = deployments;
    if (step.verb === "register") return;
    step.with.set("cluster", first.cluster ?? "default");
    if (step.verb === "deploy")
      step.with.set("service", deployments.map(({ service }) => service).join("\n"));
  }

  private addTaskRun(step: NewStep, deployment: Deployment): void {
    if (!deployment.runsTask) return;
    const run = taskRunOf(deployment, this.settlement.scope);
    if ("obstacle" in run) return; // settled before
    if (step.verb === "deploy") {
      step.with.set("pre-deploy-command", run.command);
      if (run.container !== undefined) step.with.set("pre-deploy-container", run.container);
      return;
    }
    step.with.set("command", run.command);
    if (run.container !== undefined) step.with.set("container-name", run.container);
    for (const [name, value] of taskRunInputs(deployment, this.settlement.scope))
      step.with.set(name, value);
  }

  private idOf(step: NewStep): string {
    this.name(step, undefined, step.verb === "build" ? "build" : "deploy");
    return step.id ?? "";
  }

  /** Gives the step an id: the wished one, or a free one. */
  private name(step: NewStep, wished: string | undefined, other: string | undefined): void {
    if (step.id !== undefined) return;
    const base = wished ?? other;
    if (base === undefined) return;
    let id = base;
    for (let number = 2; this.ids.has(id); number++) id = `${base}-${number}`;
    this.ids.add(id);
    step.id = id;
  }
}
