// Links to the AWS console, PURE.

/** A region, and the host of its console; undefined: unknown, and there are no links. */
export interface ConsoleLocation {
  readonly region: string;
  readonly console: string | undefined;
}

export interface ServiceConsoleLocation extends ConsoleLocation {
  readonly cluster: string;
  readonly service: string;
}

/** The service's Deployments tab. */
export function deploymentsUrl(place: ServiceConsoleLocation): string | undefined {
  return serviceUrl(place, "deployments");
}

/** The service's Tasks tab; stopped tasks stay there for an hour. */
export function tasksUrl(place: ServiceConsoleLocation): string | undefined {
  return serviceUrl(place, "tasks");
}

/** One task, also for an hour after it stopped. */
export function taskUrl(
  { cluster, ...place }: Omit<ServiceConsoleLocation, "service">,
  id: string,
): string | undefined {
  return pageUrl(place, `ecs/v2/clusters/${cluster}/tasks/${id}?region=${place.region}`);
}

/** The service's Events tab. */
export function eventsUrl(place: ServiceConsoleLocation): string | undefined {
  return serviceUrl(place, "events");
}

/** One log stream. The console wants the names encoded twice, with `$` for `%`. */
export function logStreamUrl(
  place: ConsoleLocation,
  group: string,
  stream: string,
): string | undefined {
  const encodeTwice = (name: string) =>
    encodeURIComponent(encodeURIComponent(name.toWellFormed())).replaceAll("%", "$");
  const path = `log-groups/log-group/${encodeTwice(group)}/log-events/${encodeTwice(stream)}`;
  return pageUrl(place, `cloudwatch/home?region=${place.region}#logsV2:${path}`);
}

function serviceUrl(
  { cluster, service, ...place }: ServiceConsoleLocation,
  tab: string,
): string | undefined {
  return pageUrl(
    place,
    `ecs/v2/clusters/${cluster}/services/${service}/${tab}?region=${place.region}`,
  );
}

function pageUrl({ console: host }: ConsoleLocation, path: string): string | undefined {
  return host && `https://${host}/${path}`;
}
