// Creates the repository of an image, if it does not exist (`if-repository-missing: create`).

import type { Ecr } from "../aws/ecr.ts";
import type { ObservedRepository } from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import { describeNewRepository } from "../plan/image/new-repository.ts";
import type { Reporter } from "../reporter/reporter.ts";

interface RepositoryPorts {
  readonly ecr: Pick<Ecr, "createRepository" | "describeRepository">;
  readonly reporter: Reporter;
}

/**
 * Another run may create it at the same time: then that repository is used.
 * @throws DeployError `PermissionMissing`, or `RepositoryNotFound` where ECR has it at another URI
 * than the one that was planned
 */
export async function createMissingRepository(
  planned: ObservedRepository,
  { ecr, reporter }: RepositoryPorts,
): Promise<void> {
  const created = await ecr.createRepository(planned);
  const repository = created ?? (await ecr.describeRepository(planned.name));
  if (repository?.uri !== planned.uri)
    throw new DeployError({
      code: "RepositoryNotFound",
      message:
        `The repository ${planned.name} was created, but ECR reports it at ` +
        `${repository?.uri ?? "no URI"}, not at ${planned.uri}.`,
      hint: "Nothing was built. Run the job again: it then reads the URI before it plans.",
    });
  if (created)
    reporter.info(`Created the repository ${planned.name} (${describeNewRepository(planned)}).`);
  else reporter.info(`The repository ${planned.name} was created by another run meanwhile.`);
}
