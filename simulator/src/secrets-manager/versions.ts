// The versions of one secret and the staging labels on them. Pure.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version

import { AwsError } from "../contract.ts";

/** As in the API: one of the two; a binary one in base64. */
export interface SecretValue {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
}

export interface Version extends SecretValue {
  readonly id: string;
  readonly createdAt: number;
  stages: readonly string[];
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly createdAt: number;
  changedAt: number;
  accessedAt?: number;
  /** When the deletion was requested, and when the secret is deleted. */
  deletion?: { readonly askedAt: number; readonly at: number };
  versions: readonly Version[];
}

export const currentStage = "AWSCURRENT";
const previousStage = "AWSPREVIOUS";

export function createVersion(
  id: string,
  { SecretString, SecretBinary }: SecretValue,
  createdAt: number,
): Version {
  return {
    id,
    createdAt,
    stages: [],
    ...(SecretString === undefined ? {} : { SecretString }),
    ...(SecretBinary === undefined ? {} : { SecretBinary }),
  };
}

/** A label belongs to one version at a time; the one that loses AWSCURRENT gets AWSPREVIOUS. */
export function withStages(
  versions: readonly Version[],
  to: Version,
  stages: readonly string[],
): readonly Version[] {
  const before = versions.find((one) => one !== to && one.stages.includes(currentStage));
  const move = (version: Version, label: string) => {
    for (const one of versions) one.stages = one.stages.filter((stage) => stage !== label);
    version.stages = [...version.stages, label];
  };
  for (const label of stages) move(to, label);
  if (before && stages.includes(currentStage)) move(before, previousStage);
  return versions;
}

export function versionOf(
  secret: Secret,
  id: string | undefined,
  stage: string | undefined,
): Version {
  const byId = secret.versions.find((one) => one.id === id);
  const byStage = secret.versions.find((one) => one.stages.includes(stage ?? currentStage));
  const missing = (what: string) =>
    new AwsError(
      "ResourceNotFoundException",
      `Secrets Manager can't find the specified secret value for ${what}`,
    );
  if (id !== undefined && !byId) throw missing(`VersionId: ${id}`);
  if (byId && stage !== undefined && byId !== byStage) {
    throw new AwsError(
      "InvalidRequestException",
      "You provided a VersionStage that is not associated to the provided VersionId.",
    );
  }
  const found = byId ?? byStage;
  if (!found) throw missing(`staging label: ${stage ?? currentStage}`);
  return found;
}
