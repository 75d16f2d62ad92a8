// TagResource, UntagResource, ListTagsForResource, by ARN.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html

import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-ecs";
import { AwsError } from "../contract.ts";
import { invalidParameter } from "./errors.ts";
import { allServices } from "./lookup.ts";
import type { EcsState } from "./state.ts";

const maxTags = 50;

export function tagOperations(world: EcsState) {
  return {
    TagResource(input: TagResourceRequest): Record<string, never> {
      const resource = requireResource(world, input.resourceArn);
      const tags = input.tags ?? [];
      const keys = new Set(tags.map(({ key }) => key));
      const all = [...resource.tags.filter(({ key }) => !keys.has(key)), ...tags];
      if (all.length > maxTags) throw invalidParameter(`The maximum number of tags is ${maxTags}.`);
      resource.tags = all;
      return {};
    },
    UntagResource(input: UntagResourceRequest): Record<string, never> {
      const resource = requireResource(world, input.resourceArn);
      resource.tags = resource.tags.filter(({ key }) => !input.tagKeys?.includes(key ?? ""));
      return {};
    },
    ListTagsForResource: (input: ListTagsForResourceRequest): ListTagsForResourceResponse => ({
      tags: [...requireResource(world, input.resourceArn).tags],
    }),
  };
}

function requireResource(
  world: EcsState,
  resourceArn: string | undefined,
): { tags: readonly Tag[] } {
  if (!/^arn:[^:]+:ecs:/.test(resourceArn ?? "")) throw invalidParameter("Invalid arn syntax.");
  const clusters = [...world.clusters.values()];
  const found = [
    ...clusters,
    ...allServices(world),
    ...[...world.families.values()].flat(),
    ...clusters.flatMap(({ tasks }) => tasks),
  ].find(({ arn }) => arn === resourceArn);
  if (!found)
    throw new AwsError("ResourceNotFoundException", "The specified resource wasn't found.");
  return found;
}
