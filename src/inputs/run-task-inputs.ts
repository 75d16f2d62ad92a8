// The rows that only the verb `run-task` has. One with the name of a shared row replaces it there.

import { isJsonObject, type JsonObject, stringOf } from "../json.ts";
import { parseDocument } from "./document.ts";
import type { InputSpec } from "./input-spec.ts";
import { type KeyValue, parseVariables } from "./key-values.ts";
import { InputProblem, oneOf, optional, unexpectedValue, wholeNumber } from "./parsers.ts";
import type { Inputs, Parsed } from "./schema.ts";
import { clusterName, serviceNames } from "./service-names.ts";
import { containerNames, oneTaskDefinition } from "./task-definition-parsers.ts";
import { command } from "./task-parsers.ts";

const onlyRunTask = ["run-task"] as const;
const noHandling = { terraform: "independent", dryRun: "not-shown", features: [] } as const;

export const runTaskInputs = {
  "task-definition": {
    group: "Task definition",
    verbs: onlyRunTask,
    description:
      "What runs: a file to register (JSON or YAML), a family (its newest revision), " +
      "`family:revision` or an ARN.",
    required: true,
    allowsDollar: true,
    handling: noHandling,
    parse: oneTaskDefinition,
  },
  "container-name": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "Container that gets `image`, `command` and `environment-variables`, and whose exit code " +
      "counts. Default: the one whose image comes from the repository of `image`, else the only " +
      "one.",
    handling: noHandling,
    parse: oneContainer,
  },
  command: {
    group: "Task",
    verbs: onlyRunTask,
    description:
      'Command of the container, `["alembic", "upgrade", "head"]` or the same as one line; no ' +
      "shell runs it. Default: that of the task definition or the image.",
    allowsDollar: true,
    handling: noHandling,
    parse: optional(command),
  },
  "environment-variables": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "Variables that only this task has, `NAME=value`, one per line; `NAME<<END`, lines, `END` " +
      "for a value of several lines. No revision is registered for them.",
    allowsDollar: true,
    handling: noHandling,
    parse: taskVariables,
  },
  cluster: {
    group: "Task",
    verbs: onlyRunTask,
    description: "Name or ARN of the ECS cluster. Not needed if `service` includes it.",
    handling: { ...noHandling, features: ["taskCluster"] },
    parse: (given: string) => {
      if (given === "") return "";
      return clusterName(given);
    },
  },
  service: {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "The task gets network, platform version and capacity of this service: its name, " +
      "`cluster/name` or its ARN. The service is not changed.",
    handling: { ...noHandling, features: ["taskService"] },
    parse: oneService,
  },
  subnets: {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "Subnets of the task, one per line or separated by commas. Required without `service` if " +
      "the task definition has the network mode `awsvpc`.",
    handling: noHandling,
    parse: idsOf("subnet", 16),
  },
  "security-groups": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "Security groups of the task, in the same form. Default: that of the VPC. Needs `subnets`.",
    handling: noHandling,
    parse: idsOf("sg", 5),
  },
  "assign-public-ip": {
    group: "Task",
    verbs: onlyRunTask,
    description: "`ENABLED` or `DISABLED`, ECS's default. Needs `subnets`.",
    handling: noHandling,
    parse: optional(oneOf("ENABLED", "DISABLED")),
  },
  "launch-type": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "`FARGATE`, `EC2`, `EXTERNAL` or `MANAGED_INSTANCES`. Default: `FARGATE` if the task " +
      "definition requires nothing else, otherwise the cluster's default.",
    handling: noHandling,
    parse: optional(oneOf("FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES")),
  },
  "capacity-provider-strategy": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "Instead of `launch-type`: a list in YAML or JSON with the members that AWS has, as in " +
      "`[{capacityProvider: FARGATE_SPOT, weight: 1}]`.",
    handling: noHandling,
    parse: strategy,
  },
  "wait-for-minutes": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "How long to wait for the task. If it takes longer, the step fails and the task keeps " +
      "running: stopping it could leave work half done.",
    default: "15",
    handling: noHandling,
    parse: wholeNumber("minutes", { min: 1, max: 360 }),
  },
  "on-cancel": {
    group: "Task",
    verbs: onlyRunTask,
    description:
      "What to do with the task when the run is cancelled: `leave` it running, or `stop-task`.",
    default: "leave",
    handling: { ...noHandling, features: ["stopTask"] },
    parse: oneOf("leave", "stop-task"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export type RunTaskInputName = keyof typeof runTaskInputs;

type TaskRows = Parsed<typeof runTaskInputs>;

/** Every input of the verb, parsed; rows that it does not have, with their defaults. */
export type RunTaskInputs = Omit<Inputs, keyof TaskRows> & TaskRows;

/** What the revision is made from: it gets no variables, because only the task has them. */
export function toRevisionInputs(inputs: RunTaskInputs): Inputs {
  return { ...inputs, environmentVariables: [], onCancel: "leave" };
}

/** Where the task runs, given twice; undefined members could not be read. */
export function taskPlaceProblems(inputs: Partial<RunTaskInputs>): readonly string[] {
  const { service = [], subnets = [], launchType, capacityProviderStrategy } = inputs;
  const network = {
    "security-groups": inputs.securityGroups?.length,
    "assign-public-ip": inputs.assignPublicIp,
  };
  const own = {
    subnets: subnets.length,
    ...network,
    "launch-type": launchType,
    "capacity-provider-strategy": capacityProviderStrategy,
  };
  if (service.length > 0)
    return givenIn(own).map(
      (name) =>
        `${name}: cannot be used together with service, whose network and capacity the task ` +
        "gets. Remove one of the two",
    );
  const withoutSubnets = subnets.length > 0 || !("subnets" in inputs) ? [] : givenIn(network);
  return [
    ...withoutSubnets.map((name) => `${name}: needs subnets`),
    ...(launchType && capacityProviderStrategy
      ? [
          "launch-type: cannot be used together with capacity-provider-strategy. Remove one of the two",
        ]
      : []),
  ];
}

function givenIn(values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(values).filter((name) => Boolean(values[name]));
}

function oneContainer(given: string): readonly string[] {
  const names = containerNames(given);
  if (names.length > 1) throw unexpectedValue("the name of one container", given);
  return names;
}

function oneService(given: string): ReturnType<typeof serviceNames> {
  const services = serviceNames(given);
  if (services.length > 1) throw new InputProblem("expected one service, got several lines");
  return services;
}

function taskVariables(
  given: string,
): readonly { readonly name: string; readonly value: string }[] {
  return parseVariables(given).map((one: KeyValue) => {
    if ("value" in one) return one;
    throw new InputProblem(
      `-${one.name}: a variable of the task definition cannot be removed for one task. Give it ` +
        "another value",
    );
  });
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html */
function idsOf(prefix: "subnet" | "sg", most: number) {
  return (given: string): readonly string[] => {
    const ids = [...new Set(given.split(/[\s,]+/).filter(Boolean))];
    for (const id of ids)
      if (!new RegExp(`^${prefix}-[0-9a-z]+$`).test(id))
        throw unexpectedValue(`ids like ${prefix}-0123456789abcdef0`, id);
    if (ids.length > most)
      throw new InputProblem(`expected at most ${most}, which is ECS's limit, got ${ids.length}`);
    return ids;
  };
}

function strategy(given: string): readonly JsonObject[] | undefined {
  if (given === "") return undefined;
  const document = parseDocument(given);
  const items = Array.isArray(document) ? document : [];
  const isStrategy =
    items.length > 0 &&
    items.every((item) => isJsonObject(item) && stringOf(item.capacityProvider) !== undefined);
  if (isStrategy) return items;
  throw unexpectedValue("a list like [{capacityProvider: FARGATE_SPOT, weight: 1}]", given);
}
