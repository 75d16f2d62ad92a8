// Two task definitions that ECS would treat alike become equal values, PURE. Only for comparing;
// never sent.
//
// ECS adds defaults when it stores a task definition
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html), so a
// file that omits them is equal to the revision that has them. Here all of them are removed.

import { isJsonObject, type JsonObject, type JsonValue, objectsOf, stringOf } from "../../json.ts";
import { cpuUnits, memoryMegabytes } from "./fargate-sizes.ts";

export function normalizeTaskDefinition(definition: JsonObject): JsonObject {
  const { containerDefinitions, cpu, memory, tags, requiresCompatibilities, ...rest } = definition;
  const networkMode = stringOf(definition.networkMode);
  return withoutEmpty({
    ...withoutDefaults(rest, { enableFaultInjection: false }),
    ...normalizeSizes({ cpu, memory }),
    tags: tags && sortByKey(tags, "key"),
    requiresCompatibilities: Array.isArray(requiresCompatibilities)
      ? [...requiresCompatibilities].sort()
      : undefined,
    volumes: sortByKey(definition.volumes, "name"),
    containerDefinitions: objectsOf(containerDefinitions).map((container) =>
      normalizeContainer(container, networkMode),
    ),
  }) as JsonObject;
}

const containerDefaults: JsonObject = {
  cpu: 0,
  essential: true,
  privileged: false,
  readonlyRootFilesystem: false,
  interactive: false,
  pseudoTerminal: false,
  disableNetworking: false,
  versionConsistency: "enabled",
};

function normalizeContainer(container: JsonObject, networkMode: string | undefined): JsonObject {
  const { healthCheck } = container;
  return {
    ...withoutDefaults(container, containerDefaults),
    environment: sortByKey(container.environment, "name"),
    secrets: sortByKey(container.secrets, "name"),
    portMappings: objectsOf(container.portMappings).map((port) =>
      normalizePortMapping(port, networkMode),
    ),
    mountPoints: objectsOf(container.mountPoints).map((mount) =>
      withoutDefaults(mount, { readOnly: false }),
    ),
    volumesFrom: objectsOf(container.volumesFrom).map((volume) =>
      withoutDefaults(volume, { readOnly: false }),
    ),
    ...(isJsonObject(healthCheck) && {
      healthCheck: withoutDefaults(healthCheck, { interval: 30, timeout: 5, retries: 3 }),
    }),
  };
}

/**
 * If every task has an address of its own, the host's port is the container's; otherwise 0 means
 * any port.
 */
function normalizePortMapping(port: JsonObject, networkMode: string | undefined): JsonObject {
  const sameAsContainer = networkMode === "awsvpc" || networkMode === "host";
  const hostPort = sameAsContainer ? (port.containerPort ?? 0) : 0;
  return withoutDefaults(port, { protocol: "tcp", hostPort });
}

/** ECS stores `1 vCPU` and `2 GB` as `1024` and `2048`. */
function normalizeSizes({
  cpu,
  memory,
}: {
  readonly cpu: JsonValue | undefined;
  readonly memory: JsonValue | undefined;
}) {
  const written = (value: JsonValue | undefined, read: (text: string) => number) => {
    const units = read(String(value));
    if (Number.isFinite(units)) return String(units);
    return value;
  };
  return {
    ...(cpu !== undefined && { cpu: written(cpu, cpuUnits) }),
    ...(memory !== undefined && { memory: written(memory, memoryMegabytes) }),
  };
}

function withoutDefaults(value: JsonObject, defaults: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([name, member]) => !equalsDefault(member, defaults[name])),
  );
}

function equalsDefault(value: JsonValue | undefined, defaultValue: JsonValue | undefined): boolean {
  return defaultValue !== undefined && value === defaultValue;
}

/**
 * Their order has no meaning. A value that is no list of objects is left unchanged: preflight
 * reports it.
 */
function sortByKey(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (!Array.isArray(value)) return value;
  return [...value].sort((a, b) => compareStrings(keyOf(a, key), keyOf(b, key)));
}

function keyOf(item: JsonValue, key: string): string {
  return (isJsonObject(item) && stringOf(item[key])) || "";
}

function compareStrings(a: string, b: string): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return 0;
}

/**
 * An empty list or object is equal to an absent one. Items of a list are kept, whatever they
 * contain.
 */
function withoutEmpty(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item) as JsonValue);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, withoutEmpty(member)] as const)
    .filter(([, member]) => member !== undefined && !isEmpty(member));
  return Object.fromEntries(members);
}

function isEmpty(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
