// An AWS account with a service of examples/hello in it, on the real clock and with real containers: where the demo and the end-to-end
// tests deploy to. Version 1 runs when it is ready.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { RealClock } from "../../simulator/clock.ts";
import { awsTiming } from "../../simulator/ecs/timing.ts";
import { type HttpServer, serve } from "../../simulator/http.ts";
import { createSimulator, type Simulator } from "../../simulator/simulator.ts";
import { type ContainerRunner, containerRunner } from "../../simulator/tasks/containers.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

export interface HelloAccount {
  readonly simulator: Simulator;
  readonly url: string;
  /** The registry's host and port. */
  readonly registry: string;
  readonly roleArn: string;
  /** A checkout with examples/hello in it. */
  readonly workspace: string;
  /** Inputs of the step that are the same for every deployment. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What the running service answers on `/`; undefined when nothing answers. */
  ask(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** ECS takes its own steps a few times faster than on AWS; containers take the time they take. */
const speed = 4;

export async function openHelloAccount(): Promise<HelloAccount> {
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-workspace-"));
  await cp(join(root, "examples/hello"), join(workspace, "hello"), { recursive: true });
  await run(join(root, "examples/hello/prepare"), [join(workspace, "hello")]);
  const { simulator, server, tasks } = await startSimulator();
  const registry = new URL(server.url).host;
  const account = { simulator, url: server.url, registry, roleArn: furnish(simulator), workspace };
  await pushVersionOne(account);
  await createService(account);
  return {
    ...account,
    inputs: {
      "role-to-assume": account.roleArn,
      "aws-region": simulator.region,
      "ecr-repository": "hello",
      cluster: "demo",
      service: "hello",
      context: "hello",
    },
    ask: () => ask(server.url, simulator.region),
    async close() {
      await server.close();
      await tasks.close();
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

async function startSimulator(): Promise<{ simulator: Simulator; server: HttpServer; tasks: ContainerRunner }> {
  const registry = { host: "" }; // known once the server listens; no task starts before
  const tasks: ContainerRunner = containerRunner({
    credentials: () => ({ registry: registry.host, username: "AWS", password: simulator.registryPassword() }),
    maximumStopTimeout: 5,
  });
  const { stoppedVisible, ...steps } = awsTiming;
  const faster = Object.fromEntries(Object.entries(steps).map(([step, milliseconds]) => [step, milliseconds / speed]));
  const simulator = createSimulator({
    clock: new RealClock(),
    runner: tasks,
    ecs: { timing: { stoppedVisible, ...faster } },
  });
  const server = await serve(simulator);
  registry.host = new URL(server.url).host;
  return { simulator, server, tasks };
}

function furnish({ accountId, oidc, roles, ecr, ecs, logs }: Simulator): string {
  const roleArn = `arn:aws:iam::${accountId}:role/hello-deploy`;
  const issuer = "token.actions.githubusercontent.com";
  const condition = {
    [`${issuer}:aud`]: "sts.amazonaws.com",
    [`${issuer}:sub`]: `repo:${oidc.job.repository}:ref:${oidc.job.ref}`,
  };
  roles.put({
    roleArn,
    trustPolicy: {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: condition },
      },
    },
  });
  ecr.repositories.createRepository("hello", {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: ["latest"],
  });
  logs.createGroup("/ecs/hello");
  ecs.createCluster("demo");
  return roleArn;
}

/** As somebody did it by hand, long ago. */
async function pushVersionOne({
  simulator,
  registry,
  workspace,
}: Pick<HelloAccount, "simulator" | "registry" | "workspace">): Promise<void> {
  const config = await mkdtemp(join(tmpdir(), "deploy-ecs-by-hand-"));
  const auth = Buffer.from(`AWS:${simulator.registryPassword()}`).toString("base64");
  await writeFile(join(config, "config.json"), JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 });
  const docker = (...args: string[]) => run("docker", args, { env: { ...process.env, DOCKER_CONFIG: config } });
  try {
    await docker("build", "--build-arg", "VERSION=1", "--tag", `${registry}/hello:1`, join(workspace, "hello"));
    await docker("push", `${registry}/hello:1`);
  } finally {
    await rm(config, { recursive: true, force: true });
  }
}

async function createService({ simulator, registry }: Pick<HelloAccount, "simulator" | "registry">): Promise<void> {
  const { ecs, accountId, region } = simulator;
  ecs.registerTaskDefinition({
    family: "hello",
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: `arn:aws:iam::${accountId}:role/hello-execution`,
    containerDefinitions: [
      {
        name: "hello",
        image: `${registry}/hello:1`,
        essential: true,
        portMappings: [{ containerPort: 8080 }],
        healthCheck: {
          command: ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080/health"],
          interval: 5,
          retries: 3,
          startPeriod: 1,
        },
        logConfiguration: {
          logDriver: "awslogs",
          options: { "awslogs-group": "/ecs/hello", "awslogs-region": region, "awslogs-stream-prefix": "hello" },
        },
      },
    ],
  });
  ecs.createService({
    cluster: "demo",
    serviceName: "hello",
    taskDefinition: "hello:1",
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } },
  });
  for (let waited = 0; !ecs.isSteady({ cluster: "demo", service: "hello" }); waited += 200) {
    if (waited > 120_000) throw new Error("version 1 of examples/hello did not become steady within two minutes");
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

/** Where the service's running tasks are is asked of ECS, as anybody would. */
async function ask(url: string, region: string): Promise<string | undefined> {
  const ecs = new ECSClient({ endpoint: url, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: "demo", serviceName: "hello" }));
  if (taskArns.length === 0) return undefined;
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: "demo", tasks: taskArns }));
  const interfaces = tasks.flatMap(({ containers = [] }) =>
    containers.flatMap(({ networkInterfaces = [] }) => networkInterfaces),
  );
  for (const { privateIpv4Address } of interfaces) {
    const answer = await fetch(`http://${privateIpv4Address}:8080/`, { signal: AbortSignal.timeout(3_000) }).catch(
      () => undefined,
    );
    if (answer?.ok) return (await answer.text()).trim();
  }
  return undefined;
}
