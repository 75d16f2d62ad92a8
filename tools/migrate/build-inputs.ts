// A build → the inputs of the step of ours that makes it, PURE.

import type { Build } from "./facts.ts";
import { imageInputs } from "./image-inputs.ts";
import { deployedReference } from "./image-of.ts";
import type { NewStep } from "./plan.ts";
import type { Scope } from "./scope.ts";
import type { Settlement } from "./settle.ts";
import type { Step } from "./source.ts";

/** Gives docker/metadata-action, if its tags are still needed. */
export function addBuildInputs(
  step: NewStep,
  build: Build,
  { scope, facts }: Settlement,
): Step | undefined {
  const found = imageInputs(build, deployedReference(build, facts, scope), scope);
  if ("obstacle" in found) throw new Error(found.obstacle); // settled before
  for (const [name, value] of found.inputs) step.with.set(name, value);
  step.remarks.push(...found.remarks, ...build.remarks);
  for (const [name, value] of build.inputs) {
    const kept = name === "labels" && !found.keepsMetadata ? ownLabels(build, value) : value;
    const text = buildInput(step, name, kept, scope);
    if (text !== "") step.with.set(name, text);
  }
  addVariables(step, build);
  return found.keepsMetadata ? build.metadata : undefined;
}

/** Without those of docker/metadata-action, which is removed. */
function ownLabels({ metadata }: Build, value: string): string {
  if (metadata?.id === undefined) return value;
  const lines = value.split("\n").filter((line) => !line.includes(`steps.${metadata.id}.`));
  return lines.join("\n");
}

function buildInput(step: NewStep, name: string, value: string, scope: Scope): string {
  if (name === "context" && (value === "." || value === "./")) return "";
  if (name === "cache-from" || name === "cache-to") return cache(step, name, value, scope);
  return value;
}

/** A cache in the repository itself is our `registry`. */
function cache(step: NewStep, name: string, value: string, scope: Scope): string {
  const lines = value.split("\n").map((line) => {
    if (!/type=registry/.test(line) || !/ref=/.test(line)) return line;
    const isOwn = /ECR-REGISTRY|\.dkr\.ecr\./.test(scope.resolved(line, undefined));
    if (!isOwn) return line;
    step.remarks.push(`\`${name}: registry\` is the tag \`buildcache\` of the repository.`);
    return "registry";
  });
  return lines.join("\n");
}

/** `build-args: NAME` takes the value from the environment, which was that of the build step. */
function addVariables(step: NewStep, build: Build): void {
  for (const line of (build.inputs.get("build-args") ?? "").split("\n")) {
    const name = line.trim();
    const value = [...build.steps].map(({ env }) => env.get(name)).find(Boolean);
    if (value !== undefined) step.env.set(name, value);
  }
}
