// Secrets, parameters, environment files and the sign-in to ECR: what a task gets before its
// containers are started.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-not-found-error.html

import {
  accessDenied,
  cannotPull,
  connectionFailed,
  type KnownCause,
  outboundAccess,
  parameterStore,
  requestThrottled,
  secretsManager,
  textMatches,
} from "./known-cause.ts";

const environmentFile = /\benv(?:ironment)? ?files?\b|\benvfiles?\b/i;
const environmentFileNotFound = /\b404\b|NoSuchKey|NoSuchBucket|not ?found|does not exist/i;
const registryAuth = /registry auth/i;
/** "unable to pull secrets or registry auth" begins many texts; only those about ECR have this. */
const ecrAuthFailed = /unable to retrieve ecr registry auth|ecr:GetAuthorizationToken/i;
const missingSecret =
  /ResourceNotFoundException|can't find the specified secret|marked for deletion|check whether the secret exists/i;
const key = /access to kms is not allowed|kms:\w+|customer master key|\bKMS key\b/i;
const missingKey = /did not contain json key/i;
const notJson = /invalid character .{1,20} looking for beginning of (?:value|object key)/i;
const badArn =
  /invalid ARN format for the AWS Secrets Manager secret|could not find a secretsmanager secretID/i;
const missingParameter = /invalid (?:ssm )?parameters:/i;

