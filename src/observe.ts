// What is there before anything moves: read only, in parallel, in seconds.

import type { AwsSession } from "./aws/session.ts";
import { DeployError } from "./errors.ts";
import type { Inputs } from "./inputs/schema.ts";
import type { ObservedService, ObservedTaskDefinition } from "./plan/observed.ts";
import { chooseTag, type Observed } from "./plan/plan.ts";
import type { SoughtService } from "./plan/preflight.ts";
import { earlierRevisionArn } from "./plan/service.ts";

export async function observe(
  inputs: Inputs,
  { ecs, ecr }: Pick<AwsSession, "ecs" | "ecr">,
  commit: string,
): Promise<Observed> {
  const [repository, image, services] = await Promise.all([
    ecr.describeRepository(inputs.ecrRepository),
    ecr.describeImage(inputs.ecrRepository, chooseTag(inputs, commit)),
    observeServices(inputs, ecs),
  ]);
  const arns = new Set(
    services.flatMap(({ observed }) =>
      observed?.taskDefinitionArn ? [observed.taskDefinitionArn, earlierRevisionArn(observed)] : [],
    ),
  );
  const taskDefinitions = await Promise.all(
    [...arns].map(
      async (arn): Promise<[string, ObservedTaskDefinition]> => [arn, await ecs.describeTaskDefinition(arn)],
    ),
  );
  return {
    region: inputs.awsRegion,
    commit,
    repository,
    image,
    services,
    taskDefinitions: Object.fromEntries(taskDefinitions),
  };
}

async function observeServices(inputs: Inputs, ecs: AwsSession["ecs"]): Promise<readonly SoughtService[]> {
  const named = inputs.service.map(({ cluster = inputs.cluster, service }) => ({ cluster, name: service }));
  // A service named twice is one service: its second update would supersede its first.
  const sought = [...new Map(named.map((one) => [`${one.cluster}/${one.name}`, one])).values()];
  const clusters = [...new Set(sought.map(({ cluster }) => cluster))];
  const found = new Map<string, ObservedService>();
  await Promise.all(
    clusters.map(async (cluster) => {
      const names = sought.filter((service) => service.cluster === cluster).map(({ name }) => name);
      for (let first = 0; first < names.length; first += 10) {
        for (const service of await describe(ecs, cluster, names.slice(first, first + 10), inputs.awsRegion))
          found.set(`${cluster}/${service.name}`, service);
      }
    }),
  );
  return sought.map(({ cluster, name }) => ({ cluster, name, observed: found.get(`${cluster}/${name}`) }));
}

/** ECS's own error does not say which cluster it does not know. */
async function describe(
  ecs: AwsSession["ecs"],
  cluster: string,
  names: readonly string[],
  region: string,
): Promise<readonly ObservedService[]> {
  try {
    return await ecs.describeServices(cluster, names);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== "ClusterNotFound") throw error;
    throw new DeployError(
      {
        code: "ClusterNotFound",
        message: `There is no cluster "${cluster}" in ${region}.`,
        hint: "Nothing was built or changed. Check `cluster`, `aws-region` and the account of the role.",
      },
      { cause: error },
    );
  }
}
