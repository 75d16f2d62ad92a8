// Members that accept a few values only, or a number from a range, PURE.

import { type JsonValue, numberOf } from "../../../json.ts";
import { listValues, type Rule, type TaskView, type Violation, valuesAt } from "./rule.ts";
import { api } from "./sources.ts";

const container = "containerDefinitions[]";

/** Small sets that are determined by Docker, Linux or the API itself. */
const closedSets: Readonly<Record<string, readonly string[]>> = {
  networkMode: ["bridge", "host", "awsvpc", "none"],
  pidMode: ["host", "task"],
  ipcMode: ["host", "task", "none"],
  [`${container}.dependsOn[].condition`]: ["START", "COMPLETE", "SUCCESS", "HEALTHY"],
  [`${container}.portMappings[].appProtocol`]: ["http", "http2", "grpc"],
  [`${container}.ulimits[].name`]: [
    ...[
      "core",
      "cpu",
      "data",
      "fsize",
      "locks",
      "memlock",
      "msgqueue",
      "nice",
      "nofile",
      "nproc",
      "rss",
      "rtprio",
    ],
    ...["rttime", "sigpending", "stack"],
  ],
  [`${container}.environmentFiles[].type`]: ["s3"],
  [`${container}.firelensConfiguration.type`]: ["fluentd", "fluentbit"],
  [`${container}.linuxParameters.devices[].permissions[]`]: ["read", "write", "mknod"],
  [`${container}.versionConsistency`]: ["enabled", "disabled"],
  "placementConstraints[].type": ["memberOf"],
  "proxyConfiguration.type": ["APPMESH"],
  "volumes[].dockerVolumeConfiguration.scope": ["task", "shared"],
  "volumes[].efsVolumeConfiguration.transitEncryption": ["ENABLED", "DISABLED"],
  "volumes[].efsVolumeConfiguration.authorizationConfig.iam": ["ENABLED", "DISABLED"],
};

/** Sets that AWS extends over time. */
const openSets: Readonly<Record<string, readonly string[]>> = {
  "requiresCompatibilities[]": ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"],
  "runtimePlatform.cpuArchitecture": ["X86_64", "ARM64"],
  "runtimePlatform.operatingSystemFamily": [
    ...[
      "LINUX",
      "WINDOWS_SERVER_2016_FULL",
      "WINDOWS_SERVER_2019_CORE",
      "WINDOWS_SERVER_2019_FULL",
    ],
    ...["WINDOWS_SERVER_2004_CORE", "WINDOWS_SERVER_20H2_CORE", "WINDOWS_SERVER_2022_CORE"],
    ...["WINDOWS_SERVER_2022_FULL", "WINDOWS_SERVER_2025_CORE", "WINDOWS_SERVER_2025_FULL"],
  ],
  [`${container}.logConfiguration.logDriver`]: [
    ...["awsfirelens", "awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog"],
  ],
  [`${container}.resourceRequirements[].type`]: ["GPU", "InferenceAccelerator", "NeuronDevice"],
};

/** Minimum and maximum. */
const numberRanges: Readonly<Record<string, readonly [number, number]>> = {
  "ephemeralStorage.sizeInGiB": [21, 200],
  [`${container}.cpu`]: [0, Number.POSITIVE_INFINITY],
  [`${container}.healthCheck.interval`]: [5, 300],
  [`${container}.healthCheck.timeout`]: [2, 60],
  [`${container}.healthCheck.retries`]: [1, 10],
  [`${container}.healthCheck.startPeriod`]: [0, 300],
  [`${container}.portMappings[].containerPort`]: [1, 65_535],
  [`${container}.portMappings[].hostPort`]: [0, 65_535],
  [`${container}.restartPolicy.restartAttemptPeriod`]: [60, 1800],
  [`${container}.startTimeout`]: [2, Number.POSITIVE_INFINITY],
  [`${container}.stopTimeout`]: [2, Number.POSITIVE_INFINITY],
  [`${container}.linuxParameters.swappiness`]: [0, 100],
};

