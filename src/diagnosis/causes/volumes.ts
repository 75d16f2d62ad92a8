// Volumes: EFS, EBS, FSx, Docker volumes and bind mounts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-efs-volumes.html,
// …/troubleshoot-ebs-volumes-scenarios.html

import { accessDenied, type KnownCause, textMatches } from "./known-cause.ts";

const efs =
  /EFS utils command|mount\.nfs4?\b|\bmount\.efs\b|amazon-efs|\.efs\.[\w-]{1,40}\.amazonaws/i;
const efsRefused = /access denied|not authorized|operation not permitted/i;
const noPath = /no such file or directory/i;
const hostnameUnresolved = /failed to resolve|name or service not known|could not resolve/i;
const mountTimedOut =
  /timed? ?out|connection re(?:set|fused)|mount system call failed|no route to host|network is unreachable/i;
const ebs = /\bEBS volume|\bmanagedEBSVolume/i;
const ebsRole = /assume the configured ECS Infrastructure Role/i;
const ebsKey = /IdempotentParameterMismatch|client token you have provided is associated/i;
const ebsFormat = /timed out while configuring the EBS volume/i;
const ebsQuota =
  /(?:Volume|MaxIOPS|Storage|Snapshot)\w*LimitExceeded|maximum (?:number|limit) of .{0,40}(?:volumes|storage)/i;
const ebsSnapshot = /InvalidSnapshot|snapshot.{0,80}(?:does not exist|not found)/i;
const plugin = /volume plugin|plugin "?[\w./:-]{1,80}"? not found/i;
const mount =
  /error mounting|mounting \\?"[^"]{1,300}" to rootfs|failed to mount local volume|invalid mount config|bind source path does not exist|error while creating mount source path|invalid volume specification|Unable to resolve volume mounts|Invalid volume referenced|Volume target not available/i;

