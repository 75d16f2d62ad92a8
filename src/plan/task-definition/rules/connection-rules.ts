// References within a task definition: dependencies, volumes, log routers, proxies. PURE.

import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../../../json.ts";
import { hasValue, itemsAt, type Rule, repeatedItems, type TaskView } from "./rule.ts";
import { api, cdkPreflight, issue } from "./sources.ts";

export const connectionRules: readonly Rule<TaskView>[] = [
  {
    id: "depends-on-unknown-container",
    source: issue("dagster-io/dagster", 6926),
    remedy: "Name a container of this task definition.",
    check: (view) =>
      containerDependencies(view)
        .filter(({ on }) => on === undefined)
        .map(({ path, item }) => ({
          path: `${path}.containerName`,
          problem: `is ${JSON.stringify(item.containerName ?? "")}, which is no container here`,
        })),
  },
  {
    id: "depends-on-itself",
    source: api("ContainerDependency"),
    remedy: "Take this dependency away.",
    check: (view) =>
      containerDependencies(view)
        .filter(({ from, on }) => on?.name === from)
        .map(({ path }) => ({ path, problem: "makes the container wait for itself" })),
  },
  {
    id: "depends-on-cycle",
    source: api("ContainerDependency"),
    remedy: "Take one of these dependencies away.",
    check: (view) =>
      dependencyCycles(view).map((names) => ({
        path: "dependsOn",
        problem: `goes in a circle: ${names.join(" → ")}`,
      })),
  },
  {
    id: "depends-on-essential-container",
    source: issue("boto/boto3", 2436),
    remedy:
      "Set `essential: false` there (the task ends when an essential container does), or wait " +
      "for START or HEALTHY.",
    check: (view) =>
      containerDependencies(view)
        .filter(
          ({ item, on }) =>
            on?.essential && ["SUCCESS", "COMPLETE"].includes(stringOf(item.condition) ?? ""),
        )
        .map(({ path, item, on }) => ({
          path,
          problem:
            `waits until "${on?.name}" has ended (${stringOf(item.condition)}), but that ` +
            "container is essential",
        })),
  },
  {
    id: "depends-on-health-without-check",
    source: cdkPreflight,
    remedy: "Give that container a `healthCheck`, or wait for START.",
    check: (view) =>
      containerDependencies(view)
        .filter(
          ({ item, on }) =>
            item.condition === "HEALTHY" && on && !hasValue(on.definition.healthCheck),
        )
        .map(({ path, on }) => ({
          path,
          problem: `waits until "${on?.name}" is healthy, but that container has no healthCheck`,
        })),
  },
  {
    id: "mount-of-unknown-volume",
    source: issue("ansible/ansible", 35751),
    remedy: "Name a volume of the task definition (`volumes`).",
    check: ({ containers, definition }) => {
      const volumes = new Set(objectsOf(definition.volumes).map((volume) => volume.name));
      return containers.flatMap(({ path, definition: { mountPoints } }) =>
        itemsAt(mountPoints, `${path}.mountPoints`)
          .filter(({ item }) => !volumes.has(item.sourceVolume))
          .map(({ path: at, item }) => ({
            path: `${at}.sourceVolume`,
            problem:
              item.sourceVolume === undefined
                ? "is missing"
                : `is ${JSON.stringify(item.sourceVolume)}, which is no volume here`,
          })),
      );
    },
  },
  {
    id: "volumes-from-unknown-container",
    source: cdkPreflight,
    remedy: "Name a container of this task definition.",
    check: ({ containers }) =>
      containers.flatMap(({ path, definition: { volumesFrom } }) =>
        itemsAt(volumesFrom, `${path}.volumesFrom`)
          .filter(({ item }) => !containers.some(({ name }) => name === item.sourceContainer))
          .map(({ path: at, item }) => ({
            path: `${at}.sourceContainer`,
            problem: `is ${JSON.stringify(item.sourceContainer ?? "")}, which is no container here`,
          })),
      ),
  },
  {
    id: "log-router-missing",
    source: issue("fabfuel/ecs-deploy", 164),
    remedy: "Give one container a `firelensConfiguration`, or use another log driver.",
    check: (view) => {
      if (logRouters(view).length > 0) return [];
      return routedContainers(view).map(({ path }) => ({
        path: `${path}.logConfiguration.logDriver`,
        problem: "is awsfirelens, but no container has a firelensConfiguration",
      }));
    },
  },
  {
    id: "log-router-unused",
    source: issue("cloudposse/terraform-aws-ecs-container-definition", 47),
    remedy: "Let a container use the log driver awsfirelens, or take `firelensConfiguration` away.",
    check: (view) => {
      if (routedContainers(view).length > 0) return [];
      return logRouters(view).map(({ path }) => ({
        path: `${path}.firelensConfiguration`,
        problem: "is there, but no container logs through awsfirelens",
      }));
    },
  },
  {
    id: "proxy-container-unknown",
    source: cdkPreflight,
    remedy: "Name a container of this task definition.",
    check: ({ containers, definition: { proxyConfiguration: proxy } }) => {
      if (
        isJsonObject(proxy) &&
        hasValue(proxy) &&
        !containers.some(({ name }) => name === proxy.containerName)
      )
        return [
          {
            path: "proxyConfiguration.containerName",
            problem: `is ${JSON.stringify(proxy.containerName ?? "")}, which is no container here`,
          },
        ];
      return [];
    },
  },
  {
    id: "volume-of-two-kinds",
    source: api("Volume"),
    remedy: "A volume is one of them only.",
    check: ({ definition }) =>
      itemsAt(definition.volumes, "volumes").flatMap(({ path, item }) => {
        const kinds = volumeKinds.filter((kind) => hasValue(item[kind]));
        if (kinds.length > 1) return [{ path, problem: `has ${kinds.join(" and ")}` }];
        return [];
      }),
  },
  {
    id: "second-volume-configured-at-launch",
    source: api("Volume"),
    remedy: "Each task definition may have one such volume.",
    check: ({ definition }) =>
      configuredAtLaunch(definition)
        .slice(1)
        .map(({ path }) => ({
          path: `${path}.configuredAtLaunch`,
          problem: "is true for a second volume",
        })),
  },
  {
    id: "volume-configured-at-launch-unused",
    source: cdkPreflight,
    remedy: "Mount it in a container (`mountPoints`), or remove it.",
    check: ({ containers, definition }) => {
      const mounted = new Set(
        containers.flatMap((one) =>
          objectsOf(one.definition.mountPoints).map(({ sourceVolume }) => sourceVolume),
        ),
      );
      return configuredAtLaunch(definition)
        .filter(({ item }) => !mounted.has(item.name))
        .map(({ path }) => ({
          path,
          problem: "is configured at launch, but no container mounts it",
        }));
    },
  },
  {
    id: "volume-name-twice",
    source: api("Volume"),
    severity: "warn",
    remedy: "Give every volume a name of its own.",
    check: ({ definition }) =>
      repeatedItems(
        itemsAt(definition.volumes, "volumes"),
        ({ item }) => stringOf(item.name) ?? "",
      ).map(({ path }) => ({
        path,
        problem: "is the name of two volumes",
      })),
  },
  ...efsRules(),
];

