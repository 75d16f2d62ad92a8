// What RegisterTaskDefinition refuses in one container. Pure. Sources of the texts:
// registration-rules.ts.

import type {
  ContainerDefinition,
  PortMapping,
  RegisterTaskDefinitionRequest,
} from "@aws-sdk/client-ecs";

/** AWS's text, or undefined. */
export function refuseContainer(
  container: ContainerDefinition,
  { networkMode = "bridge" }: RegisterTaskDefinitionRequest,
): string | undefined {
  return (
    refuseVariables(container) ??
    refuseLimits(container) ??
    refuseHealthCheck(container) ??
    refuseLog(container) ??
    (container.portMappings ?? [])
      .map((one) => refusePort(one, container, networkMode))
      .find(Boolean) ??
    (networkMode === "awsvpc" ? refuseUnderAwsvpc(container) : undefined)
  );
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
function refuseVariables({
  environment = [],
  secrets = [],
  environmentFiles = [],
}: ContainerDefinition): string | undefined {
  const isBlank = (name: string | undefined) => (name ?? "").trim() === "";
  if (environment.some(({ name }) => isBlank(name)))
    return "Environment variable name cannot be null or blank."; // [8]
  // ours
  if (secrets.some(({ name }) => isBlank(name))) return "Secret name cannot be null or blank.";
  const names = [...secrets, ...environment].map(({ name }) => name);
  const shared = secrets.find(({ name }) => names.indexOf(name) !== names.lastIndexOf(name));
  if (shared) {
    return (
      "The secret name must be unique and not shared with any new or existing environment " +
      `variables set on the container, such as '${shared.name}'.`
    );
  }
  if (environmentFiles.length > 10)
    // [1]
    return "The maximum number of environment files was exceeded. Specify ten or less and try again.";
  return environmentFiles.some(({ value = "" }) => !/^arn:[a-z-]+:s3:::[^/]+\/./.test(value))
    ? "Invalid arn syntax" // [1]
    : undefined;
}

function refuseLimits(container: ContainerDefinition): string | undefined {
  const {
    name,
    memory,
    memoryReservation,
    cpu = 0,
    startTimeout,
    stopTimeout,
    ulimits = [],
    restartPolicy,
  } = container;
  if (memory !== undefined && (memoryReservation ?? 0) > memory)
    // [1]
    return (
      `Invalid setting for container '${name}'. 'memory' must be greater than or equal to ` +
      "'memoryReservation'."
    );
  if (cpu < 0) return `Invalid 'cpu' setting for container '${name}'.`; // ours
  if ((startTimeout ?? 2) < 2)
    return `Granular start timeout on container '${name}' must be at least 2 seconds.`;
  if ((stopTimeout ?? 2) < 2)
    return `Granular stop timeout on container '${name}' must be at least 2 seconds.`;
  const above = ulimits.find(
    (one) => (one.hardLimit ?? -1) >= 0 && (one.softLimit ?? 0) > (one.hardLimit ?? 0),
  );
  if (above) return `Soft limit exceeds hard limit for ulimit ${above.name}`; // [1]
  // ours
  if ((restartPolicy?.ignoredExitCodes?.length ?? 0) > 50) return "Too many ignored exit codes.";
  // ours
  if ((container.credentialSpecs?.length ?? 0) > 1) return "Only one credential spec is allowed.";
  const swappiness = container.linuxParameters?.swappiness ?? 0;
  if (swappiness < 0 || swappiness > 100)
    return `Invalid 'swappiness' setting for container '${name}'.`; // ours
  const period = restartPolicy?.restartAttemptPeriod ?? 300;
  return period < 60 || period > 1800
    ? // [1]
      `the 'restartAttemptPeriod' setting for container '${name}' must be between 60 and 1800`
    : undefined;
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html; the texts are
 * ours
 */
function refuseHealthCheck({ name, healthCheck }: ContainerDefinition): string | undefined {
  if (!healthCheck) return undefined;
  const { command = [], interval = 30, timeout = 5, retries = 3, startPeriod = 0 } = healthCheck;
  if (command.length === 0)
    return `Health check command of container '${name}' should not be empty.`;
  const bounds = [
    ["interval", interval, 5, 300],
    ["timeout", timeout, 2, 60],
    ["retries", retries, 1, 10],
    ["startPeriod", startPeriod, 0, 300],
  ] as const;
  const broken = bounds.find(([, value, least, most]) => value < least || value > most);
  return (
    broken &&
    `Invalid '${broken[0]}' setting for the health check of container '${name}': ${broken[2]} ` +
      `to ${broken[3]}.`
  );
}

function refuseLog({ logConfiguration: log }: ContainerDefinition): string | undefined {
  if (log?.logDriver !== "awslogs") return undefined;
  const missing = ["awslogs-region", "awslogs-group"].filter((name) => !log.options?.[name]);
  return missing.length > 0
    ? `Log driver awslogs requires options: ${missing.join(", ")}`
    : undefined; // [2]
}

function refusePort(
  port: PortMapping,
  { name }: ContainerDefinition,
  networkMode: string,
): string | undefined {
  const { containerPort, hostPort, containerPortRange: range } = port;
  // ours
  if (networkMode === "none") return "Port mappings are not supported when networkMode=none.";
  if (port.name !== undefined && !/^[a-z0-9_][a-z0-9_-]{0,63}$/.test(port.name))
    return `Invalid port mapping name '${port.name}' for container '${name}'.`; // ours
  if (range !== undefined) {
    if (containerPort || hostPort) return "cannot specify both single port and port range"; // [1]
    const [, low = "", high = ""] = /^(\d+)-(\d+)$/.exec(range) ?? [];
    const isRange = Number(low) >= 1 && Number(low) < Number(high) && Number(high) <= 65_535;
    // [1]
    return isRange ? undefined : `Invalid 'containerPortRange' setting for container '${name}'.`;
  }
  if (!(containerPort !== undefined && containerPort >= 1 && containerPort <= 65_535))
    return `Invalid 'containerPort' setting for container '${name}'.`; // [10]
  if (hostPort !== undefined && !(hostPort >= 0 && hostPort <= 65_535))
    return `Invalid 'hostPort' setting for container '${name}'.`; // [10], by analogy
  const mustMatch = networkMode === "awsvpc" || networkMode === "host";
  return mustMatch && hostPort && hostPort !== containerPort
    ? // [2]
      `When networkMode=${networkMode}, the host ports and container ports in port mappings must ` +
        "match."
    : undefined;
}

/** [1] */
function refuseUnderAwsvpc(container: ContainerDefinition): string | undefined {
  if (container.links?.length) return "Links are not supported when networkMode=awsvpc.";
  if (container.hostname) return "hostname is not supported on container when networkMode=awsvpc.";
  if (container.extraHosts?.length)
    return "Extra hosts are not supported on container when networkMode=awsvpc.";
  if (container.dnsServers?.length)
    return "DNS servers are not supported on container when networkMode=awsvpc.";
  if (container.dnsSearchDomains?.length)
    return "DNS search domains are not supported on container when networkMode=awsvpc.";
  return container.disableNetworking
    ? "Disable Networking is not supported on container when networkMode=awsvpc."
    : undefined;
}
