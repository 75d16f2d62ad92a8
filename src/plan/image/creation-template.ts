// Whether ECR creates a missing repository when an image is pushed to it, PURE.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html

import type { CreationTemplate } from "../../ecs/observed.ts";

/**
 * The template with which ECR creates the repository on push; undefined: it does not create it. The
 * longest prefix decides, whatever it is applied for.
 */
export function templateOnPush(
  repositoryName: string,
  templates: readonly CreationTemplate[],
): CreationTemplate | undefined {
  const matching = templates
    .filter(({ prefix }) => repositoryName.startsWith(`${prefix.replace(/\/$/, "")}/`))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  const template = matching[0] ?? templates.find(({ prefix }) => prefix === "ROOT");
  if (!template?.appliedFor.includes("CREATE_ON_PUSH")) return undefined;
  return template;
}
