// Ports, and what the network mode allows, PURE.

import { isJsonObject, type JsonObject, numberOf } from "../../../json.ts";
import {
  hasValue,
  itemsAt,
  type Rule,
  repeatedItems,
  type TaskView,
  type Violation,
} from "./rule.ts";
import { api, cdkPreflight, issue } from "./sources.ts";

/**
 * Members that a container cannot have if the task has a network interface of its own, and what to
 * use instead.
 */
const unsupportedWithAwsvpc: Readonly<Record<string, string>> = {
  links: "Remove it: containers of such a task reach each other on localhost.",
  hostname: "Remove it.",
  extraHosts: "Remove it; a private DNS zone can hold such names.",
  dnsServers: "Remove it: the VPC's DNS is used.",
  dnsSearchDomains: "Remove it: the VPC's DHCP options say them.",
  disableNetworking: "Remove it.",
};

export const networkRules: readonly Rule<TaskView>[] = [
  {
    id: "not-with-awsvpc",
    source: cdkPreflight,
    check: ({ containers, networkMode }) => {
      if (networkMode !== "awsvpc") return [];
      return containers.flatMap(({ path, definition }) =>
        Object.entries(unsupportedWithAwsvpc)
          .filter(([member]) => hasValue(definition[member]))
          .map(([member, remedy]) => ({
            path: `${path}.${member}`,
            problem: "is not supported with networkMode awsvpc",
            remedy,
          })),
      );
    },
  },
  {
    id: "host-port-differs",
    source: issue("aws/amazon-ecs-cli", 1014),
    remedy: "Take `hostPort` away: it is the containerPort.",
    check: (view) => {
      if (["awsvpc", "host"].includes(view.networkMode))
        return ports(view)
          .filter(
            ({ item }) =>
              (numberOf(item.hostPort) ?? 0) > 0 && numberOf(item.containerPort) !== undefined,
          )
          .filter(({ item }) => item.hostPort !== item.containerPort)
          .map(({ path, item }) => ({
            path: `${path}.hostPort`,
            problem:
              `is ${item.hostPort}, but the containerPort is ${item.containerPort} and ` +
              `networkMode is ${view.networkMode}`,
          }));
      return [];
    },
  },
  {
    id: "ports-without-network",
    source: api("ContainerDefinition"),
    remedy: "Remove them, or change networkMode.",
    check: (view) => {
      if (view.networkMode === "none")
        return view.containers
          .filter(({ definition }) => hasValue(definition.portMappings))
          .map(({ path }) => ({
            path: `${path}.portMappings`,
            problem: "is there, but networkMode is none",
          }));
      return [];
    },
  },
  {
    id: "host-port-twice",
    source: issue("aws/amazon-ecs-agent", 1220),
    remedy: "One port of a machine serves one container; leave `hostPort` out for any free port.",
    check: (view) => {
      if (view.networkMode === "awsvpc") return [];
      return portConflicts(view);
    },
  },
  {
    id: "task-port-twice",
    source: api("ContainerDefinition"),
    severity: "warn",
    remedy:
      "With networkMode awsvpc the containers share one network interface: only one of them " +
      "can listen there.",
    check: (view) => {
      if (view.networkMode === "awsvpc") return portConflicts(view);
      return [];
    },
  },
  {
    id: "port-name-form",
    source: api("PortMapping"),
    remedy:
      "ECS takes up to 64 small letters, digits, hyphens and underscores, not beginning with a " +
      "hyphen.",
    check: (view) =>
      ports(view)
        .filter(
          ({ item }) =>
            item.name !== undefined && !/^[a-z0-9_][a-z0-9_-]{0,63}$/.test(String(item.name)),
        )
        .map(({ path, item }) => ({
          path: `${path}.name`,
          problem: `is ${JSON.stringify(item.name)}`,
        })),
  },
  {
    id: "port-name-twice",
    source: cdkPreflight,
    remedy: "Give every port a name of its own.",
    check: (view) =>
      repeatedItems(
        ports(view).filter(({ item }) => hasValue(item.name)),
        ({ item }) => String(item.name),
      ).map(({ path, item }) => ({
        path: `${path}.name`,
        problem: `is ${JSON.stringify(item.name)}, like another port's`,
      })),
  },
  {
    id: "port-and-range",
    source: cdkPreflight,
    remedy: "Keep one of the two.",
    check: (view) =>
      ports(view)
        .filter(
          ({ item }) =>
            hasValue(item.containerPortRange) &&
            (hasValue(item.containerPort) || hasValue(item.hostPort)),
        )
        .map(({ path }) => ({ path, problem: "has both a port and a containerPortRange" })),
  },
  {
    id: "port-range-form",
    source: cdkPreflight,
    remedy: 'Write it like "8000-8010": two ports from 1 to 65535, the lower one first.',
    check: (view) =>
      ports(view)
        .filter(({ item }) => item.containerPortRange !== undefined && !rangeOf(item))
        .map(({ path, item }) => ({
          path: `${path}.containerPortRange`,
          problem: `is ${JSON.stringify(item.containerPortRange)}`,
        })),
  },
  {
    id: "port-ranges-overlap",
    source: cdkPreflight,
    remedy: "Let each port be in one range only.",
    check: overlappingRanges,
  },
  {
    id: "proxy-without-awsvpc",
    source: cdkPreflight,
    remedy: "Set networkMode to awsvpc, or take `proxyConfiguration` away.",
    check: ({ definition: { proxyConfiguration }, networkMode }) => {
      if (
        isJsonObject(proxyConfiguration) &&
        hasValue(proxyConfiguration) &&
        networkMode !== "awsvpc"
      )
        return [
          {
            path: "proxyConfiguration",
            problem: `is not supported with networkMode ${networkMode}`,
          },
        ];
      return [];
    },
  },
];

function ports({ containers }: TaskView) {
  return containers.flatMap(({ path, definition }) =>
    itemsAt(definition.portMappings, `${path}.portMappings`),
  );
}

function portConflicts(view: TaskView): readonly Violation[] {
  const occupied = ports(view).flatMap(({ path, item }) => {
    const port = occupiedPort(view, item);
    if (port === undefined) return [];
    return [{ path, port: `${port}/${item.protocol === "udp" ? "udp" : "tcp"}` }];
  });
  return repeatedItems(occupied, ({ port }) => port).map(({ path, port }) => ({
    path,
    problem: `takes port ${port} once more`,
  }));
}

/**
 * The host port of a mapping on the instance, or on the task's network interface; undefined: any
 * free port.
 */
function occupiedPort(
  { networkMode }: TaskView,
  { hostPort, containerPort }: JsonObject,
): number | undefined {
  const isOwn = networkMode === "awsvpc" || networkMode === "host";
  const port = isOwn ? (numberOf(hostPort) ?? numberOf(containerPort)) : numberOf(hostPort);
  if (port !== undefined && port > 0) return port;
  return undefined;
}

function rangeOf({ containerPortRange }: JsonObject): readonly [number, number] | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(String(containerPortRange)) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (from >= 1 && from < to && to <= 65_535) return [from, to];
  return undefined;
}

function overlappingRanges(view: TaskView): readonly Violation[] {
  const ranges = ports(view).flatMap(({ path, item }) => {
    const range = hasValue(item.containerPortRange) ? rangeOf(item) : undefined;
    if (range) return [{ path, from: range[0], to: range[1] }];
    return [];
  });
  return ranges
    .filter(({ from, to }, index) =>
      ranges.slice(0, index).some((other) => from <= other.to && other.from <= to),
    )
    .map(({ path }) => ({ path: `${path}.containerPortRange`, problem: "overlaps another range" }));
}
