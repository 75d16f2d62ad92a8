// What ECS is known to refuse in an update of a service, PURE.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html

import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberOf,
  objectsOf,
  stringOf,
} from "../../json.ts";
import {
  hasValue,
  itemsAt,
  listValues,
  type Rule,
  type Violation,
  valuesAt,
} from "../task-definition/rules/rule.ts";
import { api, cdkPreflight, developerGuide, issue } from "../task-definition/rules/sources.ts";

export interface UpdateView {
  /** As DescribeServices returns it. */
  readonly service: JsonObject;
  /** The task definition that the service will run. */
  readonly definition: JsonObject;
  /** `deploymentConfiguration` after the update. */
  readonly configuration: JsonObject;
  readonly requested: {
    readonly desiredCount: boolean;
    readonly circuitBreaker: boolean;
  };
}

/** Its load balancer is given by name instead of a target group. */
export function isBehindClassicLoadBalancer(service: JsonObject): boolean {
  return objectsOf(service.loadBalancers).some(({ loadBalancerName }) =>
    hasValue(loadBalancerName),
  );
}

/** What the inputs request and this service cannot have. */
export const updateRules: readonly Rule<UpdateView>[] = [
  {
    id: "daemon-with-desired-count",
    source: issue("fabfuel/ecs-deploy", 59),
    remedy: "Leave it out: a DAEMON service runs one task on each instance.",
    check: ({ service, requested }) => {
      if (service.schedulingStrategy === "DAEMON" && requested.desiredCount)
        return [{ path: "desired-count", problem: "cannot be set for a DAEMON service" }];
      return [];
    },
  },
  {
    id: "daemon-maximum-percent",
    source: cdkPreflight,
    remedy: "Leave it at 100.",
    check: ({ service, configuration: { maximumPercent } }) => {
      if (service.schedulingStrategy === "DAEMON" && (numberOf(maximumPercent) ?? 0) > 100)
        return [
          {
            path: configurationPath("maximumPercent"),
            problem: `is ${maximumPercent}, but a DAEMON service has room for one task per instance`,
          },
        ];
      return [];
    },
  },
  {
    id: "circuit-breaker-behind-classic-load-balancer",
    source: issue("aws/containers-roadmap", 1272),
    remedy:
      "ECS has no circuit breaker there, and this action leaves it out. Remove " +
      "`circuit-breaker-threshold` and `deploymentCircuitBreaker`, or move to an Application " +
      "or Network Load Balancer.",
    check: ({ service, requested }) => {
      if (isBehindClassicLoadBalancer(service) && requested.circuitBreaker)
        return [
          {
            path: "The circuit breaker",
            problem: "cannot be set for a service behind a Classic Load Balancer",
          },
        ];
      return [];
    },
  },
  {
    id: "maximum-below-minimum",
    source: api("DeploymentConfiguration"),
    remedy: "Raise maximumPercent, or lower minimumHealthyPercent.",
    check: ({ configuration: { maximumPercent, minimumHealthyPercent } }) => {
      const [max, min] = [numberOf(maximumPercent), numberOf(minimumHealthyPercent)];
      if (max !== undefined && min !== undefined && max < min)
        return [
          {
            path: configurationPath("maximumPercent"),
            problem: `is ${max}, below minimumHealthyPercent ${min}`,
          },
        ];
      return [];
    },
  },
  {
    id: "configuration-out-of-range",
    source: api("DeploymentConfiguration"),
    check: ({ configuration }) =>
      Object.entries(configurationRanges).flatMap(([place, [min, most]]) =>
        valuesAt(configuration, place).flatMap(({ path, value }) => {
          const given = numberOf(value);
          if (given === undefined || (given >= min && given <= most)) return [];
          const range =
            most === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${most}`;
          return [
            {
              path: configurationPath(path),
              problem: `is ${given}`,
              remedy: `ECS takes a number ${range}.`,
            },
          ];
        }),
      ),
  },
  {
    id: "configuration-unknown-value",
    source: api("DeploymentConfiguration"),
    check: ({ configuration }) =>
      Object.entries(configurationValues).flatMap(([place, known]) =>
        valuesAt(configuration, place).flatMap(({ path, value }) => {
          if (known.includes(String(value))) return [];
          return [
            {
              path: configurationPath(path),
              problem: `is ${JSON.stringify(value)}`,
              remedy: `It must be ${listValues(known)}.`,
            },
          ];
        }),
      ),
  },
  {
    id: "strategy-without-its-configuration",
    source: api("DeploymentConfiguration"),
    remedy: "Remove it (`null` in `service-patch`), or set `strategy`.",
    check: ({ configuration }) => [
      ...onlyWith(configuration, "linearConfiguration", "LINEAR"),
      ...onlyWith(configuration, "canaryConfiguration", "CANARY"),
      ...onlyWith(configuration, "earlySuccessCriteria", "ROLLING"),
    ],
  },
  {
    id: "early-success-incomplete",
    source: api("DeploymentEarlySuccessCriteria"),
    remedy:
      "Give healthyPercent (not below minimumHealthyPercent) and sourceServiceRevisionCleanup.",
    check: ({ configuration: { earlySuccessCriteria: criteria, minimumHealthyPercent } }) => {
      if (!isJsonObject(criteria) || criteria.enable !== true) return [];
      const [healthy, min] = [
        numberOf(criteria.healthyPercent),
        numberOf(minimumHealthyPercent) ?? 100,
      ];
      const isWhole = healthy !== undefined && criteria.sourceServiceRevisionCleanup !== undefined;
      if (!isWhole)
        return [{ path: configurationPath("earlySuccessCriteria"), problem: "is not complete" }];
      if (healthy < min)
        return [
          {
            path: configurationPath("earlySuccessCriteria.healthyPercent"),
            problem: `is ${healthy}, below minimumHealthyPercent ${min}`,
          },
        ];
      return [];
    },
  },
  {
    id: "hook-without-function",
    source: api("DeploymentLifecycleHook"),
    remedy: "Give `hookTargetArn`, the ARN of the Lambda function.",
    check: ({ configuration }) =>
      lifecycleHooksOf(configuration)
        .filter(({ item }) => item.targetType !== "PAUSE" && !hasValue(item.hookTargetArn))
        .map(({ path }) => ({ path, problem: "names no function" })),
  },
  {
    id: "pause-while-traffic-moves",
    source: api("DeploymentLifecycleHook"),
    remedy: "Pause before or after it.",
    check: ({ configuration }) =>
      lifecycleHooksOf(configuration)
        .filter(
          ({ item }) =>
            item.targetType === "PAUSE" &&
            stagesOf(item).some((stage) => trafficShiftStages.includes(stage)),
        )
        .map(({ path }) => ({ path, problem: "pauses at a stage where traffic is moving" })),
  },
];

/** Combinations of task definition and service that ECS refuses. */
export const compatibilityRules: readonly Rule<UpdateView>[] = [
  {
    id: "awsvpc-without-network",
    source: developerGuide("task-networking-awsvpc"),
    remedy:
      "Keep the network mode of the revision that runs, or give the service subnets and " +
      "security groups first.",
    check: ({ service, definition }) => {
      if (definition.networkMode === "awsvpc" && !hasValue(service.networkConfiguration))
        return [
          {
            path: "networkMode",
            problem: "is awsvpc, but the service has no networkConfiguration",
          },
        ];
      return [];
    },
  },
  {
    id: "network-without-awsvpc",
    source: cdkPreflight,
    remedy: "Set it to awsvpc.",
    check: ({ service, definition: { networkMode } }) => {
      if (
        hasValue(service.networkConfiguration) &&
        networkMode !== undefined &&
        networkMode !== "awsvpc"
      )
        return [
          {
            path: "networkMode",
            problem:
              `is ${JSON.stringify(networkMode)}, but the service has a networkConfiguration, ` +
              "which only awsvpc takes",
          },
        ];
      return [];
    },
  },
];

const unlimited = Number.POSITIVE_INFINITY;

const configurationRanges: Readonly<Record<string, readonly [number, number]>> = {
  minimumHealthyPercent: [0, 100],
  maximumPercent: [100, unlimited],
  bakeTimeInMinutes: [0, unlimited],
  "deploymentCircuitBreaker.thresholdConfiguration.value": [1, unlimited],
  "linearConfiguration.stepPercent": [3, 100],
  "linearConfiguration.stepBakeTimeInMinutes": [0, 1440],
  "canaryConfiguration.canaryPercent": [0.1, 100],
  "canaryConfiguration.canaryBakeTimeInMinutes": [0, 1440],
  "earlySuccessCriteria.healthyPercent": [0, 100],
  "lifecycleHooks[].timeoutConfiguration.timeoutInMinutes": [1, 20_160],
};

const trafficShiftStages = ["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"];

const configurationValues: Readonly<Record<string, readonly string[]>> = {
  strategy: ["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"],
  "deploymentCircuitBreaker.thresholdConfiguration.type": [
    "COUNT",
    "BOUNDED_PERCENT",
    "UNBOUNDED_PERCENT",
  ],
  "earlySuccessCriteria.sourceServiceRevisionCleanup": ["BLOCKING", "DEFERRED"],
  "lifecycleHooks[].targetType": ["AWS_LAMBDA", "PAUSE"],
  "lifecycleHooks[].timeoutConfiguration.action": ["ROLLBACK", "CONTINUE"],
  "lifecycleHooks[].lifecycleStages[]": [
    ...[
      "RECONCILE_SERVICE",
      "PRE_SCALE_UP",
      "POST_SCALE_UP",
      "TEST_TRAFFIC_SHIFT",
      "POST_TEST_TRAFFIC_SHIFT",
    ],
    ...[
      "PRE_PRODUCTION_TRAFFIC_SHIFT",
      "PRODUCTION_TRAFFIC_SHIFT",
      "POST_PRODUCTION_TRAFFIC_SHIFT",
    ],
  ],
};

function configurationPath(path: string): string {
  return `service-patch: deploymentConfiguration.${path}`;
}

function onlyWith(
  configuration: JsonObject,
  member: string,
  strategy: string,
): readonly Violation[] {
  const current = stringOf(configuration.strategy) ?? "ROLLING";
  const given: JsonValue | undefined = configuration[member];
  const isOff = isJsonObject(given) && given.enable === false;
  if (hasValue(given) && !isOff && current !== strategy)
    return [
      {
        path: configurationPath(member),
        problem: `is only for the strategy ${strategy}, and the strategy is ${current}`,
      },
    ];
  return [];
}

function lifecycleHooksOf({ lifecycleHooks }: JsonObject) {
  return itemsAt(lifecycleHooks, configurationPath("lifecycleHooks"));
}

function stagesOf({ lifecycleStages }: JsonObject): readonly string[] {
  if (Array.isArray(lifecycleStages)) return lifecycleStages.map(String);
  return [];
}
