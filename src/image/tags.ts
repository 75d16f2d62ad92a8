// More names for an image that is there: the same manifest under another tag, so that no layer moves.

import type { Ecr } from "../aws/ecr.ts";
import { DeployError } from "../errors.ts";
import type { ImagePlan, RepositoryImagePlan } from "../plan/image/image.ts";
import type { Reporter } from "../reporter/reporter.ts";

export interface TagPorts {
  readonly ecr: Pick<Ecr, "describeImage" | "readManifest" | "putTag">;
  readonly reporter: Reporter;
}

/**
 * The further tags of image-tag.
 * @throws DeployError `ImageExists` when one is frozen on another image: it was taken since we looked
 */
export async function putMoreTags(
  { repository, moreTags }: RepositoryImagePlan,
  digest: string,
  ports: TagPorts,
): Promise<void> {
  for (const other of moreTags) {
    if ((await putTag(repository.name, digest, other, ports)) === "put") continue;
    throw new DeployError({
      code: "ImageExists",
      message: `"${other}" names another image of ${repository.name} since a moment ago, and the repository freezes its tags.`,
      hint: "The service was not touched. Take the tag out of image-tag, or give a new one.",
    });
  }
}

/** A `latest` that is frozen, or that this role may not move, is no failure: the deployment does not need it. */
export async function moveLatest(
  plan: ImagePlan,
  digest: string,
  when: "pushed" | "succeeded",
  ports: TagPorts,
): Promise<void> {
  if (plan.from !== "repository") return;
  const { repository, latest } = plan;
  if (!latest || (latest.when !== when && latest.when !== "never")) return;
  const put =
    latest.when === "never"
      ? "frozen"
      : await putIfAllowed(repository.name, digest, latest.tag, ports);
  if (put === "refused") return;
  if (put === "put") return ports.reporter.info(`${latest.tag} names the same image.`);
  if (when === "pushed")
    ports.reporter.notice(
      `"${latest.tag}" stays where it is: ${repository.name} freezes it. ${latest.cure ?? ""}\nOr set latest-tag: none.`,
    );
}

async function putIfAllowed(
  repositoryName: string,
  digest: string,
  to: string,
  ports: TagPorts,
): Promise<"put" | "frozen" | "refused"> {
  try {
    return await putTag(repositoryName, digest, to, ports);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== "PermissionMissing") throw error;
    ports.reporter.notice(
      `"${to}" stays where it is. ${error.message}\n${error.hint}\nOr set latest-tag: none.`,
    );
    return "refused";
  }
}

/** By the digest: a tag that moves may name the image of another run by now. */
async function putTag(
  repositoryName: string,
  digest: string,
  to: string,
  { ecr }: TagPorts,
): Promise<"put" | "frozen"> {
  const stored = await ecr.readManifest(repositoryName, digest);
  if (!stored)
    throw new DeployError({
      code: "PushFailed",
      message: `The manifest of ${repositoryName}@${digest} cannot be read, so that "${to}" cannot be put on it.`,
      hint: "The service was not touched. Was the image deleted in this moment? Run the job again.",
    });
  if ((await ecr.putTag(repositoryName, to, stored)) !== "frozen") return "put";
  // Which of its two errors ECR gives for the same digest on a frozen tag is not documented.
  const named = await ecr.describeImage(repositoryName, to);
  return named?.digest === stored.digest ? "put" : "frozen";
}