export const secretCauses: readonly KnownCause[] = [
  {
    name: "secret-key-missing",
    patterns: textMatches(missingKey),
    priority: "strong",
    cause: "{Secret} has no JSON key {key}, but the task definition asks for it.",
    remedy:
      "Put the key into the secret, or correct the key in the container's " +
      "`secrets[].valueFrom` (ARN:KEY::). {Role} could read it.",
  },
  {
    name: "secret-not-json",
    patterns: textMatches(secretsManager, notJson),
    priority: "strong",
    cause: "{Secret} is not JSON, but the task definition asks for a key in it.",
    remedy:
      "Leave the key out of the container's `secrets[].valueFrom` (the ARN alone is the whole " +
      "secret), or make the secret a JSON object. {Role} could read it.",
  },
  {
    name: "secret-arn-invalid",
    patterns: textMatches(badArn),
    priority: "strong",
    cause: "A container's `secrets[].valueFrom` is not the ARN of a secret.",
    remedy:
      "Correct it: the secret's whole ARN, which ends in " +
      "…:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX, for one key of it ARN:KEY::.",
  },
  {
    name: "secret-missing",
    patterns: [
      { text: [secretsManager, missingSecret], notText: [key] },
      ...textMatches(/check whether the secret exists/i),
    ],
    priority: "strong",
    cause:
      "{Secret} does not exist (or no longer exists) in this region, or lacks the version that " +
      "is asked for.",
    remedy:
      "Correct the container's `secrets[].valueFrom`, or create the secret in the region of " +
      "the service; {role} looks for it there.",
  },
  {
    name: "secret-key-refused",
    patterns: textMatches(secretsManager, key),
    priority: "strong",
    cause: "{Role} may not decrypt {secret}.",
    remedy:
      "Allow kms:Decrypt on the secret's KMS key, in the role's policy and in the key's own. A " +
      "key that is disabled or about to be deleted cannot be used either.",
  },
  {
    name: "secret-refused",
    patterns: [
      {
        text: [secretsManager, accessDenied],
        notText: [key, ecrAuthFailed, cannotPull, environmentFile],
      },
    ],
    priority: "strong",
    cause: "{Role} may not read {secret}.",
    remedy:
      "Allow secretsmanager:GetSecretValue on the secret to the task's execution role (not the " +
      "task role), and kms:Decrypt if the secret has a key of its own. An ARN without its six " +
      "last characters matches nothing.",
  },
  {
    name: "secrets-throttled",
    patterns: [
      { text: [secretsManager, requestThrottled], notText: [cannotPull] },
      { text: [parameterStore, requestThrottled], notText: [cannotPull, secretsManager] },
    ],
    priority: "usual",
    cause:
      "AWS throttled the reading of secrets or parameters: too many tasks asked for them at once.",
    remedy:
      "Deploy again with fewer tasks at a time (maximumPercent). For Parameter Store, turn on " +
      "higher throughput; a secret with several JSON keys needs one call for each `valueFrom`.",
  },
  {
    name: "secrets-unreachable",
    patterns: [
      {
        text: [secretsManager, connectionFailed],
        notText: [accessDenied, missingSecret, environmentFile, cannotPull],
      },
      {
        text: [parameterStore, connectionFailed],
        notText: [accessDenied, secretsManager, missingParameter, environmentFile, cannotPull],
      },
    ],
    priority: "strong",
    cause: "The task's network cannot reach the store that {secret} comes from.",
    remedy:
      `Give its subnets ${outboundAccess} (secretsmanager, or ssm for parameters); the security ` +
      "group must let port 443 out, and the endpoint's let it in.",
  },
  {
    name: "parameter-missing",
    patterns: [
      ...textMatches(/invalid ssm parameters:?/i),
      ...textMatches(parameterStore, missingParameter),
    ],
    priority: "strong",
    cause: "{Parameter} does not exist in Parameter Store in this region.",
    remedy:
      "Correct the container's `secrets[].valueFrom`, or create the parameter in the region of " +
      "the service.",
  },
  {
    name: "parameter-refused",
    patterns: [
      {
        text: [parameterStore, accessDenied],
        notText: [secretsManager, cannotPull, environmentFile, /ssmmessages/i],
      },
    ],
    priority: "strong",
    cause: "{Role} may not read {parameter} from Parameter Store.",
    remedy:
      "Allow ssm:GetParameters on the parameter to the task's execution role (not the task " +
      "role), and kms:Decrypt if it is a SecureString with a key of its own.",
  },
  {
    name: "parameters-unread",
    precedence: "class",
    patterns: textMatches(/unable to retrieve secrets? from ssm|fetching secret data from SSM/i),
    priority: "strong",
    cause: "ECS could not read {parameter} from Parameter Store.",
    remedy:
      "Check name and region in `secrets[].valueFrom`, and that the task's execution role has " +
      "ssm:GetParameters.",
    quotesEcs: true,
  },
  {
    name: "secret-unread",
    precedence: "class",
    patterns: textMatches(
      /unable to retrieve secrets? from asm|Fetching secret data from AWS Secrets Manager/i,
    ),
    priority: "strong",
    cause: "ECS could not read {secret} from Secrets Manager.",
    remedy:
      "Check the ARN in `secrets[].valueFrom` (region, six last characters, key), and that " +
      "{role} has secretsmanager:GetSecretValue on it.",
    quotesEcs: true,
  },
  {
    name: "role-not-assumed",
    patterns: [{ text: [/ECS was unable to assume the role/i] }],
    priority: "strong",
    cause: "ECS may not use {role}, or the role does not exist.",
    remedy:
      "The role's trust policy must let the principal ecs-tasks.amazonaws.com do " +
      "sts:AssumeRole; check the role's name in the task definition.",
  },
  {
    name: "execution-role-unusable",
    patterns: textMatches(
      /execution role credentials|uses execution credentials, but the credentials are empty|engine ecr credentials: not found/i,
    ),
    priority: "strong",
    cause: "The ECS agent got no credentials of the task's execution role.",
    remedy:
      "Check executionRoleArn in the task definition, and that the role's trust policy names " +
      "ecs-tasks.amazonaws.com; on EC2 restart or update the instance's ECS agent.",
  },
  {
    name: "secrets-timed-out",
    patterns: textMatches(/pull command failed: ?:? ?signal: killed/i),
    priority: "strong",
    cause: "Reading secrets and signing in to the registry took too long, and ECS gave up.",
    remedy:
      `The usual cause is the network: the subnets need ${outboundAccess} for Secrets Manager, ` +
      "SSM and ECR, with port 443 open.",
  },
  {
    name: "registry-auth-refused",
    patterns: [
      { text: [registryAuth, accessDenied, /ecr/i], notText: [secretsManager, parameterStore] },
    ],
    priority: "strong",
    cause: "{Role} may not sign in to ECR, so the image was not requested.",
    remedy:
      "Allow ecr:GetAuthorizationToken on * to the task's execution role: the managed policy " +
      "AmazonECSTaskExecutionRolePolicy has it.",
  },
  {
    name: "registry-auth-unreachable",
    patterns: [
      {
        text: [registryAuth, connectionFailed],
        notText: [
          secretsManager,
          parameterStore,
          accessDenied,
          /pull command failed: ?:? ?signal: killed/i,
        ],
      },
    ],
    priority: "strong",
    cause: "The task's network cannot reach ECR, so the image was not requested.",
    remedy:
      `Give its subnets ${outboundAccess} (ecr.api, ecr.dkr, and the S3 gateway); the security ` +
      "group must let port 443 out, and the endpoint's let it in.",
  },
];

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html */
export const environmentFileCauses: readonly KnownCause[] = [
  {
    name: "environment-file-refused",
    patterns: [{ text: [environmentFile, accessDenied], notText: [/NoSuchKey|NoSuchBucket/i] }],
    priority: "strong",
    cause:
      "{Role} may not read an environment file (`environmentFiles`) from S3, or the file is " +
      "not there (S3 says the same for both).",
    remedy:
      "Allow s3:GetObject on the file and s3:GetBucketLocation on its bucket to the task's " +
      "execution role; check bucket, path and region of `environmentFiles[].value`, the " +
      "bucket's policy and its KMS key.",
  },
  {
    name: "environment-file-missing",
    patterns: [
      {
        text: [environmentFile, environmentFileNotFound],
        notText: [accessDenied, connectionFailed],
      },
    ],
    priority: "strong",
    cause: "An environment file (`environmentFiles`) does not exist in S3.",
    remedy:
      "Correct bucket and path in `environmentFiles[].value` (its ARN ends in " +
      "…:s3:::BUCKET/PATH.env), or upload the file.",
  },
  {
    name: "environment-file-unreachable",
    patterns: [{ text: [environmentFile, connectionFailed], notText: [accessDenied] }],
    priority: "strong",
    cause:
      "The task's network cannot reach S3, where its environment file (`environmentFiles`) is.",
    remedy:
      `Give its subnets ${outboundAccess} (the S3 gateway, in the route tables of these ` +
      "subnets), with port 443 open.",
  },
  {
    name: "environment-file-unread",
    precedence: "class",
    patterns: textMatches(environmentFile, /fail|unable|error|invalid|malformed/i),
    priority: "strong",
    cause: "An environment file (`environmentFiles`) could not be read.",
    remedy:
      "Its name must end in .env, each line be VARIABLE=VALUE, and `environmentFiles[].value` " +
      "be its ARN in S3; the task's execution role needs s3:GetObject. ECS's message says more.",
    quotesEcs: true,
  },
];
