// The references that a build pushes → `ecr-repository`, `image-tag` and `latest-tag`, PURE.

import { wrap } from "./expressions.ts";
import type { Build } from "./facts.ts";
import { type ImageReference, isMovingTag, splitReference } from "./image-reference.ts";
import { readMetadata } from "./metadata.ts";
import { ownRegistry, type Scope } from "./scope.ts";
import type { Step } from "./source.ts";

interface ImageInputs {
  readonly inputs: ReadonlyMap<string, string>;
  readonly remarks: readonly string[];
  /** docker/metadata-action is still needed for the tags. */
  readonly keepsMetadata: boolean;
}

export type ImageInputsOrObstacle = ImageInputs | { readonly obstacle: string };

const sha = wrap("github.sha");

/** @param deployed the reference that a task definition gets; undefined: not known */
export function imageInputs(
  build: Build,
  deployed: string | undefined,
  scope: Scope,
): ImageInputsOrObstacle {
  const [step] = build.steps;
  if (!step) return { obstacle: "no step builds it" };
  if (build.metadata && build.pushed.length === 0) return fromMetadata(build.metadata, scope);
  const references: ImageReference[] = [];
  for (const text of build.pushed) {
    const split = splitPushed(text, scope, step);
    if ("obstacle" in split) return split;
    references.push(split);
  }
  const repositories = new Set(references.map((one) => scope.resolved(one.repository, step)));
  const [first] = references;
  if (!first) return { obstacle: "nothing is pushed" };
  if (repositories.size > 1) return { obstacle: "it is pushed to several repositories" };
  const tags = [...new Set(references.map(({ tag }) => tag ?? "latest"))];
  const chosen = chooseTags(tags, deployedTag(deployed, scope, step), scope, step);
  const inputs = new Map([["ecr-repository", first.repository], ...chosen.inputs]);
  return { inputs, remarks: chosen.remarks, keepsMetadata: false };
}

function splitPushed(
  text: string,
  scope: Scope,
  step: Step,
): ImageReference | { readonly obstacle: string } {
  const resolved = scope.resolved(text, step);
  const split = [text, resolved]
    .map(splitReference)
    .find((each) => each !== undefined && each.registry !== undefined);
  if (!split)
    return {
      obstacle:
        `\`${text}\` does not show the name of the repository. ` +
        "`ecr-repository` needs the name alone",
    };
  const registry = scope.resolved(split.registry ?? "", step);
  const isEcr =
    registry === ownRegistry || /\.dkr[.-]ecr[.-]/.test(registry) || /^\$\{\{/.test(registry);
  if (!isEcr || /public\.ecr\.aws/.test(registry))
    return { obstacle: `it is pushed to ${split.registry}, which is no private registry of ECR` };
  const [, account] = registry.match(/^(\d{12})\.dkr/) ?? [];
  const roles = scope.job.steps.map((each) => each.with.get("role-to-assume") ?? "");
  const accounts = roles.flatMap((role) => role.match(/:iam::(\d{12}):/)?.[1] ?? []);
  if (account !== undefined && accounts.length > 0 && !accounts.includes(account))
    return { obstacle: `it is pushed to account ${account}, and the role is of another one` };
  return split;
}

function deployedTag(deployed: string | undefined, scope: Scope, step: Step): string | undefined {
  if (deployed === undefined) return undefined;
  const split = splitReference(scope.resolved(deployed, step));
  return split && (split.tag ?? (split.digest === undefined ? "latest" : undefined));
}

function chooseTags(
  tags: readonly string[],
  deployed: string | undefined,
  scope: Scope,
  step: Step,
): { readonly inputs: readonly (readonly [string, string])[]; readonly remarks: string[] } {
  const resolved = (tag: string) => scope.resolved(tag, step);
  const isMoving = (tag: string) => isMovingTag(resolved(tag));
  const fixed = tags
    .filter((tag) => !isMoving(tag))
    .toSorted((a, b) => Number(resolved(b) === deployed) - Number(resolved(a) === deployed));
  const moving = tags.filter(isMoving);
  const main = moving.find((tag) => resolved(tag) === "latest") ?? moving[0];
  const others = moving.filter((tag) => tag !== main);
  const remarks: string[] = [];
  const own =
    fixed.length > 0 ? fixed : [main === undefined ? sha : fixedFor(main, resolved(main))];
  if (
    fixed.length === 0 ||
    (deployed !== undefined && moving.some((m) => resolved(m) === deployed))
  )
    remarks.push(
      `The tag \`${main}\` moves with each push, so it was not known which image runs. Deployed is ` +
        `now \`${own[0]}\`, and \`${main}\` moves to the same image.`,
    );
  const inputs: (readonly [string, string])[] = [];
  if (own.length > 1 || own[0] !== sha || others.length > 0)
    inputs.push(["image-tag", [...own, ...others].join("\n")]);
  if (main === undefined) inputs.push(["latest-tag", "none"]);
  else if (resolved(main) !== "latest") inputs.push(["latest-tag", main]);
  return { inputs, remarks };
}

/** `api-latest` → `api-` and the commit: several images may be in one repository. */
function fixedFor(tag: string, resolved: string): string {
  if (/[-_.]latest$/.test(tag)) return tag.replace(/latest$/, sha);
  if (/^latest[-_.]/.test(tag)) return tag.replace(/^latest/, sha);
  if (resolved.includes("matrix.")) return `${tag}-${sha}`;
  return sha;
}

/** The tags that only docker/metadata-action knows. */
function fromMetadata(metadata: Step, scope: Scope): ImageInputsOrObstacle {
  const { image } = readMetadata(metadata, (value) => scope.atJob(value, metadata));
  if (image === undefined) return { obstacle: "docker/metadata-action has several images" };
  if (metadata.id === undefined) return { obstacle: "docker/metadata-action has no id" };
  const split = splitPushed(image, scope, metadata);
  if ("obstacle" in split) return split;
  const tags = wrap(`steps.${metadata.id}.outputs.tag-names`);
  return {
    inputs: new Map([
      ["ecr-repository", split.repository],
      ["image-tag", tags],
      ["latest-tag", "none"],
    ]),
    remarks: [
      "The first tag of docker/metadata-action is deployed. Its output `tag-names` needs version " +
        "5.9 or newer.",
    ],
    keepsMetadata: true,
  };
}
