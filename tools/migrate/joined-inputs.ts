// Inputs of the official actions that are read together, PURE.

import { stringify } from "yaml";
import type { Carried } from "./carry.ts";
import type { Step } from "./source.ts";

/** `attests: type=provenance,mode=max` → `provenance: mode=max`. */
export function attestations(step: Step, { inputs }: Carried): void {
  for (const line of (step.with.get("attests") ?? "").split(/\r?\n/)) {
    const [, type = "", options = ""] = line.trim().match(/^type=(provenance|sbom),?(.*)$/) ?? [];
    if (type !== "" && !inputs.has(type)) inputs.set(type, options === "" ? "true" : options);
  }
}

export function ebsVolume(
  name: string | undefined,
  volume: string | undefined,
  carried: Carried,
): void {
  if (name === undefined || volume === undefined) return;
  try {
    const managedEBSVolume: unknown = JSON.parse(volume);
    carried.servicePatch["volumeConfigurations"] = [{ name, managedEBSVolume }];
  } catch {
    carried.remarks.push(
      "`service-managed-ebs-volume` is not carried over, because it is no JSON. Write it into " +
        "`service-patch` as `volumeConfigurations`.",
    );
  }
}

/** As YAML; texts are quoted, because an expression may become anything. */
export function setPatch(
  inputs: Map<string, string>,
  name: string,
  patch: Readonly<Record<string, unknown>>,
): void {
  if (Object.keys(patch).length === 0) return;
  const options = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" } as const;
  inputs.set(name, stringify(patch, { ...options, lineWidth: 0 }).trimEnd());
}

/** Of a render step without a file. */
export function familyOf(step: Step): string | undefined {
  const arn = step.with.get("task-definition-arn")?.trim();
  if (arn) return arn;
  const family = step.with.get("task-definition-family")?.trim();
  const revision = step.with.get("task-definition-revision")?.trim();
  if (!family) return undefined;
  return revision ? `${family}:${revision}` : family;
}
