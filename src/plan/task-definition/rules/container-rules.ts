// Rules for the task as a whole and for each container, PURE.

import { isJsonObject, type JsonObject, numberOf, objectsOf, stringOf } from "../../../json.ts";
import { cpuUnits, memoryMegabytes } from "../fargate-sizes.ts";
import {
  type ContainerView,
  hasValue,
  itemsAt,
  type Rule,
  repeatedItems,
  type TaskView,
  type Violation,
} from "./rule.ts";
import { api, cdkPreflight, issue } from "./sources.ts";

const namePattern = /^[A-Za-z0-9_-]{1,255}$/;
const nameRemedy = "ECS takes up to 255 letters, digits, hyphens and underscores.";
const maxBytes = 65_536;

export const containerRules: readonly Rule<TaskView>[] = [
  {
    id: "family-name",
    source: api("RegisterTaskDefinition"),
    remedy: nameRemedy,
    check: ({ definition }) => {
      if (namePattern.test(stringOf(definition.family) ?? "")) return [];
      return [{ path: "family", problem: describeName(definition.family) }];
    },
  },
  {
    id: "container-name",
    source: api("ContainerDefinition"),
    remedy: nameRemedy,
    check: ({ containers }) =>
      containers.flatMap(({ path, definition }) => {
        if (namePattern.test(stringOf(definition.name) ?? "")) return [];
        return [{ path: `${path}.name`, problem: describeName(definition.name) }];
      }),
  },
  {
    id: "container-name-twice",
    source: cdkPreflight,
    remedy: "Give every container a name of its own.",
    check: ({ containers }) =>
      repeatedItems(
        containers.filter((one) => one.name !== ""),
        (one) => one.name,
      ).map(({ path }) => ({ path: `${path}.name`, problem: "is the name of two containers" })),
  },
  {
    id: "no-essential-container",
    source: api("ContainerDefinition"),
    remedy:
      "Let at least one container have `essential: true`, or leave the member out (that means " +
      "true).",
    check: ({ containers }) => {
      if (containers.length === 0 || containers.some(({ essential }) => essential)) return [];
      return [{ path: "containerDefinitions", problem: "has no essential container" }];
    },
  },
  {
    id: "task-definition-too-large",
    source: "https://github.com/awsdocs/amazon-ecs-developer-guide/pull/149",
    remedy: "Move variables into an environment file (`environmentFiles`) or into secrets.",
    check: ({ definition }) => {
      const bytes = new TextEncoder().encode(JSON.stringify(definition)).length;
      if (bytes > maxBytes)
        return [
          {
            path: "The task definition",
            problem: `has ${bytes} bytes, and ECS takes at most ${maxBytes}`,
          },
        ];
      return [];
    },
  },
  {
    id: "tag-key",
    source: api("Tag"),
    remedy:
      "A key has 1 to 128 characters, a value up to 256: letters, digits, blanks and _ . : / = " +
      "+ - @. Keys that begin with `aws:` belong to AWS.",
    check: ({ definition }) => itemsAt(definition.tags, "tags").flatMap(tagViolations),
  },
  {
    id: "tag-key-twice",
    source: api("Tag"),
    remedy: "Take one of them away.",
    check: ({ definition }) =>
      repeatedItems(itemsAt(definition.tags, "tags"), ({ item }) => stringOf(item.key) ?? "").map(
        ({ path, item }) => ({
          path,
          problem: `has the key ${JSON.stringify(item.key)} once more`,
        }),
      ),
  },
  {
    id: "too-many-tags",
    source: api("RegisterTaskDefinition"),
    remedy: "ECS takes at most 50.",
    check: ({ definition }) => {
      const count = objectsOf(definition.tags).length;
      if (count > 50) return [{ path: "tags", problem: `has ${count} entries` }];
      return [];
    },
  },
  {
    id: "container-memory-missing",
    source: issue("aws/aws-cli", 4453),
    remedy: "Give the container `memory` or `memoryReservation`, or the task `memory`.",
    check: ({ containers, definition }) => {
      if (hasValue(definition.memory)) return [];
      return containers
        .filter(
          (one) => !numberOf(one.definition.memory) && !numberOf(one.definition.memoryReservation),
        )
        .map(({ path }) => ({ path, problem: "has no memory, and neither has the task" }));
    },
  },
  {
    id: "container-memory-above-task",
    source: issue("pulumi/pulumi-awsx", 1220),
    remedy: "Lower it, or raise the task's `memory`.",
    check: ({ containers, definition }) =>
      containers.flatMap(({ path, definition: { memory } }) => {
        const [own, task] = [numberOf(memory) ?? 0, taskMemory(definition)];
        if (own > task)
          return [{ path: `${path}.memory`, problem: `is ${own}, more than the task's ${task}` }];
        return [];
      }),
  },
  {
    id: "container-cpu-above-task",
    source: issue("klothoplatform/klotho", 892),
    remedy: "Lower `cpu` of the containers, or raise the task's.",
    check: ({ containers, definition: { cpu } }) => {
      const [total, task] = [
        sum(containers, "cpu"),
        hasValue(cpu) ? cpuUnits(String(cpu)) : Number.NaN,
      ];
      if (total > task)
        return [
          {
            path: "cpu",
            problem: `is ${task}, less than the ${total} of the containers together`,
          },
        ];
      return [];
    },
  },
  {
    id: "memory-reservations-above-task",
    source: "https://github.com/cloudnativedaysjp/dreamkast-infra/pull/4766",
    remedy: "Lower `memoryReservation` of the containers, or raise the task's `memory`.",
    check: ({ containers, definition }) => {
      const total = sum(containers, "memoryReservation");
      const task = taskMemory(definition);
      if (total > task)
        return [
          {
            path: "memory",
            problem: `is ${task}, less than the ${total} that the containers reserve together`,
          },
        ];
      return [];
    },
  },
  {
    id: "memory-reservation-above-memory",
    source: cdkPreflight,
    remedy:
      "Lower `memoryReservation`, or raise `memory`: it is the limit that the container is " +
      "killed at.",
    check: ({ containers }) =>
      containers.flatMap(({ path, definition: { memory, memoryReservation } }) => {
        const [hard, soft] = [numberOf(memory), numberOf(memoryReservation) ?? 0];
        if (hard !== undefined && soft > hard)
          return [
            {
              path: `${path}.memoryReservation`,
              problem: `is ${soft}, more than the container's memory ${hard}`,
            },
          ];
        return [];
      }),
  },
  {
    id: "task-cpu-unreadable",
    source:
      "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html",
    remedy: 'Write units ("512") or vCPU ("0.5 vCPU").',
    check: ({ definition: { cpu }, onFargate }) => {
      if (onFargate || cpu === undefined || cpuUnits(String(cpu)) > 0) return [];
      return [{ path: "cpu", problem: `is ${JSON.stringify(cpu)}` }];
    },
  },
  {
    id: "task-memory-unreadable",
    source:
      "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html",
    remedy: 'Write MiB ("512") or GB ("0.5 GB").',
    check: ({ definition: { memory }, onFargate }) => {
      if (onFargate || memory === undefined || memoryMegabytes(String(memory)) > 0) return [];
      return [{ path: "memory", problem: `is ${JSON.stringify(memory)}` }];
    },
  },
  {
    id: "health-check-command-empty",
    source: api("HealthCheck"),
    remedy: 'Write, for instance, ["CMD-SHELL", "curl -f http://localhost/ || exit 1"].',
    check: ({ containers }) =>
      healthCommands(containers, (command) => command.length === 0, "is empty"),
  },
  {
    id: "health-check-command-form",
    source: api("HealthCheck"),
    severity: "warn",
    remedy:
      'Its first entry must be "CMD" or "CMD-SHELL"; Docker does not start the container ' +
      "otherwise.",
    check: ({ containers }) =>
      healthCommands(
        containers,
        ([first]) => first !== undefined && !["CMD", "CMD-SHELL", "NONE"].includes(first),
        "does not begin with CMD or CMD-SHELL",
      ),
  },
  {
    id: "ulimit-soft-above-hard",
    source: cdkPreflight,
    remedy: "Lower `softLimit`, or raise `hardLimit`.",
    check: ({ containers }) =>
      containers.flatMap(({ path, definition }) =>
        itemsAt(definition.ulimits, `${path}.ulimits`)
          .filter(({ item }) => isAbove(numberOf(item.softLimit), numberOf(item.hardLimit)))
          .map(({ path: at }) => ({ path: at, problem: "has a softLimit above its hardLimit" })),
      ),
  },
  {
    id: "inference-accelerators",
    source: cdkPreflight,
    remedy: "Take the member away: Amazon Elastic Inference is no longer offered.",
    check: ({ definition }) => {
      if (hasValue(definition.inferenceAccelerators))
        return [{ path: "inferenceAccelerators", problem: "is not supported any more" }];
      return [];
    },
  },
  {
    id: "ephemeral-storage-without-fargate",
    source: cdkPreflight,
    remedy: "Remove it, or add FARGATE to `requiresCompatibilities`.",
    check: ({ definition: { requiresCompatibilities: required, ephemeralStorage }, onFargate }) => {
      if (
        !onFargate &&
        hasValue(ephemeralStorage) &&
        Array.isArray(required) &&
        required.every(isCustomerHost)
      )
        return [{ path: "ephemeralStorage", problem: "is only there for tasks on Fargate" }];
      return [];
    },
  },
];

