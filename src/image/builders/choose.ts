// Which builder: what the input names, else the first one that answers and can do what is asked.

import { DeployError } from "../../errors.ts";
import type { BuildPlan } from "../../plan/image/build.ts";
import * as buildah from "./buildah.ts";
import { type Answer, type Builder, lackingPlatforms, refusals, type Search } from "./builder.ts";
import * as buildx from "./buildx.ts";
import * as docker from "./docker.ts";

const builders: Readonly<Record<string, (search: Search) => Promise<Answer>>> = {
  buildx: buildx.answers,
  docker: docker.answers,
  buildah: buildah.answers,
};

/** @throws DeployError `BuilderMissing`, `BuilderUnable` */
export async function chooseBuilder(build: BuildPlan, search: Search): Promise<Builder> {
  const { builder: wanted } = build;
  const named =
    wanted === undefined ? Object.values(builders) : [builders[wanted] ?? buildxInstance(wanted)];
  const missing: string[] = [];
  let unable: readonly string[] = [];
  for (const answers of named) {
    const answer = await answers(search);
    if ("missing" in answer) {
      missing.push(answer.missing);
      continue;
    }
    const lacking = lackingPlatforms(answer.builder, build);
    if (lacking.length > 0) throw builderUnable(lacking);
    const refused = refusals(answer.builder, build);
    if (refused.length === 0) return answer.builder;
    if (unable.length === 0) unable = refused;
  }
  throw unable.length > 0 ? builderUnable(unable) : builderMissing(missing, wanted);
}

function buildxInstance(name: string): (search: Search) => Promise<Answer> {
  return (search) => buildx.answers({ ...search, instance: name });
}

function builderUnable(refused: readonly string[]): DeployError {
  return new DeployError({
    code: "BuilderUnable",
    message: refused.join("\n"),
    hint: "Nothing was built. Give another `builder`, or leave the input out.",
  });
}

function builderMissing(missing: readonly string[], wanted: string | undefined): DeployError {
  const said = [...new Set(missing)].join(" ");
  return new DeployError({
    code: "BuilderMissing",
    message: wanted === undefined ? said : `builder: ${wanted} does not answer. ${said}`,
    hint: "Nothing was built. GitHub's ubuntu runners have Docker with buildx; on your own runner install and start Docker, or install buildah, which needs no engine.",
  });
}
