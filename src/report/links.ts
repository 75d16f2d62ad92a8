// Where to look in the AWS console, PURE.

export interface ServicePlace {
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
}

/** The service's Deployments tab. */
export function deploymentsUrl(place: ServicePlace): string {
  return serviceUrl(place, "deployments");
}

/** The service's Tasks tab; stopped tasks stay there for an hour. */
export function tasksUrl(place: ServicePlace): string {
  return serviceUrl(place, "tasks");
}

/** One task, also for an hour after it stopped. */
export function taskUrl({ region, cluster }: Pick<ServicePlace, "region" | "cluster">, id: string): string {
  return `https://${consoleHost(region)}/ecs/v2/clusters/${cluster}/tasks/${id}?region=${region}`;
}

/** The service's Events tab. */
export function eventsUrl(place: ServicePlace): string {
  return serviceUrl(place, "events");
}

/** One log stream. The console wants the names encoded twice, with `$` for `%`. */
export function logStreamUrl(region: string, group: string, stream: string): string {
  const named = (name: string) => encodeURIComponent(encodeURIComponent(name.toWellFormed())).replaceAll("%", "$");
  return `https://${consoleHost(region)}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${named(group)}/log-events/${named(stream)}`;
}

function serviceUrl({ region, cluster, service }: ServicePlace, tab: string): string {
  return `https://${consoleHost(region)}/ecs/v2/clusters/${cluster}/services/${service}/${tab}?region=${region}`;
}

/** https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html: each partition has a console of its own. */
function consoleHost(region: string): string {
  if (region.startsWith("cn-")) return `${region}.console.amazonaws.cn`;
  if (region.startsWith("us-gov-")) return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}
