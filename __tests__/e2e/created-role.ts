// A role that a CloudFormation stack has created, as IAM describes it.

import type { Simulator } from "ecs-simulator";
import type { AwsCli } from "./aws-cli.ts";

type Role = Parameters<Simulator["roles"]["put"]>[0];

export interface CreatedRole {
  readonly arn: string;
  readonly trust: Role["trustPolicy"];
  /** ARNs. */
  readonly managed: readonly string[];
  readonly policies: readonly Policy[];
}

interface Policy {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export async function readRole(aws: AwsCli, name: string): Promise<CreatedRole> {
  const iam = (operation: string, ...args: string[]) =>
    aws.askJson("iam", operation, "--role-name", name, ...args);
  const { Role } = await iam("get-role");
  const { PolicyNames } = await iam("list-role-policies");
  const { AttachedPolicies } = await iam("list-attached-role-policies");
  return {
    arn: Role.Arn,
    trust: Role.AssumeRolePolicyDocument,
    managed: AttachedPolicies.map(({ PolicyArn }: { PolicyArn: string }) => PolicyArn),
    policies: await Promise.all(
      PolicyNames.map(async (policy: string) => {
        const { PolicyDocument } = await iam("get-role-policy", "--policy-name", policy);
        return PolicyDocument;
      }),
    ),
  };
}
