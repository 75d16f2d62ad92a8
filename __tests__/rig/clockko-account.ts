// An AWS account as examples/clockko's `bootstrap/` leaves it, on the real clock and with real containers: repository, cluster, log
// group, roles with their policies, a real PostgreSQL as RDS, and its URL in Secrets Manager. No service yet, and no image.

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "ecs-simulator";
import { putDeployRole, putTaskRole } from "ecs-simulator/iam";
import { policyFor } from "../../tools/docs/deploy-policy.ts";
import { clockkoFeatures } from "../../tools/docs/policy-docs.ts";
import { backendFolder, localBase, makeBaseImage } from "./clockko-image.ts";
import {
  addressesOf,
  type ContainerAccount,
  openContainerAccount,
  untilSteady,
} from "./container-account.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { state } from "./terraform-stand-in.ts";

const clockko = { cluster: "clockko", service: "clockko-backend" } as const;

const repository = "clockko-backend";
const logGroup = "/ecs/clockko-backend";
const database = "clockko_app";

export interface ClockkoAccount extends ContainerAccount {
  /** A checkout with the backend in `backend/`. */
  readonly workspace: string;
  readonly roles: Roles;
  /** Of the secret that holds the database's URL. */
  readonly secretArn: string;
  /** What a query answers in Clockko's database, a row a line; asked past the service. */
  query(sql: string): string;
  /** What the service answers; undefined when no task does. With a body: POST. */
  ask(path: string, body?: object): Promise<unknown>;
}

interface Roles {
  readonly deploy: string;
  readonly execution: string;
  readonly task: string;
}

export async function openClockkoAccount(speed = 8): Promise<ClockkoAccount> {
  await makeBaseImage();
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-workspace-"));
  const ours = (path: string) => !/\/(infra|\.venv|__pycache__|\.pytest_cache)$/.test(path);
  await cp(backendFolder, join(workspace, "backend"), { recursive: true, filter: ours });
  const postgres: Postgres = await startPostgres();
  const account = await openContainerAccount(speed);
  const { simulator } = account;
  const secretArn = simulator.secretsManager.put(
    "clockko/database-url",
    postgres.createDatabase(database),
  );
  return {
    ...account,
    workspace,
    secretArn,
    roles: await furnish(simulator, secretArn),
    query: (sql) => postgres.query(sql, database),
    ask: async (path, body) => ask(await addressesOf(account, clockko), path, body),
    async close() {
      await account.close();
      await postgres.stop();
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

/** Inputs of examples/clockko's workflow, and those that a local base image takes. */
export function clockkoInputs(
  { simulator, roles }: ClockkoAccount,
  version: string,
): Readonly<Record<string, string>> {
  const buildArguments = { ...localBase, APP_VERSION: version };
  return {
    ...clockko,
    "role-to-assume": roles.deploy,
    "aws-region": simulator.region,
    "ecr-repository": repository,
    "latest-when": "succeeded",
    context: "backend",
    "build-args": Object.entries(buildArguments)
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
    "pre-deploy-command": "alembic upgrade head",
  };
}

/** A service without tasks, because there is no image yet; otherwise as Terraform creates it. */
export async function createEmptyService(account: ClockkoAccount): Promise<void> {
  const { simulator, registry, roles, secretArn } = account;
  const { ecs, region } = simulator;
  const options = {
    "awslogs-group": logGroup,
    "awslogs-region": region,
    "awslogs-stream-prefix": "ecs",
  };
  const { taskDefinitionArn } = ecs.registerTaskDefinition({
    family: clockko.service,
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    ...(process.arch === "arm64" && { runtimePlatform: { cpuArchitecture: "ARM64" } }), // tasks run on this machine
    executionRoleArn: roles.execution,
    taskRoleArn: roles.task,
    containerDefinitions: [
      {
        name: "backend",
        image: `${registry}/${repository}:none-yet`,
        essential: true,
        portMappings: [{ containerPort: 8000 }],
        secrets: [{ name: "DATABASE_URL", valueFrom: secretArn }],
        healthCheck: {
          command: ["CMD", "python", "-m", "clockko.healthcheck"],
          ...{ interval: 5, timeout: 5, retries: 3, startPeriod: 20 },
        },
        readonlyRootFilesystem: true,
        logConfiguration: { logDriver: "awslogs", options },
      },
    ],
  });
  ecs.createService({
    cluster: clockko.cluster,
    serviceName: clockko.service,
    taskDefinition: taskDefinitionArn,
    desiredCount: 0,
    launchType: "FARGATE",
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ["subnet-1", "subnet-2"], securityGroups: ["sg-1"] },
    },
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  await untilSteady(account, clockko);
}

async function furnish(simulator: Simulator, secretArn: string): Promise<Roles> {
  const { accountId, region, ecr, ecs, logs } = simulator;
  ecr.repositories.createRepository(repository, {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: ["latest"],
  });
  logs.createGroup(logGroup);
  ecs.createCluster(clockko.cluster);
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${region}:${accountId}:${resource}`;
  const allow = (Action: readonly string[], Resource: string) => ({
    Effect: "Allow" as const,
    Action,
    Resource,
  });
  const execution = [
    allow(["ecr:GetAuthorizationToken"], "*"),
    allow(
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      arn("ecr", `repository/${repository}`),
    ),
    allow(
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      arn("logs", `log-group:${logGroup}:log-stream:*`),
    ),
    allow(["secretsmanager:GetSecretValue"], secretArn),
  ];
  const [executionRole, taskRole] = ["clockko-backend-execution", "clockko-backend-task"];
  const policy = policyFor(await clockkoFeatures(), {
    ...{ REGION: region, ACCOUNT: accountId, CLUSTER: clockko.cluster, SERVICE: clockko.service },
    ...{ FAMILY: clockko.service, REPOSITORY: repository, LOG_GROUP: logGroup },
    ...{
      TASK_ROLE: taskRole,
      EXECUTION_ROLE: executionRole,
      STATE_BUCKET: state.bucket,
      STATE_KEY: state.key,
    },
  });
  return {
    deploy: putDeployRole(simulator, { name: "clockko-gha-role", policies: [policy] }),
    execution: putTaskRole(simulator, executionRole, [
      { Version: "2012-10-17", Statement: execution },
    ]),
    task: putTaskRole(simulator, taskRole, []),
  };
}

async function ask(
  addresses: readonly string[],
  path: string,
  body: object | undefined,
): Promise<unknown> {
  const post = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  for (const address of addresses) {
    const options = { ...(body && post), signal: AbortSignal.timeout(5_000) };
    const answer = await fetch(`http://${address}:8000${path}`, options).catch(() => undefined);
    if (answer?.ok) return answer.json();
  }
  return undefined;
}
