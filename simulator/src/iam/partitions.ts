// The partition of a region. A list of the simulator's own, so that it can contradict the SDK's,
// which the action uses:
// https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json

interface Partition {
  /** As in ARNs. */
  readonly name: string;
  /** The suffix of its endpoints and registries. */
  readonly dnsSuffix: string;
}

const partitions: readonly (Partition & { readonly regions: RegExp })[] = [
  { name: "aws-cn", dnsSuffix: "amazonaws.com.cn", regions: /^cn-/ },
  { name: "aws-us-gov", dnsSuffix: "amazonaws.com", regions: /^us-gov-/ },
  { name: "aws-eusc", dnsSuffix: "amazonaws.eu", regions: /^eusc-/ },
  { name: "aws-iso", dnsSuffix: "c2s.ic.gov", regions: /^us-iso-/ },
  { name: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov", regions: /^us-isob-/ },
  { name: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk", regions: /^eu-isoe-/ },
  { name: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov", regions: /^us-isof-/ },
  { name: "aws", dnsSuffix: "amazonaws.com", regions: /^/ },
];

export function partitionOf(region: string): Partition {
  const { name, dnsSuffix } = partitions.find(({ regions }) => regions.test(region)) as Partition;
  return { name, dnsSuffix };
}

export interface AccountRegion {
  readonly region: string;
  readonly accountId: string;
}

/** `arn:aws-cn:ecs:cn-north-1:123456789012:cluster/clockko` */
export function regionalArn(
  { region, accountId }: AccountRegion,
  service: string,
  resource: string,
): string {
  return `arn:${partitionOf(region).name}:${service}:${region}:${accountId}:${resource}`;
}

/** IAM has no regions: `arn:aws-cn:iam::123456789012:role/deploy`. */
export function iamArn({ region, accountId }: AccountRegion, resource: string): string {
  return `arn:${partitionOf(region).name}:iam::${accountId}:${resource}`;
}

/** `123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn` */
export function registryHostOf({ region, accountId }: AccountRegion): string {
  return `${accountId}.dkr.ecr.${region}.${partitionOf(region).dnsSuffix}`;
}

/** The account and region in an ARN. */
export function accountRegionOf(arn: string): AccountRegion {
  const [, , , region = "", accountId = ""] = arn.split(":");
  return { region, accountId };
}
