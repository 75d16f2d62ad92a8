// What Fargate requires, and what it does not support, PURE. ECS refuses a violation when the task
// definition requires FARGATE, and otherwise when a service on Fargate is to run it ("Task
// definition does not support launch_type FARGATE").

import { isJsonObject, type JsonObject, objectOf, stringOf } from "../../../json.ts";
import { cpuUnits, findUnsupportedSize } from "../fargate-sizes.ts";
import {
  hasValue,
  listValues,
  type Rule,
  type TaskView,
  type Violation,
  valuesAt,
} from "./rule.ts";
import { api, cdkPreflight, developerGuide, issue } from "./sources.ts";

const fargateGuide = developerGuide("fargate-tasks-services");
const removeIt = "Remove it, or run the tasks on EC2.";

/** Members that Fargate does not support. */
const unsupportedOnFargate = [
  "ipcMode",
  "placementConstraints",
  "containerDefinitions[].dockerSecurityOptions",
  "containerDefinitions[].linuxParameters.devices",
  "containerDefinitions[].linuxParameters.maxSwap",
  "containerDefinitions[].linuxParameters.sharedMemorySize",
  "containerDefinitions[].linuxParameters.swappiness",
  "containerDefinitions[].privileged",
  "volumes[].dockerVolumeConfiguration",
  "volumes[].host.sourcePath",
];

const logDrivers = ["awslogs", "splunk", "awsfirelens"];

export const fargateRules: readonly Rule<TaskView>[] = ifOnFargate([
  {
    id: "fargate-network-mode",
    source: fargateGuide,
    remedy: "Set networkMode to awsvpc.",
    check: ({ definition: { networkMode } }) => {
      if (networkMode === "awsvpc") return [];
      const given = networkMode === undefined ? "missing" : JSON.stringify(networkMode);
      return [{ path: "networkMode", problem: `is ${given}, and Fargate only has awsvpc` }];
    },
  },
  { id: "fargate-size", source: fargateGuide, check: sizeViolations },
  {
    id: "fargate-windows-size",
    source: cdkPreflight,
    remedy: "Give the task at least 1024 (1 vCPU).",
    check: ({ definition: { cpu, runtimePlatform } }) => {
      if (
        isJsonObject(runtimePlatform) &&
        /^WINDOWS/.test(String(runtimePlatform.operatingSystemFamily)) &&
        cpuUnits(String(cpu)) < 1024
      )
        return [
          { path: "cpu", problem: `is ${JSON.stringify(cpu)}, too little for Windows on Fargate` },
        ];
      return [];
    },
  },
  {
    id: "not-on-fargate",
    source: cdkPreflight,
    remedy: removeIt,
    check: ({ definition }) =>
      unsupportedOnFargate.flatMap((place) =>
        valuesAt(definition, place)
          .filter(({ value }) => hasValue(value))
          .map(({ path }) => ({ path, problem: "is not supported on Fargate" })),
      ),
  },
  {
    id: "fargate-pid-mode",
    source: issue("aws/aws-cdk", 29619),
    remedy: "Set it to task, or remove it.",
    check: ({ definition: { pidMode } }) => {
      if (pidMode === "host")
        return [{ path: "pidMode", problem: 'is "host", which Fargate does not have' }];
      return [];
    },
  },
  {
    id: "fargate-capabilities",
    source: api("KernelCapabilities"),
    remedy: "On Fargate only SYS_PTRACE can be added.",
    check: ({ definition }) =>
      valuesAt(definition, "containerDefinitions[].linuxParameters.capabilities.add[]")
        .filter(({ value }) => value !== "SYS_PTRACE")
        .map(({ path, value }) => ({ path, problem: `is ${JSON.stringify(value)}` })),
  },
  {
    id: "fargate-gpu",
    source: cdkPreflight,
    remedy: removeIt,
    check: ({ definition }) =>
      valuesAt(definition, "containerDefinitions[].resourceRequirements[].type")
        .filter(({ value }) => value === "GPU")
        .map(({ path }) => ({ path, problem: "is GPU, which Fargate does not have" })),
  },
  {
    id: "fargate-log-driver",
    source: cdkPreflight,
    remedy: `Use ${listValues(logDrivers)}.`,
    check: ({ definition }) =>
      valuesAt(definition, "containerDefinitions[].logConfiguration.logDriver")
        .filter(({ value }) => !logDrivers.includes(String(value)))
        .map(({ path, value }) => ({
          path,
          problem: `is ${JSON.stringify(value)}, which Fargate does not have`,
        })),
  },
  {
    id: "fargate-log-prefix",
    source: issue("aws/aws-cdk", 1422),
    remedy: "Add it, for example with the container's name.",
    check: (view) =>
      awslogs(view)
        .filter(({ options }) => !hasValue(options["awslogs-stream-prefix"]))
        .map(({ path }) => ({
          path: `${path}.options.awslogs-stream-prefix`,
          problem: "is missing; Fargate needs it",
        })),
  },
  {
    id: "fargate-log-router-file",
    source: api("FirelensConfiguration"),
    remedy: 'Put the file into the router\'s image and set `config-file-type: "file"`.',
    check: ({ definition }) =>
      valuesAt(definition, "containerDefinitions[].firelensConfiguration.options.config-file-type")
        .filter(({ value }) => value === "s3")
        .map(({ path }) => ({ path, problem: "is s3, which Fargate does not have" })),
  },
  {
    id: "fargate-stop-timeout",
    source: api("ContainerDefinition"),
    remedy: "Fargate waits 120 seconds at most.",
    check: ({ definition }) => aboveMax(definition, "stopTimeout", 120),
  },
  {
    id: "fargate-start-timeout",
    source: api("ContainerDefinition"),
    severity: "warn",
    remedy: "AWS documents 2 to 120 seconds for Fargate.",
    check: ({ definition }) => aboveMax(definition, "startTimeout", 120),
  },
]);

