// What the operations of ECS Express Mode are checked against.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
//
// The reference names ecs:RegisterTaskDefinition and iam:PassRole as dependent actions of Create,
// and none of Update; callers were seen to need them for Update as well.

import type { AccountLookup, Check, Input, Rule } from "./check.ts";
import {
  arn,
  clusterArn,
  nameOf,
  passing,
  requestTags,
  resourceTags,
  serviceArn,
  tagging,
} from "./checks-ecs.ts";
import type { ConditionContext } from "./conditions.ts";

const createExpress: Rule = (input, account, action) => {
  const resource = serviceArn(input.serviceName ?? "*", input.cluster, account);
  const cluster = nameOf(input.cluster ?? "default");
  const inCluster = { "ecs:cluster": clusterArn(input.cluster, account) };
  const context = { ...inCluster, ...sizeOf(input), ...requestTags(input.tags) };
  const createCluster =
    cluster === "default" && !account.hasCluster(cluster)
      ? [{ action: "ecs:CreateCluster", resources: [clusterArn(cluster, account)] }]
      : [];
  return [
    { action, resources: [resource], context },
    ...createCluster,
    ...registering(input, `${cluster}-${input.serviceName ?? "*"}`, account),
    ...passing(input, account),
    ...passingInfrastructure(input.infrastructureRoleArn),
    ...tagging(resource, action, input.tags ?? []),
  ];
};

const updateExpress: Rule = (input, account, action) => {
  const known = account.expressService(input.serviceArn);
  const [, cluster = "", service = ""] = `${input.serviceArn}`.split("/");
  const own = [{ action, resources: [input.serviceArn], context: serviceContext(input, account) }];
  // The two roles were passed when this task definition was registered.
  if (input.taskDefinitionArn) return own;
  const { executionRoleArn = known.executionRoleArn, taskRoleArn = known.taskRoleArn } = input;
  return [
    ...own,
    ...registering(input, `${cluster}-${service}`, account),
    { action: "ecs:DescribeTaskDefinition", resources: ["*"] },
    ...passing({ executionRoleArn, taskRoleArn }, account),
    ...passingInfrastructure(known.infrastructureRoleArn),
  ];
};

const ofExpress: Rule = (input, account, action) => [
  { action, resources: [input.serviceArn], context: serviceContext(input, account) },
];

export const expressChecks: Readonly<Record<string, Rule>> = {
  "ecs:CreateExpressGatewayService": createExpress,
  "ecs:UpdateExpressGatewayService": updateExpress,
  "ecs:DescribeExpressGatewayService": ofExpress,
  "ecs:DeleteExpressGatewayService": ofExpress,
};

function serviceContext(input: Input, account: AccountLookup): ConditionContext {
  const [, cluster = ""] = `${input.serviceArn}`.split("/");
  return {
    "ecs:cluster": clusterArn(cluster, account),
    ...sizeOf(input),
    ...resourceTags(account.tagsOf(input.serviceArn)),
  };
}

/** Condition keys of what the call itself names. */
function sizeOf(input: Input): ConditionContext {
  const { cpu, memory, taskDefinitionArn, networkConfiguration } = input;
  return {
    ...(cpu && { "ecs:task-cpu": cpu }),
    ...(memory && { "ecs:task-memory": memory }),
    ...(taskDefinitionArn && { "ecs:task-definition": taskDefinitionArn }),
    ...(networkConfiguration?.subnets && { "ecs:subnet": networkConfiguration.subnets }),
  };
}

function registering(input: Input, family: string, account: AccountLookup): readonly Check[] {
  if (input.taskDefinitionArn) return [];
  const resources = [arn(account, `task-definition/${family}:*`)];
  return [{ action: "ecs:RegisterTaskDefinition", resources, context: sizeOf(input) }];
}

/** The role trusts ecs.amazonaws.com; that the key has this value is inferred from it. */
function passingInfrastructure(role: string | undefined): readonly Check[] {
  if (!role) return [];
  const context = { "iam:PassedToService": "ecs.amazonaws.com" };
  return [{ action: "iam:PassRole", resources: [role], context }];
}
