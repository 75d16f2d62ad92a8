// What is there before anything moves: read only, in parallel, in seconds.

import type { AwsSession } from "./aws/session.ts";
import { DeployError } from "./errors.ts";
import { observeCommit } from "./image/commit.ts";
import { lookUpImage, type RegistryPorts } from "./image/registry.ts";
import type { Inputs } from "./inputs/schema.ts";
import { chooseTags } from "./plan/image.ts";
import type {
  ObservedCommit,
  ObservedImage,
  ObservedRepository,
  ObservedService,
  ObservedTaskDefinition,
} from "./plan/observed.ts";
import type { Observed } from "./plan/plan.ts";
import type { SoughtService } from "./plan/preflight.ts";
import { earlierRevisionArn } from "./plan/service.ts";
import type { RunProcess } from "./process.ts";

export interface ObservePorts {
  readonly registry: RegistryPorts;
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly commit: string;
}

export async function observe(
  inputs: Inputs,
  { ecs, ecr }: Pick<AwsSession, "ecs" | "ecr">,
  ports: ObservePorts,
): Promise<Observed> {
  const [image, services] = await Promise.all([
    inputs.image === undefined ? observeRepository(inputs, ecr, ports) : observeReady(inputs.image, ports),
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
    ...image,
    services,
    taskDefinitions: Object.fromEntries(taskDefinitions),
  };
}

type ImageFindings = Pick<Observed, "commit" | "repository" | "tags" | "ready">;

async function observeRepository(inputs: Inputs, ecr: AwsSession["ecr"], ports: ObservePorts): Promise<ImageFindings> {
  const name = inputs.ecrRepository ?? "";
  const tags = chooseTags(inputs, ports.commit);
  const [commit, repository, images]: [ObservedCommit, ObservedRepository | undefined, (ObservedImage | undefined)[]] =
    await Promise.all([
      observeCommit(ports.commit, ports),
      ecr.describeRepository(name),
      Promise.all(tags.map((tag) => ecr.describeImage(name, tag))),
    ]);
  return { commit, repository, tags: Object.fromEntries(tags.map((tag, at) => [tag, images[at]])), ready: undefined };
}

async function observeReady(image: string, { commit, registry }: ObservePorts): Promise<ImageFindings> {
  return { commit: { sha: commit }, repository: undefined, tags: {}, ready: await lookUpImage(image, registry) };
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
