// More tags for an existing image: the same manifest is put under another tag, no layer is pushed.

import type { Ecr } from "../aws/ecr.ts";
import { DeployError } from "../errors.ts";
import type { ImagePlan, RepositoryImagePlan } from "../plan/image/image.ts";
import type { Reporter } from "../reporter/reporter.ts";

export interface TagPorts {
  readonly ecr: Pick<Ecr, "describeImage" | "getManifest" | "putTag">;
  readonly reporter: Reporter;
}

/**
 * The second and further tags of image-tag.
 * @throws DeployError `ImageExists` when one is immutable and was given to another image during
 * this run
 */
export async function putAdditionalTags(
  { repository, additionalTags }: RepositoryImagePlan,
  digest: string,
  ports: TagPorts,
): Promise<void> {
  for (const tag of additionalTags) {
    if ((await putTag(repository.name, digest, tag, ports)) === "put") continue;
    throw new DeployError({
      code: "ImageExists",
      message:
        `The tag "${tag}" of ${repository.name} was given to another image during this run, and ` +
        "it is immutable.",
      hint: "The service was not touched. Remove the tag from image-tag, or use a new one.",
    });
  }
}

/**
 * A `latest` that is immutable, or that this role is not allowed to move, is no failure: the
 * deployment does not need it.
 */
export async function updateLatestTag(
  plan: ImagePlan,
  digest: string,
  when: "pushed" | "succeeded",
  ports: TagPorts,
): Promise<void> {
  if (plan.from !== "repository") return;
  const { repository, latest } = plan;
  if (!latest || (latest.when !== when && latest.when !== "never")) return;
  const isImmutable = latest.when === "never";
  const put = () => putTagIfPermitted(repository.name, digest, latest.tag, ports);
  const result = isImmutable ? "immutable" : await put();
  if (result === "refused") return;
  if (result === "put") return ports.reporter.info(`Tagged the image as ${latest.tag}.`);
  if (when === "pushed")
    ports.reporter.notice(
      `Tag "${latest.tag}" was not moved: it is immutable in ${repository.name}. ` +
        `${latest.remedy ?? ""}\nOr set latest-tag: none.`,
    );
}

async function putTagIfPermitted(
  repositoryName: string,
  digest: string,
  tag: string,
  ports: TagPorts,
): Promise<"put" | "immutable" | "refused"> {
  try {
    return await putTag(repositoryName, digest, tag, ports);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== "PermissionMissing") throw error;
    ports.reporter.notice(
      `Tag "${tag}" was not moved. ${error.message}\n${error.hint}\nOr set latest-tag: none.`,
    );
    return "refused";
  }
}

/** By digest: a mutable tag may already name the image of another run. */
async function putTag(
  repositoryName: string,
  digest: string,
  tag: string,
  { ecr }: TagPorts,
): Promise<"put" | "immutable"> {
  const stored = await ecr.getManifest(repositoryName, digest);
  if (!stored)
    throw new DeployError({
      code: "PushFailed",
      message:
        `The manifest of ${repositoryName}@${digest} cannot be read, so the tag "${tag}" cannot ` +
        "be added to it.",
      hint: "The service was not touched. Was the image deleted meanwhile? Run the job again.",
    });
  if ((await ecr.putTag(repositoryName, tag, stored)) !== "immutable") return "put";
  // It is not documented which of its two errors ECR sends for the same digest under an immutable
  // tag.
  const existing = await ecr.describeImage(repositoryName, tag);
  if (existing?.digest === stored.digest) return "put";
  return "immutable";
}