const isCustomerHost = (compatibility: unknown) =>
  compatibility === "EC2" || compatibility === "EXTERNAL";

/** -1 means no limit. */
function isAbove(soft: number | undefined, hard: number | undefined): boolean {
  return soft !== undefined && hard !== undefined && hard >= 0 && soft > hard;
}

function describeName(given: JsonObject[string]): string {
  if (given === undefined) return "is missing";
  return `is ${JSON.stringify(given)}`;
}

/** Infinity if the task has no memory that can be parsed. */
function taskMemory({ memory }: JsonObject): number {
  const megabytes = hasValue(memory) ? memoryMegabytes(String(memory)) : Number.NaN;
  if (Number.isFinite(megabytes)) return megabytes;
  return Number.POSITIVE_INFINITY;
}

function sum(containers: readonly ContainerView[], member: string): number {
  return containers.reduce(
    (total, { definition }) => total + (numberOf(definition[member]) ?? 0),
    0,
  );
}

function tagViolations({
  path,
  item,
}: {
  readonly path: string;
  readonly item: JsonObject;
}): readonly Violation[] {
  const [key, value] = [stringOf(item.key) ?? "", stringOf(item.value) ?? ""];
  const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  if (key === "") return [{ path, problem: "has no key" }];
  if (/^aws:/i.test(key)) return [{ path, problem: `has the key ${JSON.stringify(key)}` }];
  if (key.length > 128 || !allowed.test(key))
    return [{ path, problem: "has a key that AWS refuses" }];
  if (value.length > 256 || !allowed.test(value))
    return [{ path, problem: "has a value that AWS refuses" }];
  return [];
}

function healthCommands(
  containers: readonly ContainerView[],
  isWrong: (command: readonly string[]) => boolean,
  problem: string,
): readonly Violation[] {
  return containers.flatMap(({ path, definition: { healthCheck } }) => {
    if (!isJsonObject(healthCheck) || !Array.isArray(healthCheck.command)) return [];
    if (isWrong(healthCheck.command.map(String)))
      return [{ path: `${path}.healthCheck.command`, problem }];
    return [];
  });
}
