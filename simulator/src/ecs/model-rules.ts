// What the API's own model says about a task definition: values of enumerations, required members,
// ranges. Pure. The enumerations are the SDK's; ECS's texts for these refusals are not known, so
// the texts are ours.

import {
  ApplicationProtocol,
  Compatibility,
  ContainerCondition,
  type ContainerDefinition,
  CPUArchitecture,
  DeviceCgroupPermission,
  EFSAuthorizationConfigIAM,
  EFSTransitEncryption,
  EnvironmentFileType,
  FirelensConfigurationType,
  IpcMode,
  LogDriver,
  NetworkMode,
  OSFamily,
  PidMode,
  ProxyConfigurationType,
  type RegisterTaskDefinitionRequest,
  ResourceType,
  Scope,
  TaskDefinitionPlacementConstraintType,
  UlimitName,
  VersionConsistency,
} from "@aws-sdk/client-ecs";

type Given = readonly [
  member: string,
  value: string | undefined,
  enumeration: Readonly<Record<string, string>>,
];

export function modelViolation(input: RegisterTaskDefinitionRequest): string | undefined {
  const containers = input.containerDefinitions ?? [];
  const given = [...taskValues(input), ...containers.flatMap(containerValues)];
  const odd = given.find(
    ([, value, known]) => value !== undefined && !Object.values(known).includes(value),
  );
  if (odd)
    return (
      `Invalid value '${odd[1]}' for '${odd[0]}'. Must be one of ` +
      `[${Object.values(odd[2]).join(", ")}]`
    );
  const absent = containers
    .flatMap(requiredOf)
    .find(([, value]) => value === undefined || value === "");
  if (absent) return `Invalid setting: '${absent[0]}' should not be null or empty.`;
  const size = input.ephemeralStorage?.sizeInGiB ?? 21;
  if (size < 21) return "EphemeralStorage size should be at least 21"; // AWS's: cdk-preflight
  if (size > 200) return "EphemeralStorage size should be at most 200";
  return (input.placementConstraints?.length ?? 0) > 10
    ? "Too many placement constraints."
    : undefined;
}

function taskValues(input: RegisterTaskDefinitionRequest): readonly Given[] {
  const {
    runtimePlatform: platform,
    volumes = [],
    placementConstraints = [],
    requiresCompatibilities = [],
  } = input;
  return [
    ["networkMode", input.networkMode, NetworkMode],
    ["pidMode", input.pidMode, PidMode],
    ["ipcMode", input.ipcMode, IpcMode],
    ["cpuArchitecture", platform?.cpuArchitecture, CPUArchitecture],
    ["operatingSystemFamily", platform?.operatingSystemFamily, OSFamily],
    ["proxyConfiguration.type", input.proxyConfiguration?.type, ProxyConfigurationType],
    ...requiresCompatibilities.map((one): Given => ["requiresCompatibilities", one, Compatibility]),
    ...placementConstraints.map(
      ({ type }): Given => ["constraint type", type, TaskDefinitionPlacementConstraintType],
    ),
    ...volumes.flatMap(
      ({ efsVolumeConfiguration: efs, dockerVolumeConfiguration: docker }): readonly Given[] => [
        ["transitEncryption", efs?.transitEncryption, EFSTransitEncryption],
        ["iam", efs?.authorizationConfig?.iam, EFSAuthorizationConfigIAM],
        ["scope", docker?.scope, Scope],
      ],
    ),
  ];
}

function containerValues(one: ContainerDefinition): readonly Given[] {
  return [
    ["logDriver", one.logConfiguration?.logDriver, LogDriver],
    ["firelensConfiguration.type", one.firelensConfiguration?.type, FirelensConfigurationType],
    ["versionConsistency", one.versionConsistency, VersionConsistency],
    ...(one.dependsOn ?? []).map(
      ({ condition }): Given => ["condition", condition, ContainerCondition],
    ),
    ...(one.portMappings ?? []).map(
      ({ appProtocol }): Given => ["appProtocol", appProtocol, ApplicationProtocol],
    ),
    ...(one.ulimits ?? []).map(({ name }): Given => ["ulimit", name, UlimitName]),
    ...(one.environmentFiles ?? []).map(
      ({ type }): Given => ["environmentFiles.type", type, EnvironmentFileType],
    ),
    ...(one.resourceRequirements ?? []).map(
      ({ type }): Given => ["resourceRequirements.type", type, ResourceType],
    ),
    ...(one.linuxParameters?.devices ?? []).flatMap(({ permissions = [] }) =>
      permissions.map((permission): Given => ["permissions", permission, DeviceCgroupPermission]),
    ),
  ];
}

type Required = readonly [member: string, value: unknown];

function requiredOf(one: ContainerDefinition): readonly Required[] {
  return [
    ...(one.secrets ?? []).map(({ valueFrom }): Required => ["secrets.valueFrom", valueFrom]),
    ...(one.dependsOn ?? []).map(({ condition }): Required => ["dependsOn.condition", condition]),
    ...(one.environmentFiles ?? []).map(({ type }): Required => ["environmentFiles.type", type]),
    ...(one.ulimits ?? []).flatMap(({ name, softLimit, hardLimit }): readonly Required[] => [
      ["ulimits.name", name],
      ["ulimits.softLimit", softLimit],
      ["ulimits.hardLimit", hardLimit],
    ]),
    ...(one.repositoryCredentials
      ? [
          [
            "repositoryCredentials.credentialsParameter",
            one.repositoryCredentials.credentialsParameter,
          ] as const,
        ]
      : []),
    ...(one.logConfiguration
      ? [["logConfiguration.logDriver", one.logConfiguration.logDriver] as const]
      : []),
    ...(one.firelensConfiguration
      ? [["firelensConfiguration.type", one.firelensConfiguration.type] as const]
      : []),
    ...(one.restartPolicy ? [["restartPolicy.enabled", one.restartPolicy.enabled] as const] : []),
  ];
}
