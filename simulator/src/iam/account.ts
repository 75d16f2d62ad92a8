// What IAM's checks need to know of the account, asked of ECS's own operations.

import type {
  DescribeClustersResponse,
  DescribeExpressGatewayServiceResponse,
  DescribeTaskDefinitionResponse,
  ListTagsForResourceResponse,
} from "@aws-sdk/client-ecs";
import { AwsError, type AwsService } from "../contract.ts";
import type { AccountLookup } from "./check.ts";

type EcsLookup = Pick<AccountLookup, "taskDefinition" | "hasCluster" | "tagsOf" | "expressService">;

/** @param ecs made after the gate, for it is behind it */
export function ecsLookup(ecs: () => AwsService): EcsLookup {
  /** undefined: ECS's own "there is none" */
  const ask = <Answer>(operation: string, input: object): Answer | undefined => {
    const root = { accountId: "", arn: "", accessKeyId: "" };
    const context = { principal: root, host: "localhost", requestId: "iam" };
    try {
      return ecs().operations[operation]?.(input, context) as Answer;
    } catch (error) {
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  };
  return {
    taskDefinition(reference) {
      const input = { taskDefinition: reference, include: ["TAGS"] };
      const { taskDefinition: known, tags = [] } =
        ask<DescribeTaskDefinitionResponse>("DescribeTaskDefinition", input) ?? {};
      if (!known?.taskDefinitionArn) return undefined;
      const { taskDefinitionArn: arn, taskRoleArn, executionRoleArn } = known;
      return { arn, taskRoleArn, executionRoleArn, hasTags: tags.length > 0 };
    },
    hasCluster(name) {
      const { clusters = [] } =
        ask<DescribeClustersResponse>("DescribeClusters", { clusters: [name] }) ?? {};
      return clusters[0]?.status === "ACTIVE";
    },
    tagsOf: (resourceArn) =>
      ask<ListTagsForResourceResponse>("ListTagsForResource", { resourceArn })?.tags ?? [],
    expressService(serviceArn) {
      const { service } =
        ask<DescribeExpressGatewayServiceResponse>("DescribeExpressGatewayService", {
          serviceArn,
        }) ?? {};
      const { executionRoleArn, taskRoleArn } = service?.activeConfigurations?.[0] ?? {};
      const { infrastructureRoleArn } = service ?? {};
      return { executionRoleArn, taskRoleArn, infrastructureRoleArn };
    },
  };
}
