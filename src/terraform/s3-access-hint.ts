// A state in S3 that the role may not look at, PURE: the one refusal of which Terraform can say neither action nor reason.

/** Terraform looks with HEAD, and an answer to HEAD has no body: all that arrives is `Forbidden`. */
const headObjectForbidden =
  /Unable to access object "([^"]+)" in S3 bucket "([^"]+)": operation error S3: HeadObject\b.*\b(?:Forbidden|StatusCode: 403)/;

/** What the role needs; undefined: that is not it. `partition` as ARNs name it. */
export function s3StateAccessHint(lines: readonly string[], partition: string): string | undefined {
  const [, key, bucket] = headObjectForbidden.exec(lines.join(" ").replace(/\s+/g, " ")) ?? [];
  if (key === undefined || bucket === undefined) return undefined;
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (Permissions)
  return `S3 gives no reason. The role needs s3:GetObject on arn:${partition}:s3:::${bucket}/${key}, and s3:ListBucket on arn:${partition}:s3:::${bucket}: only who may list the bucket is told that there is no state yet.`;
}
