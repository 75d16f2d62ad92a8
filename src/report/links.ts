// Where to look in the AWS console, PURE.

export interface ServicePlace {
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
}

/** The service's Deployments tab. */
export function deploymentsUrl({ region, cluster, service }: ServicePlace): string {
  return `https://${consoleHost(region)}/ecs/v2/clusters/${cluster}/services/${service}/deployments?region=${region}`;
}

/** https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html: each partition has a console of its own. */
function consoleHost(region: string): string {
  if (region.startsWith("cn-")) return `${region}.console.amazonaws.cn`;
  if (region.startsWith("us-gov-")) return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}
