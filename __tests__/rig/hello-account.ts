// An AWS account with a service of examples/hello in it, on the real clock and with real containers: where the demo, the end-to-end
// tests and CI deploy to. Version 1 runs when it is ready.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { Simulator } from "ecs-simulator";
import { type PolicyDocument, putDeployRole } from "ecs-simulator/iam";
import { featureNames } from "../../src/permissions/permissions.ts";
import { policyFor } from "../../tools/docs/deploy-policy.ts";
import { addressesOf, type Front, openContainerAccount, untilSteady } from "./container-account.ts";

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
  /** What a running service answers on `/`; undefined when nothing answers. */
  ask(service?: string): Promise<string | undefined>;
  /** Until no deployment is under way. */
  steady(service?: string): Promise<void>;
  close(): Promise<void>;
}

export interface HelloAccountOptions {
  /** ECS takes its own steps so many times faster than on AWS; containers take the time they take. Default: 4. */
  readonly speed?: number;
  readonly front?: Front;
  /** Default: `123456789012` */
  readonly accountId?: string;
  /** The services of the cluster `demo`, each with a task definition of its own name. Default: `hello`, with a health check. */
  readonly services?: Readonly<Record<string, HelloService>>;
}

export interface HelloService {
  /** Members of the container definition beside those that every service of ours has. */
  readonly container?: Partial<ContainerDefinition>;
  /** Name of a container beside it, which is not essential; its image is in a repository of the same name. */
  readonly sidecar?: string;
  /** Failed tasks at which the circuit breaker trips. Default: as on AWS, 3 for a service this small. */
  readonly breakerThreshold?: number;
}

/** Requests the page of the health check. */
export const healthCheck = {
  command: ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080/health"],
  interval: 5,
  retries: 3,
  startPeriod: 1,
};

export async function openHelloAccount({
  speed = 4,
  services = { hello: { container: { healthCheck } } },
  front,
  accountId,
}: HelloAccountOptions = {}): Promise<HelloAccount> {
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-workspace-"));
  await cp(join(root, "examples/hello"), join(workspace, "hello"), { recursive: true });
  await run(join(root, "examples/hello/prepare"), [join(workspace, "hello")]);
  const { simulator, url, registry, close } = await openContainerAccount(speed, front, accountId);
  const sidecars = Object.values(services).flatMap(({ sidecar }) => sidecar ?? []);
  const roleArn = furnish(simulator, { services: Object.keys(services), sidecars });
  const account = { simulator, url, registry, roleArn, workspace };
  for (const sidecar of sidecars) simulator.ecr.repositories.createRepository(sidecar);
  await pushVersionOne(account, ["hello", ...sidecars]);
  for (const [name, service] of Object.entries(services)) createService(name, service, account);
  const steady = (service = "hello") => untilSteady(account, { cluster: "demo", service });
  await Promise.all(Object.keys(services).map(steady));
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
    ask: async (service = "hello") => ask(await addressesOf(account, { cluster: "demo", service })),
    steady,
    async close() {
      await close();
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

/** What the deploy role may change: services, and repositories beside `hello`. */
interface Furniture {
  readonly services: readonly string[];
  readonly sidecars: readonly string[];
}

function furnish(simulator: Simulator, furniture: Furniture): string {
  const { ecr, ecs, logs } = simulator;
  const roleArn = putDeployRole(simulator, {
    name: "hello-deploy",
    policies: [deployPolicy(simulator, furniture)],
  });
  ecr.repositories.createRepository("hello", {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: ["latest"],
  });
  logs.createGroup("/ecs/hello");
  ecs.createCluster("demo");
  return roleArn;
}

/** What docs/iam.md says for every feature of a step without Terraform. */
function deployPolicy(
  { region, accountId }: Simulator,
  { services, sidecars }: Furniture,
): PolicyDocument {
  const used = featureNames().filter((name) => !name.startsWith("terraform"));
  return policyFor(used, {
    REGION: region,
    ACCOUNT: accountId,
    CLUSTER: "demo",
    SERVICE: services,
    FAMILY: services,
    REPOSITORY: ["hello", "helo", ...sidecars], // a slip of the pen, too: else it is a missing permission, not a missing repository
    BASE_REPOSITORY: [],
    LOG_GROUP: "/ecs/hello",
    TASK_ROLE: [],
    EXECUTION_ROLE: "hello-execution",
  });
}

/** As created by hand, long ago. */
async function pushVersionOne(
  { simulator, registry, workspace }: Pick<HelloAccount, "simulator" | "registry" | "workspace">,
  repositories: readonly string[],
): Promise<void> {
  const config = await mkdtemp(join(tmpdir(), "deploy-ecs-by-hand-"));
  const auth = Buffer.from(`AWS:${simulator.registryPassword()}`).toString("base64");
  await writeFile(
    join(config, "config.json"),
    JSON.stringify({ auths: { [registry]: { auth } } }),
    { mode: 0o600 },
  );
  const docker = (...args: string[]) =>
    run("docker", args, { env: { ...process.env, DOCKER_CONFIG: config } });
  try {
    const images = repositories.map((repository) => `${registry}/${repository}:1`);
    const tags = images.flatMap((image) => ["--tag", image]);
    await docker("build", "--build-arg", "VERSION=1", ...tags, join(workspace, "hello"));
    for (const image of images) await docker("push", image);
  } finally {
    await rm(config, { recursive: true, force: true });
  }
}

function createService(
  name: string,
  { container = {}, sidecar, breakerThreshold }: HelloService,
  { simulator, registry }: Pick<HelloAccount, "simulator" | "registry">,
): void {
  const { ecs, accountId, region } = simulator;
  const options = {
    "awslogs-group": "/ecs/hello",
    "awslogs-region": region,
    "awslogs-stream-prefix": name,
  };
  const hello: ContainerDefinition = {
    name: "hello",
    image: `${registry}/hello:1`,
    essential: true,
    portMappings: [{ containerPort: 8080 }],
    logConfiguration: { logDriver: "awslogs", options },
    ...container,
  };
  const environment = [{ name: "PORT", value: "8081" }];
  const beside = sidecar && {
    name: sidecar,
    image: `${registry}/${sidecar}:1`,
    essential: false,
    environment,
  };
  const { taskDefinitionArn } = ecs.registerTaskDefinition({
    family: name,
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    ...(process.arch === "arm64" && { runtimePlatform: { cpuArchitecture: "ARM64" } }), // tasks run on this machine
    executionRoleArn: `arn:aws:iam::${accountId}:role/hello-execution`,
    containerDefinitions: beside ? [hello, beside] : [hello],
  });
  const thresholdConfiguration = { type: "COUNT", value: breakerThreshold } as const;
  ecs.createService({
    cluster: "demo",
    serviceName: name,
    taskDefinition: taskDefinitionArn,
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    },
    ...(breakerThreshold !== undefined && {
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration },
      },
    }),
  });
}

async function ask(addresses: readonly string[]): Promise<string | undefined> {
  for (const address of addresses) {
    const answer = await fetch(`http://${address}:8080/`, {
      signal: AbortSignal.timeout(3_000),
    }).catch(() => undefined);
    if (answer?.ok) return (await answer.text()).trim();
  }
  return undefined;
}
