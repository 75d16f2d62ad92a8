// Which deployments one step of ours makes, and which of them builds the image, PURE.

import { type SignIn, signInAt } from "./credentials.ts";
import { type DefinitionInputs, definitionInputs, isSameDefinition } from "./definition-inputs.ts";
import { canonical } from "./expressions.ts";
import type { Build, ContainerImage, Deployment } from "./facts.ts";
import { implicitImage, isImageOf } from "./image-of.ts";
import { conditionOf } from "./kept-steps.ts";
import type { Verb } from "./plan.ts";
import type { Settlement } from "./settle.ts";
import type { Step } from "./source.ts";

/** Deployments that one step of ours makes. */
export interface Group {
  readonly deployments: readonly [Deployment, ...Deployment[]];
  readonly definition: DefinitionInputs;
  /** A task of the same image that runs before. */
  readonly before: Deployment | undefined;
}

export class Grouping {
  private readonly settlement: Settlement;
  private readonly signIns: readonly SignIn[];
  private readonly needed: readonly Settlement[];

  constructor(settlement: Settlement, signIns: readonly SignIn[], needed: readonly Settlement[]) {
    this.settlement = settlement;
    this.signIns = signIns;
    this.needed = needed;
  }

  groups(): readonly Group[] {
    const groups: Group[] = [];
    for (const deployment of this.settlement.deployments) {
      const definition = definitionInputs(deployment, this.settlement.scope);
      const last = groups.at(-1);
      if (last && this.mayJoin(deployment, definition, last))
        groups[groups.length - 1] = {
          ...last,
          deployments: [...last.deployments, deployment],
        };
      else if (last && this.isTaskBefore(last, deployment))
        groups[groups.length - 1] = {
          deployments: [deployment],
          definition,
          before: last.deployments[0],
        };
      else groups.push({ deployments: [deployment], definition, before: undefined });
    }
    return groups;
  }

  /** A task of the same revision that runs before the deployment. */
  private isTaskBefore({ deployments }: Group, deployment: Deployment): boolean {
    const [task] = deployments;
    return (
      task.runsTask &&
      task.service === undefined &&
      deployment.service !== undefined &&
      !deployment.runsTask &&
      task.cluster === deployment.cluster &&
      task.definition.base === deployment.definition.base &&
      conditionOf(task.step) === conditionOf(deployment.step) &&
      this.isSameImage(task, deployment) &&
      !this.isReadBetween(task.step, deployment.step)
    );
  }

  /** Deployments of the same image to several services of one cluster. */
  private mayJoin(deployment: Deployment, definition: DefinitionInputs, group: Group): boolean {
    const [first] = group.deployments;
    const text = ({ cluster, region, inputs, step }: Deployment) =>
      JSON.stringify([cluster, region, [...inputs], conditionOf(step), ...fieldsOf(step)]);
    const hasService = [first, deployment].every(
      ({ service, runsTask }) => service !== undefined && !runsTask,
    );
    const bases = [first, deployment].map((each) => each.definition.base);
    return (
      hasService &&
      text(first) === text(deployment) &&
      bases.every((base) => (base === undefined) === (bases[0] === undefined)) &&
      isSameDefinition(definition, group.definition) &&
      this.imagesOf(first).length <= 1 &&
      this.isSameImage(first, deployment) &&
      signInAt(first.step, this.signIns)?.step === signInAt(deployment.step, this.signIns)?.step &&
      !this.isReadBetween(first.step, deployment.step)
    );
  }

  private isSameImage(a: Deployment, b: Deployment): boolean {
    const [ofA, ofB] = [this.imagesOf(a), this.imagesOf(b)];
    if (ofA.length === 0 && ofB.length === 0) return true; // the only image of the job
    if (ofA.length !== 1 || ofB.length !== 1) return false;
    const [builtA, builtB] = [this.buildOf(ofA[0]), this.buildOf(ofB[0])];
    if (builtA || builtB) return builtA === builtB;
    const { scope } = this.settlement;
    const resolved = (image: ContainerImage | undefined) =>
      image && scope.resolved(image.image, image.step);
    return resolved(ofA[0]) === resolved(ofB[0]);
  }

  /** A step that stays reads an output of a step, and stands before our step would. */
  private isReadBetween(from: Step, to: Step): boolean {
    if (from.id === undefined) return false;
    return this.settlement.references.some(
      ({ id, step }) =>
        id === from.id && step !== undefined && this.isKept(step) && step.index < to.index,
    );
  }

  /** A step that stays names the image, and stands before our step would. */
  private isNamedBetween({ pushed, steps }: Build, to: Step): boolean {
    const [first] = steps;
    return this.settlement.scope.job.steps.some((step) => {
      if (!this.isKept(step) || step.index > to.index || step.index < (first?.index ?? 0))
        return false;
      const texts = [step.run ?? "", ...step.with.values(), ...step.env.values()];
      return texts.some((text) => pushed.some((image) => canonical(text).includes(image)));
    });
  }

  private isKept(step: Step): boolean {
    return !this.settlement.replaced.has(step);
  }

  /** One entry for each image; those of several containers that get the same one are joined. */
  imagesOf({ definition }: Deployment): readonly ContainerImage[] {
    const { scope } = this.settlement;
    const byImage = Map.groupBy(definition.images, (each) => {
      const build = this.buildOf(each);
      return build ?? scope.resolved(each.image, each.step);
    });
    return [...byImage.values()].flatMap(([first, ...others]) => {
      if (!first) return [];
      const containers = [first, ...others].flatMap((each) => each.containers);
      return [{ ...first, containers }];
    });
  }

  buildOf(image: ContainerImage | undefined): Build | undefined {
    if (!image) return undefined;
    const { facts, scope } = this.settlement;
    return facts.builds.find((build) => isImageOf(image.image, build, scope));
  }

  /** The first deployment of an image builds it, unless something stands between. */
  isMerged(build: Build, group: Group, groups: readonly Group[]): boolean {
    if (groups.find((each) => this.uses(each, build)) !== group) return false;
    const last = group.deployments.at(-1);
    const images = this.imagesOf(group.deployments[0]);
    const steps = [...build.steps];
    if (!last || images.length > 1 || this.verbOf(group) !== "deploy") return false;
    const { step } = group.deployments[0];
    const signIn = signInAt(step, this.signIns);
    const conditions = new Set([...steps, step].map(conditionOf));
    return (
      conditions.size === 1 &&
      steps.every((each) => isSameSignIn(signInAt(each, this.signIns), signIn)) &&
      steps.every((each) => !this.isReadBetween(each, last.step)) &&
      !this.isNamedBetween(build, last.step) &&
      build.action?.fields.get("continue-on-error") === step.fields.get("continue-on-error")
    );
  }

  private uses({ deployments }: Group, build: Build): boolean {
    return deployments.some((deployment) => {
      if (deployment.definition.images.length === 0)
        return implicitImage(this.settlement.facts, this.needed)?.build === build;
      return this.imagesOf(deployment).some((image) => this.buildOf(image) === build);
    });
  }

  verbOf({ deployments: [first] }: Group): Verb {
    if (first.service !== undefined) return "deploy";
    return first.runsTask ? "run-task" : "register";
  }
}

/** What our step takes from the step that it replaces. */
export function fieldsOf(step: Step): readonly (readonly [string, string])[] {
  return ["if", "continue-on-error", "timeout-minutes"].flatMap((name) => {
    const value = step.fields.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}

function isSameSignIn(a: SignIn | undefined, b: SignIn | undefined): boolean {
  if (!a || !b) return a === b;
  return JSON.stringify([...a.step.with]) === JSON.stringify([...b.step.with]);
}
