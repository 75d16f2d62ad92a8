// The role that a workflow takes: its trust in GitHub's tokens for the simulated job, and what it may do.

import type { PolicyDocument } from "./iam.ts";
import type { Simulator } from "./simulator.ts";

export interface DeployRole {
  readonly name: string;
  /** Without it the role may do everything. */
  readonly policies?: readonly PolicyDocument[];
  /** `sub` that the token must have. Default: that of the simulated job without an environment. */
  readonly subject?: string;
}

const ISSUER = "token.actions.githubusercontent.com";

/** Puts the role there, or another one in its place; gives its ARN. */
export function putDeployRole(
  { accountId, oidc, roles }: Pick<Simulator, "accountId" | "oidc" | "roles">,
  { name, policies, subject = `repo:${oidc.job.repository}:ref:${oidc.job.ref}` }: DeployRole,
): string {
  const roleArn = `arn:aws:iam::${accountId}:role/${name}`;
  roles.put({
    roleArn,
    trustPolicy: {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${ISSUER}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com", [`${ISSUER}:sub`]: subject } },
      },
    },
    ...(policies && { policies }),
  });
  return roleArn;
}
