// An account on ministack, a third-party AWS simulator: its own ECS with its own circuit breaker, its own ECR and registry, real
// containers. Only the registry's host is put right on the way, for ministack names AWS's. GitHub's token service is the simulator's.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateRepositoryCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { createSimulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { scriptedRunner } from "ecs-simulator/tasks";
import { startMinistack } from "./ministack.ts";
import { recordTraffic } from "./recording-proxy.ts";

const run = promisify(execFile);
const region = "us-east-1";
const account = "000000000000";

export interface SecondAws {
  readonly url: string;
  readonly workspace: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly simulator: { readonly environment: () => Readonly<Record<string, string>> };
  /** `hello:2`, what the service runs by its own word. */
  running(): Promise<string>;
  close(): Promise<void>;
}

export async function openSecondAws(packages: string): Promise<SecondAws> {
  const ministack = await startMinistack(packages);
  const proxy = await recordTraffic(ministack.url, (answer, ownHost) =>
    answer
      .replaceAll(`https://${account}.dkr.ecr.${region}.amazonaws.com`, `http://${ownHost}`)
      .replaceAll(`${account}.dkr.ecr.${region}.amazonaws.com`, ownHost),
  );
  const clock = new RealClock();
  const github = createSimulator({ clock, runner: scriptedRunner({ clock }) });
  const tokens = await serve(github);
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-workspace-"));
  const client = {
    endpoint: proxy.url,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const close = async () => {
    await ministack.close();
    await Promise.all([proxy.close(), tokens.close()]);
    await removeContainers();
    await rm(workspace, { recursive: true, force: true });
  };
  try {
    await cp("examples/hello", workspace, { recursive: true });
    await run("examples/hello/prepare", [workspace]);
    await furnish(client, new URL(proxy.url).host, workspace);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: proxy.url,
    workspace,
    inputs: {
      "role-to-assume": `arn:aws:iam::${account}:role/deploy`,
      "aws-region": region,
      "ecr-repository": "hello",
      cluster: "demo",
      service: "hello",
      "wait-for-minutes": "3",
    },
    simulator: {
      environment: () => ({ ...github.environment(tokens.url), AWS_ENDPOINT_URL: proxy.url }),
    },
    running: () => runningRevision(new ECSClient(client)),
    close,
  };
}

interface Client {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

async function furnish(client: Client, registry: string, workspace: string): Promise<void> {
  const ecs = new ECSClient(client);
  const ecr = new ECRClient(client);
  await ecr.send(new CreateRepositoryCommand({ repositoryName: "hello" }));
  await pushVersionOne(ecr, registry, workspace);
  await new CloudWatchLogsClient(client).send(
    new CreateLogGroupCommand({ logGroupName: "/ecs/hello" }),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: "demo" }));
  const options = {
    "awslogs-group": "/ecs/hello",
    "awslogs-region": region,
    "awslogs-stream-prefix": "hello",
  };
  const logConfiguration = { logDriver: "awslogs", options } as const;
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "hello",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      executionRoleArn: `arn:aws:iam::${account}:role/hello-execution`,
      containerDefinitions: [
        {
          name: "hello",
          image: `${registry}/hello:1`,
          essential: true,
          portMappings: [{ containerPort: 8080 }],
          logConfiguration,
        },
      ],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: "demo",
      serviceName: "hello",
      taskDefinition: "hello:1",
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
      },
    }),
  );
  for (
    let tries = 0;
    (await servicesOf(ecs)).some(({ runningCount }) => runningCount !== 1);
    tries++
  ) {
    if (tries > 300) throw new Error("version 1 does not come up on ministack");
    await pause(200);
  }
}

async function pushVersionOne(ecr: ECRClient, registry: string, workspace: string): Promise<void> {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const auth = authorizationData?.[0]?.authorizationToken;
  const config = await mkdtemp(join(tmpdir(), "deploy-ecs-by-hand-"));
  await writeFile(
    join(config, "config.json"),
    JSON.stringify({ auths: { [registry]: { auth } } }),
    { mode: 0o600 },
  );
  const docker = (...args: string[]) =>
    run("docker", args, { env: { ...process.env, DOCKER_CONFIG: config } });
  try {
    await docker("build", "--build-arg", "VERSION=1", "--tag", `${registry}/hello:1`, workspace);
    await docker("push", `${registry}/hello:1`);
  } finally {
    await rm(config, { recursive: true });
  }
}

async function servicesOf(ecs: ECSClient) {
  return (
    (await ecs.send(new DescribeServicesCommand({ cluster: "demo", services: ["hello"] })))
      .services ?? []
  );
}

async function runningRevision(ecs: ECSClient): Promise<string> {
  const [service] = await servicesOf(ecs);
  return service?.taskDefinition?.split("/").at(-1) ?? "";
}

/** ministack leaves its tasks running. */
async function removeContainers(): Promise<void> {
  const { stdout } = await run("docker", [
    "ps",
    "--all",
    "--quiet",
    "--filter",
    "name=ministack-ecs-",
  ]);
  const ids = stdout.split("\n").filter(Boolean);
  if (ids.length > 0) await run("docker", ["rm", "--force", ...ids]);
}

const pause = (milliseconds: number) => new Promise((resume) => setTimeout(resume, milliseconds));
