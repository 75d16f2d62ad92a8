// How the path of a member is written, and which paths may hold a secret. PURE.

import { isJsonObject, type JsonValue, stringOf } from "../../json.ts";

/** `containerDefinitions[app].image`; an ambiguous name is in quotes. */
export function memberPath(parent: string, name: string): string {
  const written = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  if (parent === "") return written;
  return `${parent}.${written}`;
}

/**
 * `containerDefinitions[app]`: containers, variables, secrets and volumes by name, other items by
 * index.
 */
export function itemPath(list: string, item: JsonValue, index: number): string {
  const isNamed =
    /(^|\.)(containerDefinitions|environment|secrets|volumes)$/.test(list) && isJsonObject(item);
  const name = isNamed ? stringOf(item.name) : undefined;
  return `${list}[${name === undefined || name === "" ? index : name}]`;
}

const secretWords =
  /PASSW(OR)?D|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|APP_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|\bAUTH\b/i;

/** Whether the name says that the value is a secret. */
export function isSecretName(name: string): boolean {
  return secretWords.test(name.replaceAll("-", "_"));
}

/**
 * The text after the last word for a secret in a name: `_TABLE_NAME` of `API_KEY_TABLE_NAME`;
 * undefined: there is no such word.
 */
export function suffixAfterSecretWord(name: string): string | undefined {
  const last = [...name.replaceAll("-", "_").matchAll(new RegExp(secretWords, "gi"))].at(-1);
  if (last === undefined) return undefined;
  return name.slice(last.index + last[0].length);
}

/**
 * Members that describe how a task is built and run, and cannot hold a secret, as patterns of their
 * paths: `*` is one name, `[]` one item.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
const revisionMembers = [
  "family",
  "cpu",
  "memory",
  "networkMode",
  "pidMode",
  "ipcMode",
  "taskRoleArn",
  "executionRoleArn",
  "enableFaultInjection",
  "requiresCompatibilities",
  "runtimePlatform.*",
  "ephemeralStorage.sizeInGiB",
  "placementConstraints[].*",
  "proxyConfiguration.type",
  "proxyConfiguration.containerName",
  "volumes[].name",
  "volumes[].configuredAtLaunch",
  "volumes[].host.sourcePath",
  "volumes[].dockerVolumeConfiguration.scope",
  "volumes[].dockerVolumeConfiguration.autoprovision",
  "volumes[].dockerVolumeConfiguration.driver",
  "volumes[].efsVolumeConfiguration.*",
  "volumes[].efsVolumeConfiguration.authorizationConfig.*",
  "volumes[].fsxWindowsFileServerVolumeConfiguration.fileSystemId",
  "volumes[].fsxWindowsFileServerVolumeConfiguration.rootDirectory",
];

/** Members of the service (UpdateService) that cannot hold a secret. */
const serviceMembers = [
  "deploymentController.type",
  "platformVersion",
  "availabilityZoneRebalancing",
  "healthCheckGracePeriodSeconds",
  "enableExecuteCommand",
  "enableECSManagedTags",
  "propagateTags",
  "networkConfiguration.awsvpcConfiguration.*",
  "capacityProviderStrategy[].*",
  "placementStrategy[].*",
  "loadBalancers[].*",
  "loadBalancers[].advancedConfiguration.*",
  "serviceRegistries[].*",
  "serviceConnectConfiguration.enabled",
  "serviceConnectConfiguration.namespace",
  "deploymentConfiguration.strategy",
  "deploymentConfiguration.maximumPercent",
  "deploymentConfiguration.minimumHealthyPercent",
  "deploymentConfiguration.bakeTimeInMinutes",
  "deploymentConfiguration.deploymentCircuitBreaker.*",
  "deploymentConfiguration.alarms.enable",
  "deploymentConfiguration.alarms.rollback",
  "deploymentConfiguration.alarms.alarmNames",
  "deploymentConfiguration.canaryConfiguration.*",
  "deploymentConfiguration.linearConfiguration.*",
];

const containerMembers = [
  "name",
  "image",
  "cpu",
  "memory",
  "memoryReservation",
  "essential",
  "links",
  "user",
  "workingDirectory",
  "hostname",
  "privileged",
  "readonlyRootFilesystem",
  "interactive",
  "pseudoTerminal",
  "disableNetworking",
  "versionConsistency",
  "startTimeout",
  "stopTimeout",
  "dnsServers",
  "dnsSearchDomains",
  "restartPolicy.*",
  "dependsOn[].*",
  "portMappings[].*",
  "mountPoints[].*",
  "volumesFrom[].*",
  "ulimits[].*",
  "extraHosts[].*",
  "resourceRequirements[].*",
  "linuxParameters.*",
  "linuxParameters.capabilities.*",
  "linuxParameters.devices[].*",
  "linuxParameters.tmpfs[].*",
  "healthCheck.interval",
  "healthCheck.retries",
  "healthCheck.startPeriod",
  "healthCheck.timeout",
  "firelensConfiguration.type",
  "logConfiguration.logDriver",
  "logConfiguration.options.awslogs-create-group",
  "logConfiguration.options.awslogs-group",
  "logConfiguration.options.awslogs-region",
  "logConfiguration.options.awslogs-stream-prefix",
];

/** The member itself, or, in a list of pairs, the pair. */
const showablePatterns = [
  ...revisionMembers,
  ...serviceMembers,
  ...containerMembers.map((path) => `containerDefinitions[].${path}`),
].map(
  (path) =>
    new RegExp(
      `^${path.replaceAll(".", "\\.").replaceAll("[]", "\\[[^\\]]*\\]").replaceAll(".*", ".[A-Za-z0-9]+")}$`,
    ),
);

/**
 * Whether the value at this path may be shown in log and summary. Everything else is hidden, also
 * members newer than this list: environment, secrets, tags, labels, commands, the options of log
 * drivers, FireLens and volumes, system controls and so on may contain anything.
 */
export function isShowable(path: string): boolean {
  return showablePatterns.some((pattern) => pattern.test(path));
}
