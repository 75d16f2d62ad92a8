// A state in S3 that the role is not allowed to read, PURE: Terraform reports neither the action
// nor the reason of this refusal.

/** Terraform sends HEAD, and a response to HEAD has no body: it only says `Forbidden`. */
const headObjectForbidden =
  /Unable to access object "([^"]+)" in S3 bucket "([^"]+)": operation error S3: HeadObject\b.*\b(?:Forbidden|StatusCode: 403)/;

/** What the role needs; undefined: another error. `partition` as in ARNs. */
export function s3StateAccessHint(lines: readonly string[], partition: string): string | undefined {
  const [, key, bucket] = headObjectForbidden.exec(lines.join(" ").replace(/\s+/g, " ")) ?? [];
  if (key === undefined || bucket === undefined) return undefined;
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (Permissions)
  return `S3 gave no reason. The role needs s3:GetObject on arn:${partition}:s3:::${bucket}/${key}, and s3:ListBucket on arn:${partition}:s3:::${bucket}: without it S3 does not report that there is no state yet.`;
}