export const volumeCauses: readonly KnownCause[] = [
  {
    name: "efs-path-missing",
    patterns: [{ text: [efs, noPath], notText: [efsRefused, hostnameUnresolved] }],
    priority: "strong",
    cause: "The folder of the EFS volume does not exist on the file system.",
    remedy: "Create the folder, or correct rootDirectory; an access point can create its own.",
  },
  {
    name: "efs-refused",
    patterns: textMatches(efs, efsRefused),
    priority: "strong",
    cause: "The EFS file system refused the mount.",
    remedy:
      "Its file system policy and the task role must allow elasticfilesystem:ClientMount (and " +
      "ClientWrite); with IAM authorisation set transitEncryption to ENABLED, and check the " +
      "access point.",
  },
  {
    name: "efs-not-resolved",
    patterns: [{ text: [efs, hostnameUnresolved], notText: [efsRefused] }],
    priority: "strong",
    cause: "The EFS file system has no address in the task's VPC.",
    remedy:
      "Turn on DNS resolution and DNS hostnames of the VPC, give the file system a mount " +
      "target in every availability zone of the service, and check its id.",
  },
  {
    name: "efs-unreachable",
    patterns: [{ text: [efs, mountTimedOut], notText: [efsRefused, hostnameUnresolved, noPath] }],
    priority: "strong",
    cause: "The EFS file system does not answer.",
    remedy:
      "Open port 2049 from the task's security group to that of the mount targets, out and in; " +
      "the file system needs a mount target in every availability zone of the service.",
  },
  {
    name: "efs-not-mounted",
    precedence: "class",
    patterns: [...textMatches(efs), ...textMatches(/\bEFS\b/, /fail|unable|error|cannot/i)],
    priority: "strong",
    cause: "The EFS volume could not be mounted.",
    remedy:
      "It needs a mount target in every availability zone of the service, port 2049 open from " +
      "the task's security group, and DNS in the VPC.",
    quotesEcs: true,
  },
  {
    name: "ebs-role-not-assumed",
    patterns: textMatches(ebsRole),
    priority: "strong",
    cause: "ECS may not use {role}, the infrastructure role for the task's EBS volume.",
    remedy:
      "The role's trust policy must let the principal ecs.amazonaws.com do sts:AssumeRole, and " +
      "the role needs the managed policy AmazonECSInfrastructureRolePolicyForVolumes. The role " +
      "that updates the service needs iam:PassRole on it. A new role takes some minutes.",
  },
  {
    name: "ebs-key-unusable",
    patterns: [{ text: [ebs, ebsKey], notText: [ebsRole] }],
    priority: "strong",
    cause:
      "The KMS key of the task's EBS volume is wrong, or the infrastructure role may not use it.",
    remedy:
      "Check `kmsKeyId` in the service's volume configuration; the key's policy must let the " +
      "infrastructure role use it (kms:CreateGrant, kms:GenerateDataKeyWithoutPlaintext, " +
      "kms:Decrypt).",
  },
  {
    name: "ebs-format-unfit",
    patterns: textMatches(ebsFormat),
    priority: "strong",
    cause:
      "The task's EBS volume could not be mounted in time: usually its file system does not " +
      "fit the task's operating system.",
    remedy:
      "Check `filesystemType` in the service's volume configuration: xfs, ext3 or ext4 on " +
      "Linux, ntfs on Windows, and of a snapshot the one that it was made with. On EC2 the ECS " +
      "agent's log says more.",
  },
  {
    name: "ebs-snapshot-missing",
    patterns: [{ text: [ebsSnapshot], notText: [ebsFormat, ebsKey] }],
    priority: "strong",
    cause: "The snapshot for the task's EBS volume does not exist in this region.",
    remedy:
      "Correct `snapshotId` in the service's volume configuration, or share the snapshot with " +
      "this account.",
  },
  {
    name: "ebs-limit",
    patterns: textMatches(ebsQuota),
    priority: "strong",
    cause: "The account's limit for EBS volumes is reached.",
    remedy: "Delete unused volumes, or request an increase in Service Quotas (Amazon EBS).",
  },
  {
    name: "ebs-refused",
    patterns: [
      { text: [accessDenied, /ec2:\w*(?:Volume|Snapshot)\w*/i], notText: [ebsSnapshot, ebsKey] },
    ],
    priority: "strong",
    cause:
      "{Role}, the infrastructure role, may not create or attach the task's EBS volume ({action}).",
    remedy: "Attach the managed policy AmazonECSInfrastructureRolePolicyForVolumes to it.",
  },
  {
    name: "ebs-not-attached",
    precedence: "class",
    patterns: textMatches(ebs, /fail|unable|timed? ?out|timeout|error|cannot/i),
    priority: "strong",
    cause: "The task's EBS volume could not be created or attached.",
    remedy:
      "ECS's message says why: check the service's volume configuration (type, size, IOPS, " +
      "snapshot, key), its infrastructure role, and on EC2 that the instance type can take one " +
      "more volume. Otherwise deploy again.",
    quotesEcs: true,
  },
  {
    name: "fsx-not-mounted",
    precedence: "class",
    patterns: textMatches(/fsxwindowsfileserver|\bFSx\b/i),
    priority: "strong",
    cause: "The FSx for Windows File Server volume could not be mounted.",
    remedy:
      "Check file system id, credentialsParameter (a secret or parameter with the user of the " +
      "domain) and domain in the task definition, that the task's execution role may read " +
      "both, and that the instance reaches the file system (port 445).",
    quotesEcs: true,
  },
  {
    name: "volume-plugin-missing",
    patterns: textMatches(plugin),
    priority: "strong",
    cause:
      "A volume of the task definition needs a Docker volume plugin that the instance does not " +
      "have.",
    remedy:
      "Install the plugin on all container instances, or correct dockerVolumeConfiguration.driver.",
  },
  {
    name: "volume-missing",
    patterns: textMatches(
      /autoprovision is set to false|non-autoprovisioned volume does not match/i,
    ),
    priority: "strong",
    cause:
      "A Docker volume of the task definition is not on the instance, or not with the labels " +
      "and options that are asked for.",
    remedy:
      "Create it on the instances first, or set dockerVolumeConfiguration.autoprovision to true.",
  },
  {
    name: "volume-not-mounted",
    patterns: [{ text: [mount], notText: [efs, plugin] }],
    priority: "strong",
    cause: "{Container} was not started: one of its volumes or mount points could not be mounted.",
    remedy:
      "Check `mountPoints` of the container (a file is not mounted over a folder, the path " +
      "exists) and `volumes` of the task definition; ECS's message names the path.",
    quotesEcs: true,
  },
  {
    name: "volume-not-created",
    precedence: "class",
    patterns: textMatches(/CannotCreateVolumeError|VolumeDriver\.|CannotInspectVolumeError/i),
    priority: "strong",
    cause: "A volume of the task definition could not be created.",
    remedy:
      "ECS's message says why: check `volumes` of the task definition (driver, options), and " +
      "on EC2 the volume driver on the instance.",
    quotesEcs: true,
  },
];
