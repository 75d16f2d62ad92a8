// The IAM checks of ECS's operations.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html

import type { Tag } from "@aws-sdk/client-ecs";
import {
  type AccountLookup,
  anyResource,
  type Check,
  type Input,
  type KnownTaskDefinition,
  type Rule,
} from "./check.ts";
import type { ConditionContext } from "./conditions.ts";
import { type AccountRegion, iamArn, regionalArn } from "./partitions.ts";

const ofClusters: Rule = ({ clusters, cluster, clusterName }, account, action) => {
  const named: readonly string[] =
    clusters?.length > 0 ? clusters : [cluster ?? clusterName ?? "default"];
  return [{ action, resources: named.map((one) => clusterArn(one, account)) }];
};

const ofServices: Rule = (input, account, action) => {
  const services: readonly string[] = input.services ?? [input.service ?? input.serviceName ?? ""];
  const context = {
    "ecs:cluster": clusterArn(input.cluster, account),
    ...(input.taskDefinition && {
      "ecs:task-definition": revisionArn(input.taskDefinition, account),
    }),
  };
  return services.map((one) => {
    const resource = serviceArn(one, input.cluster, account);
    const tags = resourceTags(account.tagsOf(resource));
    return { action, resources: [resource], context: { ...context, ...tags } };
  });
};

/**
 * Service deployments and service revisions: for each of them, and for the service that they belong
 * to.
 */
const ofServiceParts: Rule = (input, account, action) => {
  const arns: readonly string[] = input.serviceDeploymentArns ??
    input.serviceRevisionArns ?? [input.serviceDeploymentArn ?? ""];
  return arns.flatMap((part) => {
    const [, cluster = "", service = ""] = part.split("/");
    const owner = serviceArn(service, cluster, account);
    const inCluster = { "ecs:cluster": clusterArn(cluster, account) };
    return [
      { action, resources: [owner], context: inCluster },
      { action, resources: [part], context: { ...inCluster, "ecs:service": owner } },
    ];
  });
};

const inCluster: Rule = ({ cluster }, account, action) => [
  { action, resources: ["*"], context: { "ecs:cluster": clusterArn(cluster, account) } },
];

/** Its resource is always a container instance, whatever the request filters by. */
const listTasks: Rule = ({ cluster }, account, action) => [
  {
    action,
    resources: [arn(account, `container-instance/${nameOf(cluster ?? "default")}/*`)],
    context: { "ecs:cluster": clusterArn(cluster, account) },
  },
];

const ofTasks: Rule = ({ cluster, tasks, task }, account, action) => {
  const named: readonly string[] = tasks ?? [task ?? ""];
  return [
    {
      action,
      resources: named.map((one) =>
        arn(account, `task/${nameOf(cluster ?? "default")}/${nameOf(one)}`),
      ),
      context: { "ecs:cluster": clusterArn(cluster, account) },
    },
  ];
};

const registerTaskDefinition: Rule = (input, account, action) => {
  const family = arn(account, `task-definition/${input.family}:*`);
  return [
    {
      action,
      resources: [family],
      context: { "ecs:task-cpu": `${input.cpu}`, "ecs:task-memory": `${input.memory}` },
    },
    ...passing(input, account),
    ...tagging(family, action, input.tags ?? []),
  ];
};

/** Roles in the overrides are passed instead of the task definition's. */
const runTask: Rule = (input, account, action) => {
  const known = account.taskDefinition(input.taskDefinition ?? "");
  const { taskRoleArn = known?.taskRoleArn, executionRoleArn = known?.executionRoleArn } =
    input.overrides ?? {};
  const inherits = input.propagateTags === "TASK_DEFINITION" && known?.hasTags === true;
  return [
    {
      action,
      resources: [revisionArn(input.taskDefinition, account)],
      context: { "ecs:cluster": clusterArn(input.cluster, account) },
    },
    ...passing({ taskRoleArn, executionRoleArn }, account),
    ...tagging(
      arn(account, `task/${nameOf(input.cluster ?? "default")}/*`),
      action,
      input.tags ?? [],
      inherits,
    ),
  ];
};

const ofArn: Rule = ({ resourceArn, tags }, account, action) => {
  const context = { ...resourceTags(account.tagsOf(resourceArn)), ...requestTags(tags) };
  return [{ action, resources: [resourceArn], context }];
};

