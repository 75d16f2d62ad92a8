// Amazon Resource Names, taken apart.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html

interface Arn {
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
  /** The service's namespace: `ecs`, `iam`. */
  readonly service: string;
  /** "" where the resource has none (IAM). */
  readonly region: string;
  /** Twelve digits; "" where the resource has none (S3), `aws` for what belongs to AWS itself. */
  readonly accountId: string;
  /** All that follows, with its own colons and slashes: `service/clockko/api`. */
  readonly resource: string;
}

/** undefined: the text is not an ARN. Only region and account may be empty in one. */
export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region = "", accountId = "", ...rest] = text.split(":");
  const resource = rest.join(":");
  if (prefix !== "arn" || !partition || !service || resource === "") return undefined;
  return { partition, service, region, accountId, resource };
}

/**
 * The part after the last slash: `api` of `…:service/clockko/api`, `0123abcd` of
 * `…:task/clockko/0123abcd`, `22` of the deployment id `ecs-svc/22`; a text without a slash as it
 * is.
 */
export function resourceId(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** Family and revision, `api:42`, of a task definition's ARN. */
export function shortRevision(taskDefinitionArn: string): string {
  return resourceId(taskDefinitionArn);
}
