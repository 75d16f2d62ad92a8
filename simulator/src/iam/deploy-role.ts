// The role that a workflow assumes: it trusts GitHub's tokens for the simulated job, and has the
// given permissions.

import type { Oidc } from "../oidc/oidc.ts";
import type { Iam, PolicyDocument } from "./iam.ts";
import { type AccountRegion, iamArn, partitionOf } from "./partitions.ts";

interface DeployRole {
  readonly name: string;
  /** Without it the role may do everything. */
  readonly policies?: readonly PolicyDocument[];
  /** `sub` that the token must have. Default: that of the simulated job without an environment. */
  readonly subject?: string;
}

const issuerHost = "token.actions.githubusercontent.com";

/** Creates or replaces the role; returns its ARN. */
export function putDeployRole(
  { region, accountId, oidc, roles }: AccountRegion & Pick<Iam, "roles"> & { readonly oidc: Oidc },
  { name, policies, subject = `repo:${oidc.job.repository}:ref:${oidc.job.ref}` }: DeployRole,
): string {
  const place = { region, accountId };
  const roleArn = iamArn(place, `role/${name}`);
  roles.put({
    roleArn,
    trustPolicy: {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Federated: iamArn(place, `oidc-provider/${issuerHost}`) },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuerHost}:aud`]: `sts.${partitionOf(region).dnsSuffix}`,
            [`${issuerHost}:sub`]: subject,
          },
        },
      },
    },
    ...(policies && { policies }),
  });
  return roleArn;
}
