// Chooses the builder: the one that the input names, otherwise the first one that is available and
// supports the build.

import { DeployError } from "../../errors.ts";
import type { BuildPlan } from "../../plan/image/build.ts";
import * as buildah from "./buildah.ts";
import {
  type Builder,
  capabilityErrors,
  type DetectRequest,
  type DetectResult,
  platformErrors,
} from "./builder.ts";
import * as buildx from "./buildx.ts";
import * as docker from "./docker.ts";

type Detector = (request: DetectRequest) => Promise<DetectResult>;

const detectors: Readonly<Record<string, Detector>> = {
  buildx: buildx.detectBuildx,
  docker: docker.detectDocker,
  buildah: buildah.detectBuildah,
};

/** @throws DeployError `BuilderMissing`, `BuilderUnsupported` */
export async function chooseBuilder(build: BuildPlan, request: DetectRequest): Promise<Builder> {
  const { builder: requestedName } = build;
  const candidates = detectorsFor(requestedName);
  const missing: string[] = [];
  let unsupportedFeatures: readonly string[] = [];
  for (const detect of candidates) {
    const result = await detect(request);
    if ("missing" in result) {
      missing.push(result.missing);
      continue;
    }
    const platformProblems = platformErrors(result.builder, build);
    if (platformProblems.length > 0) throw builderUnable(platformProblems);
    const featureProblems = capabilityErrors(result.builder, build);
    if (featureProblems.length === 0) return result.builder;
    if (unsupportedFeatures.length === 0) unsupportedFeatures = featureProblems;
  }
  if (unsupportedFeatures.length > 0) throw builderUnable(unsupportedFeatures);
  throw builderMissing(missing, requestedName);
}

function detectorsFor(name: string | undefined): readonly Detector[] {
  if (name === undefined) return Object.values(detectors);
  return [detectors[name] ?? detectNamedBuildx(name)];
}

function detectNamedBuildx(name: string): Detector {
  return (request) => buildx.detectBuildx({ ...request, builderName: name });
}

function builderUnable(problems: readonly string[]): DeployError {
  return new DeployError({
    code: "BuilderUnsupported",
    message: problems.join("\n"),
    hint: "Nothing was built. Set another `builder`, or omit the input.",
  });
}

function builderMissing(missing: readonly string[], wanted: string | undefined): DeployError {
  const reasons = [...new Set(missing)].join(" ");
  return new DeployError({
    code: "BuilderMissing",
    message: wanted === undefined ? reasons : `builder: ${wanted} is not available. ${reasons}`,
    hint:
      "Nothing was built. GitHub's ubuntu runners have Docker with buildx; on your own runner " +
      "install and start Docker, or install buildah, which needs no daemon.",
  });
}
