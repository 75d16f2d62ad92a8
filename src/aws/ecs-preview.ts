// The calls of ECS that only previews need, one function per call: services with their tags.

import {
  DescribeServicesCommand,
  type ECSClient,
  ListServicesCommand,
  TagResourceCommand,
} from "@aws-sdk/client-ecs";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import type { Call } from "./call.ts";
import { sendRawJson } from "./raw-json.ts";
import { requireAllReturned, requireList } from "./validate-response.ts";

export type PreviewCalls = ReturnType<typeof previewCalls>;

/** A service, as far as it matters whether it is a preview. */
export interface TaggedService {
  readonly name: string;
  readonly arn: string;
  /** ACTIVE, DRAINING, INACTIVE. */
  readonly status: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Limit of DescribeServices. */
export const maxDescribedServices = 10;

export function previewCalls(client: ECSClient, call: Call) {
  return {
    /** ARNs of all Express Mode services of the cluster that are not being deleted. */
    async listExpressServices(cluster: string): Promise<readonly string[]> {
      const arns: string[] = [];
      let nextToken: string | undefined;
      do {
        const command = new ListServicesCommand({
          cluster,
          nextToken,
          maxResults: 100,
          resourceManagementType: "ECS",
        });
        const page = await call("ecs:ListServices", (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        arns.push(...requireList(page.serviceArns, "serviceArns"));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return arns;
    },

    /** Up to ten names or ARNs. Those that ECS does not know are left out. */
    async describeTaggedServices(
      cluster: string,
      services: readonly string[],
    ): Promise<readonly TaggedService[]> {
      const input = { cluster, services: [...services], include: ["TAGS" as const] };
      return await call("ecs:DescribeServices", async (signal) => {
        const command = new DescribeServicesCommand(input);
        const answer = await sendRawJson(client, command, input, signal);
        const found = objectsOf(answer.services).map(toTaggedService);
        const missing = objectsOf(answer.failures).map(({ arn }) => stringOf(arn));
        requireAllReturned(services, [
          ...found.flatMap(({ name, arn }) => [name, arn]),
          ...missing,
        ]);
        return found;
      });
    },

    /** Adds the tag, or replaces its value. */
    async tagResource(resourceArn: string, key: string, value: string): Promise<void> {
      const command = new TagResourceCommand({ resourceArn, tags: [{ key, value }] });
      await call("ecs:TagResource", (abortSignal) => client.send(command, { abortSignal }));
    },
  };
}

function toTaggedService(service: JsonObject): TaggedService {
  return {
    name: stringOf(service.serviceName) ?? "",
    arn: stringOf(service.serviceArn) ?? "",
    status: stringOf(service.status) ?? "",
    tags: objectsOf(service.tags).map(({ key, value }) => ({
      key: stringOf(key) ?? "",
      value: stringOf(value) ?? "",
    })),
  };
}
