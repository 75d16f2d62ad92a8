// More names for an image that is there: the same manifest under another tag, so that no layer moves.

import type { Ecr } from "../aws/ecr.ts";
import { DeployError } from "../errors.ts";
import type { ImagePlan, RepositoryImagePlan } from "../plan/image/image.ts";
import type { Reporter } from "../reporter/reporter.ts";

export interface TagPorts {
  readonly ecr: Pick<Ecr, "describeImage" | "getManifest" | "putTag">;
  readonly reporter: Reporter;
}

/**
 * The further tags of image-tag.
 * @throws DeployError `ImageExists` when one is frozen on another image: it was taken since we looked
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
      message: `"${tag}" names another image of ${repository.name} since a moment ago, and the repository freezes its tags.`,
      hint: "The service was not touched. Take the tag out of image-tag, or give a new one.",
    });
  }
}

/** A `latest` that is frozen, or that this role may not move, is no failure: the deployment does not need it. */
export async function updateLatestTag(
  plan: ImagePlan,
  digest: string,
  when: "pushed" | "succeeded",
  ports: TagPorts,
): Promise<void> {
  if (plan.from !== "repository") return;
  const { repository, latest } = plan;
  if (!latest || (latest.when !== when && latest.when !== "never")) return;
  const result =
    latest.when === "never"
      ? "immutable"
      : await putTagIfPermitted(repository.name, digest, latest.tag, ports);
  if (result === "refused") return;
  if (result === "put") return ports.reporter.info(`${latest.tag} names the same image.`);
  if (when === "pushed")
    ports.reporter.notice(
      `"${latest.tag}" stays where it is: ${repository.name} freezes it. ${latest.remedy ?? ""}\nOr set latest-tag: none.`,
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
      `"${tag}" stays where it is. ${error.message}\n${error.hint}\nOr set latest-tag: none.`,
    );
    return "refused";
  }
}

/** By the digest: a tag that moves may name the image of another run by now. */
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
      message: `The manifest of ${repositoryName}@${digest} cannot be read, so that "${tag}" cannot be put on it.`,
      hint: "The service was not touched. Was the image deleted in this moment? Run the job again.",
    });
  if ((await ecr.putTag(repositoryName, tag, stored)) !== "immutable") return "put";
  // Which of its two errors ECR gives for the same digest on a frozen tag is not documented.
  const existing = await ecr.describeImage(repositoryName, tag);
  return existing?.digest === stored.digest ? "put" : "immutable";
}
