// Secrets, parameters, environment files and the sign-in to ECR: what a task gets before its containers are started.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-not-found-error.html

import {
  cannotPull,
  type KnownCause,
  noConnection,
  parameterStore,
  refused,
  says,
  secretsManager,
  throttled,
  wayOut,
} from "./known-cause.ts";

const environmentFile = /\benv(?:ironment)? ?files?\b|\benvfiles?\b/i;
const isMissing = /\b404\b|NoSuchKey|NoSuchBucket|not ?found|does not exist/i;
const registryAuth = /registry auth/i;
/** "unable to pull secrets or registry auth" begins many texts; this is what only those on ECR have. */
const signIn = /unable to retrieve ecr registry auth|ecr:GetAuthorizationToken/i;
const missingSecret =
  /ResourceNotFoundException|can't find the specified secret|marked for deletion|check whether the secret exists/i;
const key = /access to kms is not allowed|kms:\w+|customer master key|\bKMS key\b/i;
const missingKey = /did not contain json key/i;
const notJson = /invalid character .{1,20} looking for beginning of (?:value|object key)/i;
const badArn =
  /invalid ARN format for the AWS Secrets Manager secret|could not find a secretsmanager secretID/i;
const missingParameter = /invalid (?:ssm )?parameters:/i;

export const secrets: readonly KnownCause[] = [
  {
    name: "secret-key-missing",
    clues: says(missingKey),
    weight: "strong",
    cause: "{Secret} has no JSON key {key}, but the task definition asks for it.",
    next: "Put the key into the secret, or correct the key in the container's `secrets[].valueFrom` (ARN:KEY::). {Role} could read it.",
  },
  {
    name: "secret-not-json",
    clues: says(secretsManager, notJson),
    weight: "strong",
    cause: "{Secret} is no JSON, but the task definition asks for a key in it.",
    next: "Leave the key out of the container's `secrets[].valueFrom` (the ARN alone is the whole secret), or make the secret a JSON object. {Role} could read it.",
  },
  {
    name: "secret-arn-invalid",
    clues: says(badArn),
    weight: "strong",
    cause: "A container's `secrets[].valueFrom` is no ARN of a secret.",
    next: "Correct it: the secret's whole ARN, which ends in …:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX, for one key of it ARN:KEY::.",
  },
  {
    name: "secret-missing",
    clues: [
      { text: [secretsManager, missingSecret], without: [key] },
      ...says(/check whether the secret exists/i),
    ],
    weight: "strong",
    cause:
      "{Secret} does not exist in this region (any more), or lacks the version that is asked for.",
    next: "Correct the container's `secrets[].valueFrom`, or create the secret in the region of the service; {role} looks for it there.",
  },
  {
    name: "secret-key-refused",
    clues: says(secretsManager, key),
    weight: "strong",
    cause: "{Role} may not decrypt {secret}.",
    next: "Allow kms:Decrypt on the secret's KMS key, in the role's policy and in the key's own. A key that is disabled or about to be deleted cannot be used either.",
  },
  {
    name: "secret-refused",
    clues: [
      { text: [secretsManager, refused], without: [key, signIn, cannotPull, environmentFile] },
    ],
    weight: "strong",
    cause: "{Role} may not read {secret}.",
    next: "Allow secretsmanager:GetSecretValue on the secret to the task's execution role (not the task role), and kms:Decrypt if the secret has a key of its own. An ARN without its six last characters matches nothing.",
  },
  {
    name: "secrets-throttled",
    clues: [
      { text: [secretsManager, throttled], without: [cannotPull] },
      { text: [parameterStore, throttled], without: [cannotPull, secretsManager] },
    ],
    weight: "usual",
    cause:
      "AWS throttled the reading of secrets or parameters: too many tasks asked for them at once.",
    next: "Deploy again with fewer tasks at a time (maximumPercent). For Parameter Store, turn on higher throughput; a secret with several JSON keys needs one call for each `valueFrom`.",
  },
  {
    name: "secrets-unreachable",
    clues: [
      {
        text: [secretsManager, noConnection],
        without: [refused, missingSecret, environmentFile, cannotPull],
      },
      {
        text: [parameterStore, noConnection],
        without: [refused, secretsManager, missingParameter, environmentFile, cannotPull],
      },
    ],
    weight: "strong",
    cause: "The task's network has no way to the store that {secret} comes from.",
    next: `Give its subnets ${wayOut} (secretsmanager, or ssm for parameters); the security group must let port 443 out, and the endpoint's let it in.`,
  },
  {
    name: "parameter-missing",
    clues: [...says(/invalid ssm parameters:?/i), ...says(parameterStore, missingParameter)],
    weight: "strong",
    cause: "{Parameter} does not exist in Parameter Store in this region.",
    next: "Correct the container's `secrets[].valueFrom`, or create the parameter in the region of the service.",
  },
  {
    name: "parameter-refused",
    clues: [
      {
        text: [parameterStore, refused],
        without: [secretsManager, cannotPull, environmentFile, /ssmmessages/i],
      },
    ],
    weight: "strong",
    cause: "{Role} may not read {parameter} from Parameter Store.",
    next: "Allow ssm:GetParameters on the parameter to the task's execution role (not the task role), and kms:Decrypt if it is a SecureString with a key of its own.",
  },
  {
    name: "parameters-unread",
    precedence: "class",
    clues: says(/unable to retrieve secrets? from ssm|fetching secret data from SSM/i),
    weight: "strong",
    cause: "ECS could not read {parameter} from Parameter Store.",
    next: "Check name and region in `secrets[].valueFrom`, and that the task's execution role has ssm:GetParameters.",
    quoted: true,
  },
  {
    name: "secret-unread",
    precedence: "class",
    clues: says(
      /unable to retrieve secrets? from asm|Fetching secret data from AWS Secrets Manager/i,
    ),
    weight: "strong",
    cause: "ECS could not read {secret} from Secrets Manager.",
    next: "Check the ARN in `secrets[].valueFrom` (region, six last characters, key), and that {role} has secretsmanager:GetSecretValue on it.",
    quoted: true,
  },
  {
    name: "role-not-assumed",
    clues: [{ text: [/ECS was unable to assume the role/i] }],
    weight: "strong",
    cause: "ECS may not use {role}, or the role does not exist.",
    next: "The role's trust policy must let the principal ecs-tasks.amazonaws.com do sts:AssumeRole; check the role's name in the task definition.",
  },
  {
    name: "execution-role-unusable",
    clues: says(
      /execution role credentials|uses execution credentials, but the credentials are empty|engine ecr credentials: not found/i,
    ),
    weight: "strong",
    cause: "The ECS agent got no credentials of the task's execution role.",
    next: "Check executionRoleArn in the task definition, and that the role's trust policy names ecs-tasks.amazonaws.com; on EC2 restart or update the instance's ECS agent.",
  },
  {
    name: "secrets-timed-out",
    clues: says(/pull command failed: ?:? ?signal: killed/i),
    weight: "strong",
    cause: "Getting secrets and the sign-in to the registry took so long that ECS gave up.",
    next: `That is mostly the network: the subnets need ${wayOut} for Secrets Manager, SSM and ECR, with port 443 open.`,
  },
  {
    name: "registry-auth-refused",
    clues: [{ text: [registryAuth, refused, /ecr/i], without: [secretsManager, parameterStore] }],
    weight: "strong",
    cause: "{Role} may not sign in to ECR, so the image was not even asked for.",
    next: "Allow ecr:GetAuthorizationToken on * to the task's execution role: the managed policy AmazonECSTaskExecutionRolePolicy has it.",
  },
  {
    name: "registry-auth-unreachable",
    clues: [
      {
        text: [registryAuth, noConnection],
        without: [
          secretsManager,
          parameterStore,
          refused,
          /pull command failed: ?:? ?signal: killed/i,
        ],
      },
    ],
    weight: "strong",
    cause: "The task's network has no way to ECR, so the image was not even asked for.",
    next: `Give its subnets ${wayOut} (ecr.api, ecr.dkr, and the S3 gateway); the security group must let port 443 out, and the endpoint's let it in.`,
  },
];

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html */
export const environmentFiles: readonly KnownCause[] = [
  {
    name: "environment-file-refused",
    clues: [{ text: [environmentFile, refused], without: [/NoSuchKey|NoSuchBucket/i] }],
    weight: "strong",
    cause:
      "{Role} may not read an environment file (`environmentFiles`) from S3, or the file is not there (S3 says the same for both).",
    next: "Allow s3:GetObject on the file and s3:GetBucketLocation on its bucket to the task's execution role; check bucket, path and region of `environmentFiles[].value`, the bucket's policy and its KMS key.",
  },
  {
    name: "environment-file-missing",
    clues: [{ text: [environmentFile, isMissing], without: [refused, noConnection] }],
    weight: "strong",
    cause: "An environment file (`environmentFiles`) does not exist in S3.",
    next: "Correct bucket and path in `environmentFiles[].value` (its ARN ends in …:s3:::BUCKET/PATH.env), or upload the file.",
  },
  {
    name: "environment-file-unreachable",
    clues: [{ text: [environmentFile, noConnection], without: [refused] }],
    weight: "strong",
    cause:
      "The task's network has no way to S3, where its environment file (`environmentFiles`) is.",
    next: `Give its subnets ${wayOut} (the S3 gateway, in the route tables of these subnets), with port 443 open.`,
  },
  {
    name: "environment-file-unread",
    precedence: "class",
    clues: says(environmentFile, /fail|unable|error|invalid|malformed/i),
    weight: "strong",
    cause: "An environment file (`environmentFiles`) could not be read.",
    next: "Its name must end in .env, each line be VARIABLE=VALUE, and `environmentFiles[].value` be its ARN in S3; the task's execution role needs s3:GetObject. ECS's words say more.",
    quoted: true,
  },
];
