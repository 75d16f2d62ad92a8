// A role that ECS assumes for a task: its execution role, or its task role.

import type { Iam, PolicyDocument } from "./iam.ts";
import { type AccountRegion, iamArn } from "./partitions.ts";
import type { TrustPolicy } from "./trust-policy.ts";

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html */
const ecsTasksTrustPolicy: TrustPolicy = {
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow",
    Principal: { Service: "ecs-tasks.amazonaws.com" },
    Action: "sts:AssumeRole",
  },
};

/** Creates or replaces the role; returns its ARN. */
export function putTaskRole(
  { region, accountId, roles }: AccountRegion & Pick<Iam, "roles">,
  name: string,
  policies: readonly PolicyDocument[],
): string {
  const roleArn = iamArn({ region, accountId }, `role/${name}`);
  roles.put({ roleArn, trustPolicy: ecsTasksTrustPolicy, policies });
  return roleArn;
}
