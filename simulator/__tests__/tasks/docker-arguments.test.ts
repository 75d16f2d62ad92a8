import { expect, test } from "vitest";
import type { LaunchedContainer } from "../../src/contract.ts";
import {
  createArguments,
  environmentFile,
  imageReference,
  multiLineNames,
  repositoryOf,
} from "../../src/tasks/docker-arguments.ts";

const CONTAINER: LaunchedContainer = {
  name: "web",
  image: "127.0.0.1:5000/team/app:1",
  essential: true,
  environment: {},
  definition: {},
};

/** The arguments that come of it, as one line. */
function create(
  definition: Readonly<Record<string, unknown>>,
  rest: Partial<LaunchedContainer> = {},
  memory?: string,
  network = "bridge",
): string {
  const launch = {
    taskArn: "arn:task",
    taskId: "0a1b",
    clusterName: "production",
    startedBy: "ecs-svc/1",
    taskDefinitionArn: "arn:definition",
    family: "app",
    revision: 7,
    containers: [],
    ...(memory ? { memory } : {}),
  };
  const creation = { instance: "i1", image: "app:1", network, environmentFile: "file" };
  return createArguments(launch, { ...CONTAINER, definition, ...rest }, creation).join(" ");
}

test("a definition of nothing", () => {
  expect(create({})).toBe(
    "create --pull never --name ecs-app-7-web-0a1b-i1 --network bridge --env-file file --log-driver json-file " +
      "--label deploy-ecs.simulator=i1 --label com.amazonaws.ecs.cluster=production --label com.amazonaws.ecs.container-name=web " +
      "--label com.amazonaws.ecs.task-arn=arn:task --label com.amazonaws.ecs.task-definition-family=app " +
      "--label com.amazonaws.ecs.task-definition-version=7 --no-healthcheck -- app:1",
  );
});

test.each([
  [{ memory: 64 }, "--memory 64m --memory-swap 64m"],
  [
    { memory: 64, memoryReservation: 32 },
    "--memory 64m --memory-swap 64m --memory-reservation 32m",
  ],
  [{ user: "1000:1000", workingDirectory: "/srv" }, "--user 1000:1000 --workdir /srv"],
  [
    { readonlyRootFilesystem: true, linuxParameters: { initProcessEnabled: true } },
    "--read-only --init",
  ],
  [{ ulimits: [{ name: "nofile", softLimit: 10, hardLimit: 20 }] }, "--ulimit nofile=10:20"],
  [
    { hostname: "h", extraHosts: [{ hostname: "db", ipAddress: "10.0.0.1" }] },
    "--hostname h --add-host db:10.0.0.1",
  ],
  [{ dockerLabels: { a: "b" } }, "--label a=b"],
  [
    { mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp", readOnly: true }] },
    "--mount type=volume,source=ecs-0a1b-tmp-i1,target=/tmp,readonly,volume-label=deploy-ecs.simulator=i1",
  ],
  [
    {
      linuxParameters: {
        tmpfs: [{ containerPath: "/run", size: 16, mountOptions: ["noexec"] }],
        sharedMemorySize: 64,
        capabilities: { drop: ["ALL"] },
      },
    },
    "--tmpfs /run:size=16m,noexec --shm-size 64m --cap-drop ALL",
  ],
  [{ healthCheck: { command: ["NONE"] } }, "--no-healthcheck"],
  [
    { healthCheck: { command: ["CMD-SHELL", "wget x || exit 1"] } },
    "--health-cmd wget x || exit 1 --health-interval 30s --health-timeout 5s --health-retries 3 --health-start-period 0s",
  ],
  [
    {
      healthCheck: {
        command: ["CMD", "probe", "it's"],
        interval: 5,
        timeout: 2,
        retries: 1,
        startPeriod: 9,
      },
    },
    "--health-cmd 'probe' 'it'\\''s' --health-interval 5s --health-timeout 2s --health-retries 1 --health-start-period 9s",
  ],
])("%j", (definition, expected) => {
  expect(create(definition)).toContain(` ${expected} `);
});

test("the task's memory is the limit of a container that has none", () => {
  expect(create({}, {}, "512")).toContain(" --memory 512m --memory-swap 512m ");
  expect(create({ memory: 64 }, {}, "512")).toContain(" --memory 64m ");
});

test("the task's CPU is a limit only where it is asked for", () => {
  const launch = {
    ...{ taskArn: "arn:task", taskId: "0a1b", clusterName: "production", startedBy: "ecs-svc/1" },
    ...{ taskDefinitionArn: "arn:definition", family: "app", revision: 7, containers: [] },
    cpu: "256",
  };
  const creation = { instance: "i1", image: "app:1", network: "bridge", environmentFile: "file" };
  const container = { ...CONTAINER, definition: { cpu: 128 } };
  const argumentsWith = (limitCpu: boolean) =>
    createArguments(launch, container, { ...creation, limitCpu }).join(" ");
  expect(argumentsWith(true)).toContain(" --cpu-period 100000 --cpu-quota 25000 --cpu-shares 128 ");
  expect(argumentsWith(false)).not.toContain("--cpu");
});

test("entry point and command", () => {
  expect(create({}, { command: ["a", "b"] })).toMatch(/ -- app:1 a b$/);
  expect(create({}, { entryPoint: ["sh", "-c"], command: ["a"] })).toMatch(
    / --entrypoint sh -- app:1 -c a$/,
  );
});

test("a container that joins another's network has no name and no hosts of its own", () => {
  const args = create(
    { hostname: "h", extraHosts: [{ hostname: "db", ipAddress: "10.0.0.1" }] },
    {},
    undefined,
    "container:1",
  );
  expect(args).toContain("--network container:1");
  expect(args).not.toMatch(/--hostname|--add-host/);
});

test("environment: one line each; what has several goes by name", () => {
  const environment = { A: "1", EMPTY: "", PEM: "one\ntwo" };
  expect(environmentFile(environment)).toBe("A=1\nEMPTY=\n");
  expect(multiLineNames(environment)).toEqual(["PEM"]);
  expect(create({}, { environment })).toContain(" --env PEM ");
});

test.each([
  ["app", "app"],
  ["app:1", "app"],
  ["127.0.0.1:5000/team/app", "127.0.0.1:5000/team/app"],
  ["127.0.0.1:5000/team/app:1", "127.0.0.1:5000/team/app"],
  ["127.0.0.1:5000/team/app:1@sha256:00", "127.0.0.1:5000/team/app"],
])("repository of %s", (reference, expected) => {
  expect(repositoryOf(reference)).toBe(expected);
});

test("a digest that ECS resolved comes before the tag", () => {
  expect(imageReference(CONTAINER)).toBe("127.0.0.1:5000/team/app:1");
  expect(imageReference({ ...CONTAINER, imageDigest: "sha256:aa" })).toBe(
    "127.0.0.1:5000/team/app@sha256:aa",
  );
  expect(imageReference({ ...CONTAINER, image: "app@sha256:bb", imageDigest: "sha256:aa" })).toBe(
    "app@sha256:bb",
  );
});
