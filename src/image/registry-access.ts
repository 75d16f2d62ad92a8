// What to allow when a registry does not let this job read an image, PURE.

import { codeBlock, shellBlock } from "../text/code-block.ts";
import { ecrRegistryOf, resolveReference } from "./registry-reference.ts";

/** The identity that reads from ECR. */
export interface RegistryCaller {
  readonly accountId: string;
  readonly arn: string;
}

interface AccessView extends RegistryCaller {
  /** ECR gave us a password for this registry. */
  readonly isSignedIn: boolean;
}

/** What a pull needs; the deployment itself reads with the first two. */
const pullActions = [
  "ecr:BatchGetImage",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchCheckLayerAvailability",
];

/** @param body the registry's answer, which names what AWS denied */
export function accessHint(reference: string, body: string, view: AccessView): string {
  const { host, name } = resolveReference(reference);
  const registry = ecrRegistryOf(host);
  if (!registry)
    return "Sign in to that registry before this step, for example with docker/login-action.";
  const { accountId, region } = registry;
  if (!view.isSignedIn)
    return (
      `The role of this step cannot sign in to ${host}: ${region} is in another partition than ` +
      "aws-region, or the host is not one of AWS. Sign in to that registry before this step " +
      "(`docker login`), or copy the image to a repository of this partition and name that copy."
    );
  const [, partition = "aws"] = view.arn.split(":");
  const repositoryArn = `arn:${partition}:ecr:${region}:${accountId}:repository/${name}`;
  const roleHint =
    "The role of this step needs ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on " +
    `${repositoryArn}.`;
  if (accountId === view.accountId) return roleHint;
  return otherAccountHint({ ...registry, name, partition, caller: view, roleHint, body });
}

interface OtherAccount {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly partition: string;
  readonly caller: RegistryCaller;
  readonly roleHint: string;
  readonly body: string;
}

/**
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
 * (IAM_allow_other_accounts)
 */
function otherAccountHint(other: OtherAccount): string {
  const { accountId, region, name, partition, caller, roleHint, body } = other;
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${caller.accountId}:root` },
        Action: pullActions,
      },
    ],
  };
  return [
    `The repository belongs to account ${accountId}, and this step runs in account ` +
      `${caller.accountId}: both must allow it.${refusedSide(body)}`,
    `Account ${caller.accountId}: ${roleHint} The task's execution role needs the same and ` +
      "ecr:BatchCheckLayerAvailability to pull the image.",
    `Account ${accountId}: the repository's policy must allow both roles. This one allows account ` +
      `${caller.accountId}, whose own policies then decide which roles:`,
    codeBlock(JSON.stringify(policy, null, 2), "json"),
    shellBlock(
      "aws ecr set-repository-policy",
      `--region ${region}`,
      `--repository-name ${name}`,
      "--policy-text file://policy.json",
    ),
  ].join("\n");
}

/** IAM says which of the two has no statement, if it says anything. */
function refusedSide(body: string): string {
  if (body.includes("no resource-based policy")) return " The repository's policy does not yet.";
  if (body.includes("no identity-based policy")) return " The role's own policy does not yet.";
  return "";
}
