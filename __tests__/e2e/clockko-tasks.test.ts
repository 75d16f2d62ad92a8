// Clockko's tasks as real containers: image, secret and log stream, each had with the execution role or not at all.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import type { DescribeTasksResponse, RunTaskResponse, Task } from "@aws-sdk/client-ecs";
import {
  awsTiming,
  type CallContext,
  createSimulator,
  type HttpServer,
  type Simulator,
  serve,
} from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { putTaskRole } from "ecs-simulator/iam";
import {
  type ContainerRunner,
  containerRunner,
  Docker,
  withRegistryLogin,
} from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, debianAws, installed } from "./aws-cli.ts";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";
import { notingDocker } from "./deployment.ts";

const GROUP = "/ecs/clockko-backend";
const ROLE = "clockko-backend-execution";
const PULL = ["ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"];
const first = "postgresql://clockko:hush-one@db/clockko";
const second = "postgresql://clockko:hush-two@db/clockko";
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** Shows which value it has without showing the value. */
const command = [
  "sh",
  "-c",
  'echo "$DATABASE_URL $CERTIFICATE" | busybox sha256sum; exec sleep 100',
];
const certificate = "-----BEGIN-----\nhush-three\n-----END-----";
const reported = (url: string) => hash(`${url} ${certificate}\n`);

