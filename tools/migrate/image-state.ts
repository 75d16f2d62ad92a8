// Which images the steps of a job build, tag and push with docker, in order, PURE.

import type { DockerBuild } from "./docker-command.ts";
import type { Build } from "./facts.ts";
import type { Step } from "./source.ts";

export class ImageState {
  readonly builds: Build[] = [];
  private readonly images = new Map<string, Build>();

  build(step: Step, build: DockerBuild, complex: string | undefined): void {
    const made: Build = {
      steps: new Set([step]),
      action: undefined,
      inputs: new Map(build.inputs),
      pushed: build.pushes ? [...build.tags] : [],
      metadata: undefined,
      obstacles: [...build.obstacles, ...scriptObstacles(complex)],
      remarks: [...build.remarks],
    };
    this.builds.push(made);
    for (const tag of build.tags) this.images.set(withTag(tag), made);
  }

  /** False: the image was not built by a step that is known. */
  tag(
    step: Step,
    from: string | undefined,
    to: string | undefined,
    complex: string | undefined,
  ): boolean {
    const build = this.find(from);
    if (!build) return false;
    build.steps.add(step);
    build.obstacles.push(...scriptObstacles(complex));
    if (to === undefined) build.obstacles.push("a tag is known only to the shell");
    else this.images.set(withTag(to), build);
    return true;
  }

  /** False: the image was not built by a step that is known. */
  push(
    step: Step,
    reference: string | undefined,
    isAll: boolean,
    complex: string | undefined,
  ): boolean {
    if (reference === undefined) {
      for (const build of this.builds) build.obstacles.push("a tag is known only to the shell");
      return this.builds.length > 0;
    }
    const references = isAll
      ? [...this.images.keys()].filter((each) => each.startsWith(`${reference}:`))
      : [withTag(reference)];
    let isKnown = false;
    for (const each of references) {
      const build = this.find(each);
      if (!build) continue;
      isKnown = true;
      build.steps.add(step);
      build.obstacles.push(...scriptObstacles(complex));
      if (!build.pushed.includes(each)) build.pushed.push(each);
    }
    return isKnown;
  }

  add(build: Build): void {
    this.builds.push(build);
  }

  private find(reference: string | undefined): Build | undefined {
    if (reference === undefined) return undefined;
    return this.images.get(withTag(reference));
  }
}

/** docker means `latest` where no tag is given. */
function withTag(reference: string): string {
  const flat = reference.replace(/\$\{\{.*?\}\}/gs, "x");
  if (flat.lastIndexOf(":") > flat.lastIndexOf("/")) return reference;
  return `${reference}:latest`;
}

function scriptObstacles(complex: string | undefined): readonly string[] {
  if (complex === undefined) return [];
  return [`the script cannot be taken apart: ${complex}`];
}