export const logAndRoleRules: readonly Rule<TaskView>[] = [
  {
    id: "execution-role-missing",
    source: developerGuide("task_execution_IAM_role"),
    remedy:
      "Add the ARN of a role with the policy AmazonECSTaskExecutionRolePolicy, and the right " +
      "to read the secrets.",
    check: missingExecutionRole,
  },
  {
    id: "log-options-missing",
    source: issue("klothoplatform/klotho", 892),
    remedy: "The log driver awslogs needs it.",
    check: (view) =>
      awslogs(view).flatMap(({ path, options }) =>
        ["awslogs-group", "awslogs-region"]
          .filter((name) => !hasValue(options[name]))
          .map((name) => ({ path: `${path}.options.${name}`, problem: "is missing" })),
      ),
  },
];

function ifOnFargate(rules: readonly Rule<TaskView>[]): readonly Rule<TaskView>[] {
  return rules.map((rule) => ({
    ...rule,
    check: (view) => {
      if (view.onFargate) return rule.check(view);
      return [];
    },
  }));
}

function sizeViolations({ definition }: TaskView): readonly Violation[] {
  const [cpu, memory] = [stringOf(definition.cpu), stringOf(definition.memory)];
  const remedy = "Give both, for example cpu 256 and memory 512.";
  const missing = Object.entries({ cpu, memory }).filter(([, value]) => value === undefined);
  if (cpu === undefined || memory === undefined)
    return missing.map(([member]) => ({
      path: member,
      problem: "of the task is missing; Fargate needs it",
      remedy,
    }));
  const wrong = findUnsupportedSize(cpu, memory);
  if (!wrong) return [];
  return [
    {
      path: "cpu and memory",
      problem: `do not fit: Fargate has no size with cpu ${cpu} and memory ${memory}`,
      remedy: `${wrong.remedy}.`,
      severity: wrong.certain ? "refuse" : "warn",
    },
  ];
}

function aboveMax(definition: JsonObject, member: string, max: number): readonly Violation[] {
  return valuesAt(definition, `containerDefinitions[].${member}`)
    .filter(({ value }) => Number(value) > max)
    .map(({ path, value }) => ({ path, problem: `is ${value}` }));
}

/**
 * Including the host names of dual-stack and FIPS endpoints.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
 */
const ecrImage = /^\d{12}\.dkr[.-]ecr(-fips)?\./;

/** Secrets need it everywhere; on EC2 the instance role pulls images and writes logs. */
function missingExecutionRole(view: TaskView): readonly Violation[] {
  const { containers, definition, onFargate } = view;
  if (hasValue(definition.executionRoleArn)) return [];
  const someContainer = (test: (container: JsonObject) => boolean) =>
    containers.some((one) => test(one.definition));
  const reasons = [
    someContainer(readsSecrets) && "containers have secrets",
    onFargate &&
      someContainer(({ image }) => ecrImage.test(stringOf(image) ?? "")) &&
      "an image is in ECR",
    onFargate && awslogs(view).length > 0 && "containers log through awslogs",
    onFargate &&
      someContainer((one) => hasValue(one.repositoryCredentials)) &&
      "an image is in a private registry",
  ].filter((reason) => reason !== false);
  if (reasons.length === 0) return [];
  return [{ path: "executionRoleArn", problem: `is missing, but ${reasons.join(", and ")}` }];
}

function readsSecrets({ secrets, logConfiguration }: JsonObject): boolean {
  return (
    hasValue(secrets) ||
    (isJsonObject(logConfiguration) && hasValue(logConfiguration.secretOptions))
  );
}

function awslogs({ containers }: TaskView) {
  return containers.flatMap(({ path, definition: { logConfiguration } }) => {
    if (isJsonObject(logConfiguration) && logConfiguration.logDriver === "awslogs")
      return [
        {
          path: `${path}.logConfiguration`,
          options: objectOf(logConfiguration.options),
        },
      ];
    return [];
  });
}