/** The operation creates a resource, which may have tags. */
function creating(rule: Rule): Rule {
  return (input, account, action) => {
    const checks = rule(input, account, action);
    return [...checks, ...tagging(checks[0]?.resources[0] ?? "*", action, input.tags ?? [])];
  };
}

export const ecsChecks: Readonly<Record<string, Rule>> = {
  "ecs:CreateCluster": creating(ofClusters),
  "ecs:DescribeClusters": ofClusters,
  "ecs:DeleteCluster": ofClusters,
  "ecs:ListClusters": anyResource,
  "ecs:CreateService": creating(ofServices),
  "ecs:DescribeServices": ofServices,
  "ecs:UpdateService": ofServices,
  "ecs:DeleteService": ofServices,
  "ecs:ListServices": inCluster,
  "ecs:ListServiceDeployments": ofServices,
  "ecs:DescribeServiceDeployments": ofServiceParts,
  "ecs:DescribeServiceRevisions": ofServiceParts,
  "ecs:StopServiceDeployment": ofServiceParts,
  "ecs:ContinueServiceDeployment": ofServiceParts,
  "ecs:RegisterTaskDefinition": registerTaskDefinition,
  "ecs:DescribeTaskDefinition": anyResource,
  "ecs:DeregisterTaskDefinition": anyResource,
  "ecs:ListTaskDefinitions": anyResource,
  "ecs:ListTasks": listTasks,
  "ecs:DescribeTasks": ofTasks,
  "ecs:StopTask": ofTasks,
  "ecs:RunTask": runTask,
  "ecs:TagResource": ofArn,
  "ecs:UntagResource": ofArn,
  "ecs:ListTagsForResource": ofArn,
};

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html
 * (iam:PassRole)
 */
export function passing(
  roles: Pick<KnownTaskDefinition, "taskRoleArn" | "executionRoleArn">,
  account: AccountLookup,
): Check[] {
  const named = [...new Set([roles.taskRoleArn, roles.executionRoleArn])].filter(
    (role) => role !== undefined,
  );
  if (named.length === 0) return [];
  const context = { "iam:PassedToService": "ecs-tasks.amazonaws.com" };
  return [
    { action: "iam:PassRole", resources: named.map((role) => roleArn(role, account)), context },
  ];
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
 */
export function tagging(
  resource: string,
  creating: string,
  tags: readonly Tag[],
  inherits = false,
): Check[] {
  if (tags.length === 0 && !inherits) return [];
  const context = { "ecs:CreateAction": creating.slice("ecs:".length), ...requestTags(tags) };
  return [{ action: "ecs:TagResource", resources: [resource], context }];
}

/** `aws:RequestTag/…` and `aws:TagKeys`, of the tags that a call sends. */
export function requestTags(tags: readonly Tag[] = []): ConditionContext {
  if (tags.length === 0) return {};
  return { ...tagContext("aws:RequestTag", tags), "aws:TagKeys": tags.map(({ key = "" }) => key) };
}

/** `aws:ResourceTag/…` */
export const resourceTags = (tags: readonly Tag[]): ConditionContext =>
  tagContext("aws:ResourceTag", tags);

const tagContext = (kind: string, tags: readonly Tag[]): ConditionContext =>
  Object.fromEntries(tags.map(({ key, value = "" }) => [`${kind}/${key}`, value]));

/** A task definition may name a role without its ARN. */
function roleArn(role: string, account: AccountLookup): string {
  return role.startsWith("arn:") ? role : iamArn(account, `role/${role}`);
}

export function clusterArn(cluster: Input, account: AccountLookup): string {
  return arn(account, `cluster/${nameOf(cluster ?? "default")}`);
}

export function serviceArn(service: string, cluster: Input, account: AccountLookup): string {
  return arn(account, `service/${nameOf(cluster ?? "default")}/${nameOf(service)}`);
}

/** A family means its newest revision. */
function revisionArn(reference: string, account: AccountLookup): string {
  return (
    account.taskDefinition(reference)?.arn ??
    arn(account, `task-definition/${nameOf(reference ?? "")}`)
  );
}

export function arn(place: AccountRegion, resource: string): string {
  return regionalArn(place, "ecs", resource);
}

/** The last part of an ARN, or the name itself. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}
