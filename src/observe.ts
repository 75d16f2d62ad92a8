// What is there before anything moves: read only, in parallel, in seconds.

import { parseArn } from "./arn.ts";
import { knownShapes } from "./aws/model.ts";
import type { AwsSession } from "./aws/session.ts";
import type { Clock } from "./clock.ts";
import { observeCommit } from "./image/commit.ts";
import { lookUpImage, type RegistryPorts } from "./image/registry.ts";
import { goesBack } from "./inputs/goes-back.ts";
import type { Inputs } from "./inputs/schema.ts";
import {
  describeAll,
  type Memory,
  observeClusters,
  observeLogGroups,
  observeMemory,
  observeServices,
  observeSource,
} from "./observe-services.ts";
import { chooseTags } from "./plan/image.ts";
import type { ObservedCommit, ObservedImage, ObservedRepository, ObservedService } from "./plan/observed.ts";
import type { Observed } from "./plan/plan.ts";
import { wayBackOf } from "./plan/plan-going-back.ts";
import { earlierRevisionArn } from "./plan/service.ts";
import type { RunProcess } from "./process.ts";

export interface ObservePorts {
  readonly registry: RegistryPorts;
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly commit: string;
  readonly clock: Clock;
}

export async function observe(
  inputs: Inputs,
  aws: Pick<AwsSession, "ecs" | "ecr" | "logs" | "identity">,
  ports: ObservePorts,
): Promise<Observed> {
  const { ecs, logs, identity } = aws;
  const [image, { services, missing }, source] = await Promise.all([
    goesBack(inputs) ? nothingToBuild(ports) : observeImage(inputs, aws.ecr, ports),
    observeServices(inputs, ecs),
    observeSource(inputs, ecs),
  ]);
  const found = services.flatMap(({ observed }) => observed ?? []);
  const [clusters, memory] = await Promise.all([
    observeClusters(services, missing, ecs),
    observeMemory(inputs, found, ecs),
  ]);
  const observed: Observed = {
    region: inputs.awsRegion,
    accountId: identity.accountId,
    partition: parseArn(identity.arn)?.partition ?? "",
    at: ports.clock.now(),
    ...image,
    services,
    source,
    clusters,
    ...memory,
    taskDefinitions: await describeAll(revisionsOf(inputs, found, memory), ecs),
    logGroups: {},
    shapes: knownShapes(),
  };
  return { ...observed, logGroups: await observeLogGroups(inputs, observed, logs) };
}

/** What runs, what ran before while a deployment is under way, and what the services go back to. */
function revisionsOf(inputs: Inputs, services: readonly ObservedService[], memory: Memory): readonly string[] {
  return services.flatMap((service) => {
    const way = goesBack(inputs) ? wayBackOf(inputs, service, memory) : undefined;
    const target = way && "taskDefinitionArn" in way ? [way.taskDefinitionArn] : [];
    return [service.taskDefinitionArn, earlierRevisionArn(service), ...target].filter(Boolean);
  });
}

type ImageFindings = Pick<Observed, "commit" | "repository" | "tags" | "ready">;

/** Going back builds nothing: the images are those of the revision. */
async function nothingToBuild({ commit }: ObservePorts): Promise<ImageFindings> {
  return { commit: { sha: commit }, repository: undefined, tags: {}, ready: undefined };
}

function observeImage(inputs: Inputs, ecr: AwsSession["ecr"], ports: ObservePorts): Promise<ImageFindings> {
  return inputs.image === undefined ? observeRepository(inputs, ecr, ports) : observeReady(inputs.image, ports);
}

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
