// The IAM checks of each operation: which actions, on which resources, with which condition keys.
// From AWS's service authorization reference, not from our own policies:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
// (and its pages for ECR, Logs, IAM, STS)

import { AwsError } from "../contract.ts";
import { type AccountLookup, anyResource, type Check, type Input, type Rule } from "./check.ts";
import { ecsChecks } from "./checks-ecs.ts";
import { expressChecks } from "./checks-express.ts";
import { s3Checks } from "./checks-s3.ts";
import { regionalArn } from "./partitions.ts";

const repositories: Rule = (input, account, action) => {
  const names: readonly string[] = input.repositoryNames ?? [input.repositoryName ?? "*"];
  const { region, accountId } = account;
  const place = { region, accountId: input.registryId ?? accountId };
  return [
    { action, resources: names.map((name) => regionalArn(place, "ecr", `repository/${name}`)) },
  ];
};

/**
 * Only operations on tags are checked with the group's own ARN; all others with a suffix, which
 * policies match with `:*`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
const logGroup: Rule = (input, account, action) => [
  { action, resources: [`${logGroupArn(input, account)}:log-stream:`] },
];

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
 * (tags)
 */
const createLogGroup: Rule = (input, account, action) => {
  const tagging = { action: "logs:TagResource", resources: [logGroupArn(input, account)] };
  const hasTags = Object.keys(input.tags ?? {}).length > 0;
  return [...logGroup(input, account, action), ...(hasTags ? [tagging] : [])];
};

const logStream: Rule = (input, account, action) => [
  { action, resources: [`${logGroupArn(input, account)}:log-stream:${input.logStreamName}`] },
];

const ofArn: Rule = ({ resourceArn }, _account, action) => [{ action, resources: [resourceArn] }];

const secret: Rule = (input, account, action) => [
  { action, resources: [account.secretArn(input.SecretId ?? input.Name ?? "")] },
];

const operationRules: Readonly<Record<string, Rule>> = {
  ...ecsChecks,
  ...expressChecks,
  ...s3Checks,
  "ecr:GetAuthorizationToken": anyResource,
  "ecr:DescribeRepositoryCreationTemplates": anyResource,
  "logs:DescribeLogGroups": anyResource,
  "logs:CreateLogGroup": createLogGroup,
  "logs:DeleteLogGroup": logGroup,
  "logs:PutRetentionPolicy": logGroup,
  "logs:DeleteRetentionPolicy": logGroup,
  "logs:TagResource": ofArn,
  "logs:UntagResource": ofArn,
  "logs:ListTagsForResource": ofArn,
  "logs:DescribeLogStreams": logGroup,
  "logs:FilterLogEvents": logGroup,
  "logs:GetLogEvents": logStream,
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
  "ssm:DescribeParameters": anyResource,
  "application-autoscaling:DescribeScalableTargets": anyResource,
  "sts:AssumeRole": ({ RoleArn }, _account, action) => [{ action, resources: [RoleArn] }],
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  "sts:GetCallerIdentity": () => [],
};

/** All operations of these services work on one kind of resource, except those above. */
const serviceRules: Readonly<Record<string, Rule>> = {
  ecr: repositories,
  secretsmanager: secret,
};

export function checksOf(action: string, input: unknown, account: AccountLookup): readonly Check[] {
  const rule = operationRules[action] ?? serviceRules[action.split(":", 1)[0] ?? ""];
  // An operation without an entry here cannot be checked.
  if (!rule)
    throw new AwsError(
      "InternalFailure",
      `simulator/src/iam/checks.ts has no rule for ${action}.`,
      500,
    );
  return rule(input ?? {}, account, action);
}

function logGroupArn({ logGroupName, logGroupIdentifier }: Input, account: AccountLookup): string {
  if (/^arn:/.test(logGroupIdentifier ?? "")) return logGroupIdentifier.replace(/:\*$/, "");
  return regionalArn(account, "logs", `log-group:${logGroupName ?? logGroupIdentifier}`);
}
