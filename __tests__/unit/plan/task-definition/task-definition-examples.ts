// For each rule of the task definition: definitions that break it, and near misses that do not. Another row for each kind of thing it covers.

import type { JsonObject, JsonValue } from "../../../../src/json.ts";

export interface Example {
  readonly breaks: readonly JsonObject[];
  readonly keeps: readonly JsonObject[];
  /** Where the first one is broken. */
  readonly path: string;
  /** Why the simulator takes what breaks it: ECS does. */
  readonly ecsTakesIt?: string;
}

const role = "arn:aws:iam::123456789012:role/execution";
const ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1";
type Container = Readonly<Record<string, JsonValue>>;

const app: Container = { name: "app", image: "nginx:1" };
const other: Container = { name: "other", image: "redis:7" };

function task(members: JsonObject, ...containers: readonly Container[]): JsonObject {
  const all = containers.length > 0 ? containers : [app];
  return {
    family: "app",
    memory: "512",
    networkMode: "bridge",
    containerDefinitions: all,
    ...members,
  };
}

/** One container with these members. */
const on = (members: Container, more: JsonObject = {}) => task(more, { ...app, ...members });
const awsvpc = (members: Container) => on(members, { networkMode: "awsvpc" });

const forFargate = {
  ...{ cpu: "256", memory: "512", networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"] },
  executionRoleArn: role,
};
const fargate = (members: JsonObject, ...containers: readonly Container[]) =>
  task({ ...forFargate, ...members }, ...containers);
const onFargate = (members: Container, more: JsonObject = {}) =>
  fargate(more, { ...app, ...members });

const awslogs = (options: JsonObject) => ({ logConfiguration: { logDriver: "awslogs", options } });
const whole = {
  "awslogs-group": "/app",
  "awslogs-region": "us-east-1",
  "awslogs-stream-prefix": "app",
};
const check = { command: ["CMD", "true"] };
const volume = (members: JsonObject) =>
  on(
    { mountPoints: [{ sourceVolume: "data", containerPath: "/data" }] },
    { volumes: [{ name: "data", ...members }] },
  );
const efs = (members: JsonObject) =>
  volume({ efsVolumeConfiguration: { fileSystemId: "fs-1", ...members } });
const waits = (condition: string, members: Container = {}) =>
  task(
    {},
    { ...app, dependsOn: [{ containerName: "other", condition }] },
    { ...other, ...members },
  );
const router = { firelensConfiguration: { type: "fluentbit" } };
const routed = { logConfiguration: { logDriver: "awsfirelens" } };
const proxy = { proxyConfiguration: { type: "APPMESH", containerName: "app" } };
const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const variables = (...environment: readonly JsonObject[]) => on({ environment });
const secrets = (...given: readonly JsonObject[]) =>
  on({ secrets: given }, { executionRoleArn: role });
const [first, last] = "app".split("").map((letter) => ({ name: letter, valueFrom: "/app/key" }));
const ports = (...portMappings: readonly JsonObject[]) => ({ portMappings });

export const examples: Readonly<Record<string, Example>> = {
  "family-name": {
    breaks: [task({ family: "my.app" }), task({ family: "x".repeat(256) })],
    keeps: [task({ family: "My_app-1" }), task({ family: "x".repeat(255) })],
    path: "family",
  },
  "container-name": {
    breaks: [
      task({}, { ...app, name: "my app" }),
      task({}, { image: "nginx:1" }),
      task({}, { ...app, name: "x".repeat(300) }),
    ],
    keeps: [task({}, { ...app, name: "my_app-1" })],
    path: "containerDefinitions[my app].name",
  },
  "container-name-twice": {
    breaks: [task({}, app, app)],
    keeps: [task({}, app, { ...app, name: "App" })],
    path: "containerDefinitions[app].name",
  },
  "no-essential-container": {
    breaks: [on({ essential: false })],
    keeps: [task({}, { ...app, essential: false }, other)],
    path: "containerDefinitions",
  },
  "task-definition-too-large": {
    breaks: [
      variables({ name: "A", value: "x".repeat(66_000) }),
      variables({ name: "A", value: "é".repeat(33_000) }),
    ],
    keeps: [variables({ name: "A", value: "x".repeat(65_000) })],
    path: "The task definition",
  },
  "tag-key": {
    breaks: [
      task({ tags: [{ key: "aws:x", value: "" }] }),
      task({ tags: [{ key: "", value: "x" }] }),
      task({ tags: [{ key: "a", value: "x".repeat(257) }] }),
    ],
    keeps: [
      task({ tags: [{ key: "laws:x", value: "" }] }),
      task({ tags: [{ key: "größe + 1 @ a/b", value: "x" }] }),
    ],
    path: "tags[0]",
  },
  "tag-key-twice": {
    breaks: [task({ tags: ["1", "2"].map((value) => ({ key: "team", value })) })],
    keeps: [task({ tags: ["team", "Team"].map((key) => ({ key, value: "1" })) })],
    path: "tags[1]",
  },
  "too-many-tags": {
    breaks: [task({ tags: many(51, "t").map((key) => ({ key, value: "" })) })],
    keeps: [task({ tags: many(50, "t").map((key) => ({ key, value: "" })) })],
    path: "tags",
  },
  "container-memory-missing": {
    breaks: [{ family: "app", containerDefinitions: [app] }],
    keeps: [
      { family: "app", containerDefinitions: [{ ...app, memoryReservation: 64 }] },
      { family: "app", containerDefinitions: [app], memory: "64" },
    ],
    path: "containerDefinitions[app]",
  },
  "container-memory-above-task": {
    breaks: [
      on({ memory: 1024 }),
      onFargate({ memory: 1024 }),
      on({ memory: 3000 }, { memory: "2 GB" }),
    ],
    keeps: [on({ memory: 512 }), on({ memory: 2048 }, { memory: "2 GB" })],
    path: "containerDefinitions[app].memory",
  },
  "container-cpu-above-task": {
    breaks: [
      fargate({}, { ...app, cpu: 200 }, { ...other, cpu: 100 }),
      on({ cpu: 1024 }, { cpu: "0.5 vCPU" }),
    ],
    keeps: [fargate({}, { ...app, cpu: 156 }, { ...other, cpu: 100 }), on({ cpu: 4096 })],
    path: "cpu",
  },
  "memory-reservations-above-task": {
    breaks: [task({}, { ...app, memoryReservation: 300 }, { ...other, memoryReservation: 300 })],
    keeps: [
      task(
        {},
        { ...app, memoryReservation: 256, memory: 512 },
        { ...other, memoryReservation: 256 },
      ),
    ],
    path: "memory",
  },
  "memory-reservation-above-memory": {
    breaks: [on({ memory: 128, memoryReservation: 256 })],
    keeps: [on({ memory: 128, memoryReservation: 128 })],
    path: "containerDefinitions[app].memoryReservation",
  },
  "task-cpu-unreadable": {
    breaks: [task({ cpu: "half" }), task({ cpu: "0" })],
    keeps: [task({ cpu: "0.5 vCPU" }), task({ cpu: "128" })],
    path: "cpu",
  },
  "task-memory-unreadable": {
    breaks: [task({ memory: "much" })],
    keeps: [task({ memory: "0.5 GB" }), task({ memory: "700" })],
    path: "memory",
  },
  "health-check-command-empty": {
    breaks: [on({ healthCheck: { command: [] } })],
    keeps: [on({ healthCheck: check })],
    path: "containerDefinitions[app].healthCheck.command",
  },
  "health-check-command-form": {
    breaks: [on({ healthCheck: { command: ["curl -f localhost"] } })],
    keeps: [on({ healthCheck: { command: ["CMD-SHELL", "curl -f localhost"] } })],
    path: "containerDefinitions[app].healthCheck.command",
  },
  "ulimit-soft-above-hard": {
    breaks: [on({ ulimits: [{ name: "nofile", softLimit: 2, hardLimit: 1 }] })],
    keeps: [
      on({ ulimits: [{ name: "nofile", softLimit: 1, hardLimit: 1 }] }),
      on({ ulimits: [{ name: "core", softLimit: 5, hardLimit: -1 }] }),
    ],
    path: "containerDefinitions[app].ulimits[0]",
  },
  "inference-accelerators": {
    breaks: [task({ inferenceAccelerators: [{ deviceName: "a", deviceType: "eia1.medium" }] })],
    keeps: [task({ inferenceAccelerators: [] })],
    path: "inferenceAccelerators",
  },
  "ephemeral-storage-without-fargate": {
    breaks: [task({ ephemeralStorage: { sizeInGiB: 30 }, requiresCompatibilities: ["EC2"] })],
    keeps: [fargate({ ephemeralStorage: { sizeInGiB: 30 } })],
    path: "ephemeralStorage",
  },
  "unknown-value": {
    breaks: [
      task({ networkMode: "vpc" }),
      task({ pidMode: "bogus" }),
      task({ ipcMode: "Host" }),
      awsvpc(ports({ containerPort: 80, appProtocol: "https" })),
      on({ ulimits: [{ name: "files", softLimit: 1, hardLimit: 1 }] }),
      waits("READY"),
      on({ environmentFiles: [{ type: "S3", value: "arn:aws:s3:::b/a.env" }] }),
      on({ versionConsistency: "on" }),
      efs({ transitEncryption: "enabled" }),
      task({ placementConstraints: [{ type: "distinctInstance" }] }),
    ],
    keeps: [
      task({ pidMode: "host", ipcMode: "none" }),
      waits("START"),
      efs({ transitEncryption: "ENABLED", authorizationConfig: { iam: "ENABLED" } }),
      awsvpc(ports({ containerPort: 80, appProtocol: "grpc" })),
    ],
    path: "networkMode",
  },
  "misspelled-value": {
    breaks: [
      task({ requiresCompatibilities: ["ec2"] }),
      task({ runtimePlatform: { cpuArchitecture: "arm64" } }),
      on({ logConfiguration: { logDriver: "AWSLogs" } }),
    ],
    keeps: [
      task({ requiresCompatibilities: ["EC2"], runtimePlatform: { cpuArchitecture: "ARM64" } }),
      task({ runtimePlatform: { operatingSystemFamily: "LINUX" } }),
    ],
    path: "requiresCompatibilities[0]",
  },
  "value-that-may-be-newer": {
    breaks: [
      task({ runtimePlatform: { operatingSystemFamily: "BEOS" } }),
      task({ requiresCompatibilities: ["X"] }),
    ],
    keeps: [task({ runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2025_CORE" } })],
    path: "runtimePlatform.operatingSystemFamily",
  },
  "number-out-of-range": {
    breaks: [
      on({ healthCheck: { ...check, interval: 1 } }),
      on({ healthCheck: { ...check, timeout: 61 } }),
      on({ healthCheck: { ...check, retries: 0 } }),
      on({ healthCheck: { ...check, startPeriod: 301 } }),
      on(ports({ containerPort: 70_000 })),
      on(ports({ containerPort: 80, hostPort: -1 })),
      on({ cpu: -1 }),
      on({ stopTimeout: 1 }),
      on({ startTimeout: 0 }),
      on({ restartPolicy: { enabled: true, restartAttemptPeriod: 30 } }),
      on({ linuxParameters: { swappiness: 101 } }),
      fargate({ ephemeralStorage: { sizeInGiB: 20 } }),
      fargate({ ephemeralStorage: { sizeInGiB: 201 } }),
    ],
    keeps: [
      on({ healthCheck: { ...check, interval: 5, timeout: 60, retries: 10, startPeriod: 0 } }),
      on({ ...ports({ containerPort: 65_535, hostPort: 0 }), stopTimeout: 2, startTimeout: 600 }),
      on({ restartPolicy: { enabled: true, restartAttemptPeriod: 60 } }),
      fargate({ ephemeralStorage: { sizeInGiB: 21 } }),
      fargate({ ephemeralStorage: { sizeInGiB: 200 } }),
    ],
    path: "containerDefinitions[app].healthCheck.interval",
  },
  "list-too-long": {
    breaks: [
      task({}, ...many(11, "c").map((name) => ({ ...app, name }))),
      on({
        environmentFiles: many(11, "f").map((name) => ({
          type: "s3",
          value: `arn:aws:s3:::b/${name}.env`,
        })),
      }),
    ],
    keeps: [task({}, ...many(10, "c").map((name) => ({ ...app, name })))],
    path: "containerDefinitions",
  },
  "protocol-taken-for-tcp": {
    breaks: [
      on(ports({ containerPort: 80, protocol: "TCP" })),
      on(ports({ containerPort: 80, protocol: "xyz" })),
    ],
    keeps: [on(ports({ containerPort: 80, protocol: "udp" }))],
    path: "containerDefinitions[app].portMappings[0].protocol",
  },
  "variable-without-name": {
    breaks: [
      variables({ name: " ", value: "x" }),
      variables({ value: "x" }),
      secrets({ name: "", valueFrom: "/a" }),
    ],
    keeps: [variables({ name: "a b", value: "" }), variables({ name: "A", value: "" })],
    path: "containerDefinitions[app].environment[ ]",
  },
  "secret-under-environment": {
    breaks: [
      variables({ name: "DB", valueFrom: "arn:aws:ssm:us-east-1:123456789012:parameter/x" }),
    ],
    keeps: [secrets({ name: "DB", valueFrom: "arn:aws:ssm:us-east-1:123456789012:parameter/x" })],
    path: "containerDefinitions[app].environment[DB].valueFrom",
    ecsTakesIt: "ECS drops members that it does not know: the variable has no value then",
  },
  "value-under-secrets": {
    breaks: [secrets({ name: "DB", value: "x" })],
    keeps: [variables({ name: "DB", value: "x" })],
    path: "containerDefinitions[app].secrets[DB].value",
  },
  "name-in-environment-and-secrets": {
    breaks: [
      on(
        { environment: [{ name: "DB", value: "" }], secrets: [{ name: "DB", valueFrom: "/db" }] },
        { executionRoleArn: role },
      ),
    ],
    keeps: [
      on(
        { environment: [{ name: "db", value: "" }], secrets: [{ name: "DB", valueFrom: "/db" }] },
        { executionRoleArn: role },
      ),
      task(
        { executionRoleArn: role },
        { ...app, environment: [{ name: "DB", value: "" }] },
        { ...other, secrets: [{ name: "DB", valueFrom: "/db" }] },
      ),
    ],
    path: "containerDefinitions[app].secrets[DB]",
  },
  "secret-name-twice": {
    breaks: [secrets({ name: "DB", valueFrom: "/a" }, { name: "DB", valueFrom: "/b" })],
    keeps: [secrets({ ...first, name: "A" }, { ...last, name: "B" })],
    path: "containerDefinitions[app].secrets[DB]",
  },
  "variable-name-twice": {
    breaks: [variables({ name: "A", value: "1" }, { name: "A", value: "2" })],
    keeps: [variables({ name: "A", value: "1" }, { name: "a", value: "2" })],
    path: "containerDefinitions[app].environment[A]",
  },
  "environment-file-arn": {
    breaks: [
      on({ environmentFiles: [{ type: "s3", value: "s3://bucket/app.env" }] }),
      on({ environmentFiles: [{ type: "s3", value: "arn:aws:s3:::bucket" }] }),
    ],
    keeps: [
      on({ environmentFiles: [{ type: "s3", value: "arn:aws-cn:s3:::bucket/folder/app.env" }] }),
    ],
    path: "containerDefinitions[app].environmentFiles[0].value",
  },
  "depends-on-unknown-container": {
    breaks: [on({ dependsOn: [{ containerName: "db", condition: "START" }] })],
    keeps: [waits("START")],
    path: "containerDefinitions[app].dependsOn[0].containerName",
  },
  "depends-on-itself": {
    breaks: [on({ dependsOn: [{ containerName: "app", condition: "START" }] })],
    keeps: [waits("START")],
    path: "containerDefinitions[app].dependsOn[0]",
  },
  "depends-on-cycle": {
    breaks: [waits("START", { dependsOn: [{ containerName: "app", condition: "START" }] })],
    keeps: [
      task(
        {},
        {
          ...app,
          dependsOn: ["other", "third"].map((containerName) => ({
            containerName,
            condition: "START",
          })),
        },
        { ...other, dependsOn: [{ containerName: "third", condition: "START" }] },
        { ...app, name: "third" },
      ),
    ],
    path: "dependsOn",
  },
  "depends-on-essential-container": {
    breaks: [waits("SUCCESS"), waits("COMPLETE", { essential: true })],
    keeps: [waits("SUCCESS", { essential: false }), waits("START")],
    path: "containerDefinitions[app].dependsOn[0]",
  },
  "depends-on-health-without-check": {
    breaks: [waits("HEALTHY")],
    keeps: [waits("HEALTHY", { healthCheck: check })],
    path: "containerDefinitions[app].dependsOn[0]",
  },
  "mount-of-unknown-volume": {
    breaks: [
      on({ mountPoints: [{ sourceVolume: "data", containerPath: "/data" }] }),
      on({ mountPoints: [{ containerPath: "/d" }] }),
    ],
    keeps: [volume({})],
    path: "containerDefinitions[app].mountPoints[0].sourceVolume",
  },
  "volumes-from-unknown-container": {
    breaks: [on({ volumesFrom: [{ sourceContainer: "db" }] })],
    keeps: [task({}, { ...app, volumesFrom: [{ sourceContainer: "other" }] }, other)],
    path: "containerDefinitions[app].volumesFrom[0].sourceContainer",
  },
  "log-router-missing": {
    breaks: [on(routed)],
    keeps: [task({}, { ...app, ...routed }, { ...other, ...router })],
    path: "containerDefinitions[app].logConfiguration.logDriver",
  },
  "log-router-unused": {
    breaks: [on(router)],
    keeps: [task({}, { ...app, ...routed }, { ...other, ...router })],
    path: "containerDefinitions[app].firelensConfiguration",
  },
  "proxy-container-unknown": {
    breaks: [
      task({
        networkMode: "awsvpc",
        proxyConfiguration: { type: "APPMESH", containerName: "envoy" },
      }),
    ],
    keeps: [task({ networkMode: "awsvpc", ...proxy })],
    path: "proxyConfiguration.containerName",
  },
  "volume-of-two-kinds": {
    breaks: [
      volume({ host: { sourcePath: "/data" }, efsVolumeConfiguration: { fileSystemId: "fs-1" } }),
    ],
    keeps: [
      volume({ host: {}, efsVolumeConfiguration: { fileSystemId: "fs-1" } }),
      volume({ host: { sourcePath: "/d" } }),
    ],
    path: "volumes[data]",
  },
  "second-volume-configured-at-launch": {
    breaks: [
      on(
        {
          mountPoints: ["a", "b"].map((name) => ({
            sourceVolume: name,
            containerPath: `/${name}`,
          })),
        },
        { volumes: ["a", "b"].map((name) => ({ name, configuredAtLaunch: true })) },
      ),
    ],
    keeps: [volume({ configuredAtLaunch: true })],
    path: "volumes[b].configuredAtLaunch",
  },
  "volume-configured-at-launch-unused": {
    breaks: [task({ volumes: [{ name: "data", configuredAtLaunch: true }] })],
    keeps: [volume({ configuredAtLaunch: true }), task({ volumes: [{ name: "data" }] })],
    path: "volumes[data]",
  },
  "volume-name-twice": {
    breaks: [task({ volumes: [{ name: "data" }, { name: "data" }] })],
    keeps: [task({ volumes: [{ name: "data" }, { name: "more" }] })],
    path: "volumes[data]",
  },
  "efs-iam-without-encryption": {
    breaks: [efs({ authorizationConfig: { iam: "ENABLED" } })],
    keeps: [efs({ authorizationConfig: { iam: "DISABLED" } })],
    path: "volumes[data].efsVolumeConfiguration.transitEncryption",
  },
  "efs-access-point-without-encryption": {
    breaks: [efs({ authorizationConfig: { accessPointId: "fsap-1" } })],
    keeps: [
      efs({ authorizationConfig: { accessPointId: "fsap-1" }, transitEncryption: "ENABLED" }),
    ],
    path: "volumes[data].efsVolumeConfiguration.transitEncryption",
  },
  "efs-port-without-encryption": {
    breaks: [efs({ transitEncryptionPort: 2999 })],
    keeps: [efs({ transitEncryptionPort: 2999, transitEncryption: "ENABLED" })],
    path: "volumes[data].efsVolumeConfiguration.transitEncryption",
  },
  "efs-access-point-with-root-directory": {
    breaks: [
      efs({
        authorizationConfig: { accessPointId: "fsap-1" },
        transitEncryption: "ENABLED",
        rootDirectory: "/data",
      }),
    ],
    keeps: [
      efs({
        authorizationConfig: { accessPointId: "fsap-1" },
        transitEncryption: "ENABLED",
        rootDirectory: "/",
      }),
    ],
    path: "volumes[data].efsVolumeConfiguration.rootDirectory",
  },
  "not-with-awsvpc": {
    breaks: [
      task({ networkMode: "awsvpc" }, { ...app, links: ["other"] }, other),
      awsvpc({ hostname: "app" }),
      awsvpc({ extraHosts: [{ hostname: "a", ipAddress: "10.0.0.1" }] }),
      awsvpc({ dnsServers: ["10.0.0.2"] }),
      awsvpc({ dnsSearchDomains: ["example.com"] }),
      awsvpc({ disableNetworking: true }),
    ],
    keeps: [
      task({}, { ...app, links: ["other"], hostname: "app" }, other),
      awsvpc({ links: [], disableNetworking: false, dnsServers: [] }),
    ],
    path: "containerDefinitions[app].links",
  },
  "host-port-differs": {
    breaks: [
      awsvpc(ports({ containerPort: 80, hostPort: 81 })),
      on(ports({ containerPort: 80, hostPort: 81 }), { networkMode: "host" }),
    ],
    keeps: [
      awsvpc(ports({ containerPort: 80, hostPort: 80 })),
      awsvpc(ports({ containerPort: 80, hostPort: 0 })),
      on(ports({ containerPort: 80, hostPort: 81 })),
    ],
    path: "containerDefinitions[app].portMappings[0].hostPort",
  },
  "ports-without-network": {
    breaks: [on(ports({ containerPort: 80 }), { networkMode: "none" })],
    keeps: [on(ports(), { networkMode: "none" })],
    path: "containerDefinitions[app].portMappings",
  },
  "host-port-twice": {
    breaks: [
      task(
        {},
        { ...app, ...ports({ containerPort: 80, hostPort: 80 }) },
        { ...other, ...ports({ containerPort: 81, hostPort: 80 }) },
      ),
    ],
    keeps: [
      task(
        {},
        { ...app, ...ports({ containerPort: 80, hostPort: 0 }) },
        { ...other, ...ports({ containerPort: 80 }) },
      ),
      on(
        ports(
          { containerPort: 53, hostPort: 53 },
          { containerPort: 53, hostPort: 53, protocol: "udp" },
        ),
      ),
    ],
    path: "containerDefinitions[other].portMappings[0]",
  },
  "task-port-twice": {
    breaks: [
      task(
        { networkMode: "awsvpc" },
        { ...app, ...ports({ containerPort: 80 }) },
        { ...other, ...ports({ containerPort: 80 }) },
      ),
    ],
    keeps: [awsvpc(ports({ containerPort: 53 }, { containerPort: 53, protocol: "udp" }))],
    path: "containerDefinitions[other].portMappings[0]",
  },
  "port-name-form": {
    breaks: [
      on(ports({ containerPort: 80, name: "HTTP" })),
      on(ports({ containerPort: 80, name: "-http" })),
    ],
    keeps: [on(ports({ containerPort: 80, name: "app_80-tcp" }))],
    path: "containerDefinitions[app].portMappings[0].name",
  },
  "port-name-twice": {
    breaks: [on(ports({ containerPort: 80, name: "web" }, { containerPort: 81, name: "web" }))],
    keeps: [on(ports({ containerPort: 80, name: "web" }, { containerPort: 81, name: "admin" }))],
    path: "containerDefinitions[app].portMappings[1].name",
  },
  "port-and-range": {
    breaks: [on(ports({ containerPort: 80, containerPortRange: "80-90" }))],
    keeps: [on(ports({ containerPort: 80 }, { containerPortRange: "81-90" }))],
    path: "containerDefinitions[app].portMappings[0]",
  },
  "port-range-form": {
    breaks: [
      on(ports({ containerPortRange: "90-80" })),
      on(ports({ containerPortRange: "80-70000" })),
    ],
    keeps: [on(ports({ containerPortRange: "80-90" }))],
    path: "containerDefinitions[app].portMappings[0].containerPortRange",
  },
  "port-ranges-overlap": {
    breaks: [on(ports({ containerPortRange: "80-90" }, { containerPortRange: "90-95" }))],
    keeps: [on(ports({ containerPortRange: "80-90" }, { containerPortRange: "91-95" }))],
    path: "containerDefinitions[app].portMappings[1].containerPortRange",
  },
  "proxy-without-awsvpc": {
    breaks: [task(proxy)],
    keeps: [task({ ...proxy, networkMode: "awsvpc" })],
    path: "proxyConfiguration",
  },
  "execution-role-missing": {
    breaks: [
      onFargate({ image: ecr }, { executionRoleArn: "" }),
      onFargate(awslogs(whole), { executionRoleArn: "" }),
      onFargate(
        {
          repositoryCredentials: {
            credentialsParameter: "arn:aws:secretsmanager:us-east-1:1:secret:x",
          },
        },
        { executionRoleArn: "" },
      ),
      on({ secrets: [{ name: "DB", valueFrom: "/db" }] }),
    ].map(({ executionRoleArn: _, ...rest }) => rest),
    keeps: [
      on({ image: ecr, ...awslogs(whole) }),
      onFargate({ image: ecr, ...awslogs(whole), secrets: [{ name: "DB", valueFrom: "/db" }] }),
      (({ executionRoleArn: _, ...rest }) => rest)(onFargate({})),
    ],
    path: "executionRoleArn",
  },
  "log-options-missing": {
    breaks: [
      on(awslogs({ "awslogs-group": "/app" })),
      on(awslogs({ "awslogs-region": "us-east-1" })),
    ],
    keeps: [
      on(awslogs({ "awslogs-group": "/app", "awslogs-region": "us-east-1" })),
      on({ logConfiguration: { logDriver: "json-file" } }),
    ],
    path: "containerDefinitions[app].logConfiguration.options.awslogs-region",
  },
  "fargate-network-mode": {
    breaks: [
      fargate({ networkMode: "bridge" }),
      (({ networkMode: _, ...rest }) => rest)(fargate({})),
    ],
    keeps: [fargate({})],
    path: "networkMode",
  },
  "fargate-size": {
    breaks: [
      fargate({ memory: "4096" }),
      fargate({ cpu: "300" }),
      (({ cpu: _, ...rest }) => rest)(fargate({})),
      (({ memory: _, ...rest }) => rest)(fargate({})),
    ],
    keeps: [
      fargate({ cpu: ".5 vCPU", memory: "3 GB" }),
      fargate({ cpu: "16384", memory: "122880" }),
    ],
    path: "cpu and memory",
  },
  "fargate-windows-size": {
    breaks: [fargate({ runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } })],
    keeps: [
      fargate({
        ...{ cpu: "1024", memory: "2048" },
        runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" },
      }),
    ],
    path: "cpu",
  },
  "not-on-fargate": {
    breaks: [
      onFargate({ privileged: true }),
      fargate({ ipcMode: "task" }),
      fargate({ placementConstraints: [{ type: "memberOf", expression: "x" }] }),
      onFargate({ dockerSecurityOptions: ["no-new-privileges"] }),
      onFargate({ linuxParameters: { devices: [{ hostPath: "/dev/fuse" }] } }),
      onFargate({ linuxParameters: { sharedMemorySize: 64 } }),
      onFargate({ linuxParameters: { maxSwap: 64 } }),
      onFargate({ linuxParameters: { swappiness: 10 } }),
      { ...volume({ host: { sourcePath: "/data" } }), ...forFargate },
      { ...volume({ dockerVolumeConfiguration: { scope: "task" } }), ...forFargate },
    ],
    keeps: [
      onFargate({ privileged: false, linuxParameters: { initProcessEnabled: true, devices: [] } }),
      onFargate({ linuxParameters: { tmpfs: [{ containerPath: "/tmp", size: 64 }] } }),
      { ...volume({ host: {} }), ...forFargate },
      on({ privileged: true, linuxParameters: { sharedMemorySize: 64 } }, { ipcMode: "task" }),
    ],
    path: "containerDefinitions[app].privileged",
  },
  "fargate-pid-mode": {
    breaks: [fargate({ pidMode: "host" })],
    keeps: [fargate({ pidMode: "task" }), task({ pidMode: "host" })],
    path: "pidMode",
  },
  "fargate-capabilities": {
    breaks: [onFargate({ linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } })],
    keeps: [
      onFargate({ linuxParameters: { capabilities: { add: ["SYS_PTRACE"], drop: ["ALL"] } } }),
      on({ linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } }),
    ],
    path: "containerDefinitions[app].linuxParameters.capabilities.add[0]",
  },
  "fargate-gpu": {
    breaks: [onFargate({ resourceRequirements: [{ type: "GPU", value: "1" }] })],
    keeps: [on({ resourceRequirements: [{ type: "GPU", value: "1" }] })],
    path: "containerDefinitions[app].resourceRequirements[0].type",
  },
  "fargate-log-driver": {
    breaks: [onFargate({ logConfiguration: { logDriver: "json-file" } })],
    keeps: [onFargate({ logConfiguration: { logDriver: "splunk", options: {} } })],
    path: "containerDefinitions[app].logConfiguration.logDriver",
  },
  "fargate-log-prefix": {
    breaks: [onFargate(awslogs({ "awslogs-group": "/app", "awslogs-region": "us-east-1" }))],
    keeps: [onFargate(awslogs(whole))],
    path: "containerDefinitions[app].logConfiguration.options.awslogs-stream-prefix",
  },
  "fargate-log-router-file": {
    breaks: [
      fargate(
        {},
        { ...app, ...routed },
        {
          ...other,
          firelensConfiguration: { type: "fluentbit", options: { "config-file-type": "s3" } },
        },
      ),
    ],
    keeps: [
      fargate(
        {},
        { ...app, ...routed },
        {
          ...other,
          firelensConfiguration: { type: "fluentbit", options: { "config-file-type": "file" } },
        },
      ),
    ],
    path: "containerDefinitions[other].firelensConfiguration.options.config-file-type",
  },
  "fargate-stop-timeout": {
    breaks: [onFargate({ stopTimeout: 121 })],
    keeps: [onFargate({ stopTimeout: 120 }), on({ stopTimeout: 600 })],
    path: "containerDefinitions[app].stopTimeout",
  },
  "fargate-start-timeout": {
    breaks: [onFargate({ startTimeout: 121 })],
    keeps: [onFargate({ startTimeout: 120 }), on({ startTimeout: 600 })],
    path: "containerDefinitions[app].startTimeout",
  },
};