/** The maximum length of lists. */
const lengths: Readonly<Record<string, number>> = {
  containerDefinitions: 10,
  placementConstraints: 10,
  [`${container}.environmentFiles`]: 10,
  [`${container}.restartPolicy.ignoredExitCodes`]: 50,
  [`${container}.credentialSpecs`]: 1,
};

export const valueRules: readonly Rule<TaskView>[] = [
  {
    id: "unknown-value",
    source: api("RegisterTaskDefinition"),
    check: ({ definition }) =>
      checkTable(closedSets, definition, (value, known) => notOneOf(value, known)),
  },
  {
    id: "misspelled-value",
    source: api("RegisterTaskDefinition"),
    check: ({ definition }) =>
      checkTable(openSets, definition, (value, known) => {
        if (known.some((one) => equalsLoosely(one, String(value)))) return notOneOf(value, known);
        return undefined;
      }),
  },
  {
    id: "value-that-may-be-newer",
    source: api("RegisterTaskDefinition"),
    severity: "warn",
    remedy:
      "It is sent as it is; where ECS does not know it either, it refuses the task definition " +
      "after the build.",
    check: ({ definition }) =>
      checkTable(openSets, definition, (value, known) => {
        if (known.some((one) => equalsLoosely(one, String(value)))) return undefined;
        return {
          problem:
            `is ${JSON.stringify(value)}, which this action does not know (it knows ` +
            `${listValues(known, "and")})`,
        };
      }),
  },
  {
    id: "number-out-of-range",
    source: api("ContainerDefinition"),
    check: ({ definition }) =>
      checkTable(numberRanges, definition, (value, [min, max]) => {
        const given = numberOf(value);
        if (given === undefined || (given >= min && given <= max)) return undefined;
        const range =
          max === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${max}`;
        return { problem: `is ${given}`, remedy: `ECS takes a number ${range}.` };
      }),
  },
  {
    id: "list-too-long",
    source: "https://docs.aws.amazon.com/general/latest/gr/ecs-service.html",
    check: ({ definition }) =>
      checkTable(lengths, definition, (value, max) => {
        if (Array.isArray(value) && value.length > max)
          return { problem: `has ${value.length} entries`, remedy: `ECS takes at most ${max}.` };
        return undefined;
      }),
  },
  {
    id: "protocol-taken-for-tcp",
    source: api("PortMapping"),
    severity: "warn",
    remedy: 'ECS knows "tcp" and "udp", in small letters, and treats anything else as "tcp".',
    check: ({ definition }) =>
      valuesAt(definition, `${container}.portMappings[].protocol`).flatMap(({ path, value }) => {
        if (value === "tcp" || value === "udp") return [];
        return [{ path, problem: `is ${JSON.stringify(value)}` }];
      }),
  },
];

function checkTable<Limit>(
  table: Readonly<Record<string, Limit>>,
  definition: JsonValue,
  checkValue: (value: JsonValue, limit: Limit) => Omit<Violation, "path"> | undefined,
): readonly Violation[] {
  return Object.entries(table).flatMap(([place, limit]) =>
    valuesAt(definition, place).flatMap(({ path, value }) => {
      const violation = checkValue(value, limit);
      if (violation) return [{ path, ...violation }];
      return [];
    }),
  );
}

function notOneOf(value: JsonValue, known: readonly string[]): Omit<Violation, "path"> | undefined {
  if (typeof value === "string" && known.includes(value)) return undefined;
  const intended = known.find((one) => equalsLoosely(one, String(value)));
  return {
    problem: `is ${JSON.stringify(value)}`,
    remedy:
      intended === undefined
        ? `It must be ${listValues(known)}.`
        : `Write ${JSON.stringify(intended)}.`,
  };
}

/** Ignores case, hyphens and underscores. */
function equalsLoosely(a: string, b: string): boolean {
  const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  return letters(a) === letters(b);
}
