// The IAM checks of S3's operations; some actions have another name in policies than in the API.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html

import type { AccountLookup, Check, Input, Rule } from "./check.ts";
import { partitionOf } from "./partitions.ts";

/**
 * Only a caller who may list the bucket learns that an object does not exist.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
const readObject: Rule = (input, account) => [
  onObject("s3:GetObject", input, account),
  ...(account.hasObject(input.Bucket, input.Key) ? [] : [onBucket(input, account)]),
];

export const s3Checks: Readonly<Record<string, Rule>> = {
  "s3:ListObjectsV2": (input, account) => [onBucket(input, account)],
  "s3:GetObject": readObject,
  "s3:HeadObject": readObject,
  "s3:PutObject": (input, account) => [onObject("s3:PutObject", input, account)],
  "s3:DeleteObject": (input, account) => [onObject("s3:DeleteObject", input, account)],
};

function onObject(action: string, { Bucket, Key }: Input, { region }: AccountLookup): Check {
  return { action, resources: [`arn:${partitionOf(region).name}:s3:::${Bucket}/${Key}`] };
}

function onBucket({ Bucket, Prefix, MaxKeys }: Input, { region }: AccountLookup): Check {
  const context = {
    ...(Prefix && { "s3:prefix": Prefix }),
    ...(MaxKeys && { "s3:max-keys": MaxKeys }),
  };
  return {
    action: "s3:ListBucket",
    resources: [`arn:${partitionOf(region).name}:s3:::${Bucket}`],
    context,
  };
}
