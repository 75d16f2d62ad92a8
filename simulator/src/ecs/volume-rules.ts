// What RegisterTaskDefinition refuses in volumes and mount points. Pure. Sources of the texts:
// registration-rules.ts.

import type {
  ContainerDefinition,
  RegisterTaskDefinitionRequest,
  Volume,
} from "@aws-sdk/client-ecs";

/** AWS's text, or undefined. */
export function refuseVolumes(
  { volumes = [] }: RegisterTaskDefinitionRequest,
  containers: readonly ContainerDefinition[],
): string | undefined {
  const mounts = containers.flatMap((one) => one.mountPoints ?? []);
  const unknown = mounts.find((mount) => !volumes.some(({ name }) => name === mount.sourceVolume));
  // ansible/ansible#35751
  if (unknown) return `Unknown volume '${unknown.sourceVolume ?? "null"}'.`;
  const later = volumes.filter((one) => one.configuredAtLaunch);
  if (later.length > 1) return "Only one volume may be configured at launch."; // ours
  const unused = later
    .filter(({ name }) => !mounts.some((mount) => mount.sourceVolume === name))
    .map(({ name }) => name);
  if (unused.length > 0)
    return `Volumes [${unused.join(", ")}] are not referenced by any of the containers.`; // [1]
  for (const volume of volumes) {
    const said = refuseKind(volume) ?? refuseEfs(volume);
    if (said !== undefined) return said;
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html; the texts are ours */
function refuseKind(volume: Volume): string | undefined {
  const kinds = [
    volume.host?.sourcePath,
    volume.dockerVolumeConfiguration,
    volume.efsVolumeConfiguration,
    volume.fsxWindowsFileServerVolumeConfiguration,
    volume.s3filesVolumeConfiguration,
    volume.configuredAtLaunch,
  ];
  return kinds.filter(Boolean).length > 1
    ? `Volume '${volume.name}' has more than one configuration.`
    : undefined;
}

function refuseEfs({ efsVolumeConfiguration: efs }: Volume): string | undefined {
  if (!efs) return undefined;
  const isEncrypted = efs.transitEncryption === "ENABLED";
  const { iam, accessPointId } = efs.authorizationConfig ?? {};
  if (iam === "ENABLED" && !isEncrypted)
    return "EFS IAM authorization requires TransitEncryption to be enabled"; // [1]
  if (accessPointId && !isEncrypted)
    return "EFS access points require TransitEncryption to be enabled"; // ours
  if (efs.transitEncryptionPort && !isEncrypted)
    return "TransitEncryptionPort requires that TransitEncryption is enabled"; // [1]
  return accessPointId && efs.rootDirectory && efs.rootDirectory !== "/"
    ? // [1]
      'When using an EFS access point, the root directory must either be set to "/" or be omitted'
    : undefined;
}
