// Which build an image is of, PURE.

import { soleExpression, stepOutputOf } from "./expressions.ts";
import type { Build, JobFacts } from "./facts.ts";
import { metadataOutput } from "./metadata.ts";
import type { Scope } from "./scope.ts";
import type { Settlement } from "./settle.ts";

/** The reference that a task definition gets; undefined: no deployment of this job names one. */
export function deployedReference(build: Build, facts: JobFacts, scope: Scope): string | undefined {
  const images = facts.deployments.flatMap(({ definition }) => definition.images);
  const [first] = images.filter(({ image }) => isImageOf(image, build, scope));
  if (!first) return undefined;
  return scope.atJob(first.image, first.step);
}

/** The image of a deployment that names none: the only one of this job, or of those it needs. */
export function implicitImage(
  { builds }: JobFacts,
  needed: readonly Settlement[],
): { readonly build: Build; readonly from: Settlement | undefined } | undefined {
  const [own] = builds;
  if (own) return builds.length === 1 ? { build: own, from: undefined } : undefined;
  const others = needed.flatMap((from) => from.builds.map((build) => ({ build, from })));
  const [only] = others;
  return others.length === 1 ? only : undefined;
}

/** Whether a text is the image that a build pushes: by its reference, or by outputs of its steps. */
export function isImageOf(image: string, build: Build, scope: Scope): boolean {
  const [step] = build.steps;
  const resolved = scope.resolved(image, step);
  if (build.pushed.some((text) => scope.resolved(text, step) === resolved)) return true;
  const metadata = metadataOutput(image, scope.job.steps);
  if (metadata && metadata.step === build.metadata) return metadata.output === "tags";
  if (build.metadata?.id && image.includes(`steps.${build.metadata.id}.outputs.version`))
    return true;
  const output = stepOutputOf(soleExpression(image.split("@").at(-1) ?? "") ?? "");
  const isOwn = output && build.action?.id === output.id;
  return isOwn === true && ["digest", "imageid"].includes(output?.output ?? "");
}