describe.skipIf(!engineAnswers())("Clockko's tasks", () => {
  const clock = new RealClock();
  const context = { host: "localhost", requestId: "test" } as CallContext;
  let simulator: Simulator;
  let server: HttpServer;
  let runner: ContainerRunner;
  let registry: string;
  let image: string;
  let secretArn: string;
  let docker: Awaited<ReturnType<typeof notingDocker>>;

  beforeAll(async () => {
    docker = await notingDocker();
    const env = { ...process.env, PATH: docker.path };
    runner = containerRunner({
      docker: { env },
      credentials: (launch) => ({
        registry,
        username: "AWS",
        password: simulator.registryPassword(launch),
      }),
      maximumStopTimeout: 1,
    });
    const { stoppedVisible, ...steps } = awsTiming;
    const timing = Object.fromEntries(
      Object.entries(steps).map(([step, milliseconds]) => [step, milliseconds / 20]),
    );
    simulator = createSimulator({ clock, runner, ecs: { timing: { stoppedVisible, ...timing } } });
    server = await serve(simulator);
    registry = new URL(server.url).host;
    image = `${registry}/clockko-backend:1`;
    simulator.ecr.repositories.createRepository("clockko-backend");
    simulator.ecs.createCluster("clockko");
    simulator.logs.createGroup(GROUP);
    secretArn = simulator.secretsManager.put("clockko/database-url", first);
    simulator.secretsManager.put("clockko/certificate", JSON.stringify({ certificate }));
    loadBusybox(image);
    const login = { registry, username: "AWS", password: simulator.registryPassword() };
    await withRegistryLogin(new Docker(), login, (mine) => mine.read(["push", "--quiet", image]));
    removeImages(image);
  });
  afterAll(async () => {
    clock.stop();
    await server?.close();
    await runner?.close();
    if (image) removeImages(image);
  });

  const repository = () =>
    `arn:aws:ecr:us-east-1:${simulator.accountId}:repository/clockko-backend`;
  /** What the task needs, but for these actions. */
  function putRole(...without: readonly string[]): void {
    const allow = (actions: readonly string[], ...Resource: readonly string[]) => ({
      Effect: "Allow" as const,
      Action: actions.filter((action) => !without.includes(action)),
      Resource,
    });
    const logs = `arn:aws:logs:us-east-1:${simulator.accountId}:log-group:${GROUP}:*`;
    const secrets = `arn:aws:secretsmanager:us-east-1:${simulator.accountId}:secret:clockko/*`;
    const Statement = [
      allow(["ecr:GetAuthorizationToken"], "*"),
      allow(PULL, repository()),
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], logs),
      allow(["secretsmanager:GetSecretValue"], secrets),
    ];
    putTaskRole(simulator, ROLE, [
      { Statement: Statement.filter(({ Action }) => Action.length > 0) },
    ]);
  }

  const call = <Answer>(operation: string, input: object): Answer =>
    simulator.ecs.service.operations[operation]?.(
      { cluster: "clockko", ...input },
      context,
    ) as Answer;

  /** The task when it runs, or has ended. */
  async function runTask(): Promise<Task> {
    const options = {
      "awslogs-group": GROUP,
      "awslogs-region": "us-east-1",
      "awslogs-stream-prefix": "ecs",
    };
    const { revision } = simulator.ecs.registerTaskDefinition({
      family: "clockko-backend",
      cpu: "256",
      memory: "512",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      executionRoleArn: `arn:aws:iam::${simulator.accountId}:role/${ROLE}`,
      containerDefinitions: [
        {
          name: "backend",
          image,
          command,
          secrets: [
            { name: "DATABASE_URL", valueFrom: secretArn },
            {
              name: "CERTIFICATE",
              valueFrom: `${secretArn.replace(/database-url-.*/, "certificate")}:certificate::`,
            },
          ],
          logConfiguration: { logDriver: "awslogs", options },
        },
      ],
    });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
    const { tasks = [] } = call<RunTaskResponse>("RunTask", {
      taskDefinition: `clockko-backend:${revision}`,
      networkConfiguration,
    });
    const look = () =>
      call<DescribeTasksResponse>("DescribeTasks", { tasks: [tasks[0]?.taskArn] }).tasks?.[0] ?? {};
    await expect.poll(() => look().lastStatus, { timeout: 30_000 }).toMatch(/^(RUNNING|STOPPED)$/);
    return look();
  }

  const idOf = ({ taskArn = "" }: Task) => taskArn.slice(taskArn.lastIndexOf("/") + 1);
  const containerOf = ({ containers = [] }: Task) => containers[0]?.runtimeId ?? "";
  const inDocker = (...args: readonly string[]) => execFileSync("docker", args).toString();
  /** What the running container has now. */
  const hashIn = (task: Task) =>
    inDocker(
      "exec",
      containerOf(task),
      "sh",
      "-c",
      'echo "$DATABASE_URL $CERTIFICATE" | busybox sha256sum',
    ).slice(0, 64);

  async function linesOf(task: Task): Promise<readonly string[]> {
    const stream = `ecs/backend/${idOf(task)}`;
    const events = () =>
      simulator.logs.service.operations["FilterLogEvents"]?.(
        { logGroupName: GROUP, logStreamNames: [stream] },
        context,
      ) as { readonly events: readonly { readonly message: string }[] };
    await expect.poll(() => events().events.length, { timeout: 10_000 }).toBeGreaterThan(0);
    return events().events.map(({ message }) => message);
  }

  test("with exactly its policy a task gets its secrets, and no other process sees them; after a rotation the next task gets the new value", async () => {
    putRole();
    const old = await runTask();
    expect(old).toMatchObject({ lastStatus: "RUNNING", containers: [{ lastStatus: "RUNNING" }] });
    expect(await linesOf(old)).toEqual([`${reported(first)}  -`]);

    simulator.secretsManager.put("clockko/database-url", second);
    const next = await runTask();
    expect(await linesOf(next)).toEqual([`${reported(second)}  -`]);
    expect([hashIn(old), hashIn(next)]).toEqual([reported(first), reported(second)]);

    const inspected = JSON.parse(inDocker("inspect", containerOf(old)))[0];
    const { Env: _environment, ...config } = inspected.Config;
    const elsewhere = JSON.stringify([
      config,
      inspected.Args,
      inspected.Name,
      simulator.calls,
      await docker.calls(),
    ]);
    expect(elsewhere).toContain("--env-file");
    expect(elsewhere).not.toContain("hush");
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("deploy-ecs-task-"))).toEqual([]);
  });

  test.skipIf(!installed(debianAws))("the AWS CLI can read its log lines", async () => {
    putRole();
    const task = await runTask();
    await linesOf(task);
    const aws = awsCli(debianAws, server.url);
    const { events } = await aws.askJson(
      ...[
        "logs",
        "get-log-events",
        "--log-group-name",
        GROUP,
        "--log-stream-name",
        `ecs/backend/${idOf(task)}`,
      ],
    );
    expect(events).toMatchObject([{ message: expect.stringMatching(/^[0-9a-f]{64} {2}-$/) }]);
  });

  test("without ecr:BatchGetImage the image is not pulled: ECS says so, and the registry itself refuses", async () => {
    putRole("ecr:BatchGetImage");
    const task = await runTask();
    expect(task).toMatchObject({
      lastStatus: "STOPPED",
      stopCode: "TaskFailedToStart",
      stoppedReason:
        `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ` +
        `pulling from host ${registry} failed with status code [manifests 1]: 403 Forbidden`,
    });
    const executionRoleArn = `arn:aws:iam::${simulator.accountId}:role/${ROLE}`;
    const password = simulator.registryPassword({ executionRoleArn, taskId: idOf(task) });
    const pulled = await withRegistryLogin(
      new Docker(),
      { registry, username: "AWS", password },
      (mine) => mine.try(["pull", image]),
    );
    expect(pulled.code).not.toBe(0);
    expect(pulled.stderr).toContain(
      `assumed-role/${ROLE}/${idOf(task)} is not authorized to perform: ecr:BatchGetImage on resource: ${repository()}`,
    );
  });

  test("without secretsmanager:GetSecretValue no container is created", async () => {
    putRole("secretsmanager:GetSecretValue");
    const before = (await docker.calls()).length;
    const task = await runTask();
    expect(task.stoppedReason).toContain(
      `failed to fetch secret ${secretArn} from secrets manager: AccessDeniedException: User: ` +
        `arn:aws:sts::${simulator.accountId}:assumed-role/${ROLE}/${idOf(task)} is not authorized to perform: ` +
        `secretsmanager:GetSecretValue on resource: ${secretArn} because no identity-based policy allows`,
    );
    expect(
      (await docker.calls()).slice(before).filter((line) => / (pull|create) /.test(line)),
    ).toEqual([]);
  });
});