const volumeKinds = [
  ...["host", "dockerVolumeConfiguration", "efsVolumeConfiguration", "s3filesVolumeConfiguration"],
  ...["fsxWindowsFileServerVolumeConfiguration", "configuredAtLaunch"],
];

function efsRules(): readonly Rule<TaskView>[] {
  const enableEncryption = "Set `transitEncryption: ENABLED`.";
  const check =
    (
      member: string,
      problem: string,
      isBroken: (efs: JsonObject, authorization: JsonObject) => boolean,
    ): Rule<TaskView>["check"] =>
    ({ definition }) =>
      itemsAt(definition.volumes, "volumes").flatMap(
        ({ path, item: { efsVolumeConfiguration: efs } }) => {
          if (!isJsonObject(efs)) return [];
          const authorization = isJsonObject(efs.authorizationConfig)
            ? efs.authorizationConfig
            : {};
          if (isBroken(efs, authorization))
            return [{ path: `${path}.efsVolumeConfiguration.${member}`, problem }];
          return [];
        },
      );
  const isOpen = ({ transitEncryption }: JsonObject) => transitEncryption !== "ENABLED";
  return [
    {
      id: "efs-iam-without-encryption",
      source: cdkPreflight,
      remedy: enableEncryption,
      check: check(
        "transitEncryption",
        "is off, but authorization by IAM needs it",
        (efs, { iam }) => iam === "ENABLED" && isOpen(efs),
      ),
    },
    {
      id: "efs-access-point-without-encryption",
      source: api("EFSAuthorizationConfig"),
      remedy: enableEncryption,
      check: check(
        "transitEncryption",
        "is off, but an access point needs it",
        (efs, { accessPointId }) => hasValue(accessPointId) && isOpen(efs),
      ),
    },
    {
      id: "efs-port-without-encryption",
      source: cdkPreflight,
      remedy: enableEncryption,
      check: check(
        "transitEncryption",
        "is off, but transitEncryptionPort needs it",
        (efs) => hasValue(efs.transitEncryptionPort) && isOpen(efs),
      ),
    },
    {
      id: "efs-access-point-with-root-directory",
      source: cdkPreflight,
      remedy: 'Remove it, or write "/": the access point sets the directory.',
      check: check(
        "rootDirectory",
        "names a directory beside an access point",
        (efs, { accessPointId }) =>
          hasValue(accessPointId) && hasValue(efs.rootDirectory) && efs.rootDirectory !== "/",
      ),
    },
  ];
}

function containerDependencies({ containers }: TaskView) {
  return containers.flatMap((container) =>
    itemsAt(container.definition.dependsOn, `${container.path}.dependsOn`).map(
      ({ path, item }) => ({
        path,
        item,
        from: container.name,
        on: containers.find(({ name }) => name === item.containerName),
      }),
    ),
  );
}

/** One for each cycle of two or more containers, starting with the first of them in the list. */
function dependencyCycles(view: TaskView): readonly (readonly string[])[] {
  const next = new Map<string, readonly string[]>();
  for (const { from, on } of containerDependencies(view))
    if (on && on.name !== from) next.set(from, [...(next.get(from) ?? []), on.name]);
  const found: (readonly string[])[] = [];
  const done = new Set<string>();
  const follow = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name);
    if (start >= 0) found.push([...path.slice(start), name]);
    if (start >= 0 || done.has(name)) return;
    for (const other of next.get(name) ?? []) follow(other, [...path, name]);
    done.add(name);
  };
  for (const { name } of view.containers) follow(name, []);
  return found;
}

function logRouters({ containers }: TaskView) {
  return containers.filter(({ definition }) => hasValue(definition.firelensConfiguration));
}

function routedContainers({ containers }: TaskView) {
  return containers.filter(
    ({ definition: { logConfiguration } }) =>
      isJsonObject(logConfiguration) && logConfiguration.logDriver === "awsfirelens",
  );
}

function configuredAtLaunch(definition: JsonObject) {
  return itemsAt(definition.volumes, "volumes").filter(
    ({ item }) => item.configuredAtLaunch === true,
  );
}
