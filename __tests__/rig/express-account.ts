// An empty AWS account with the roles and the image repository that ECS Express Mode needs, on the real clock and with real
// containers. The simulator's load balancer answers for the service's URL.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Simulator } from "ecs-simulator";
import { iamArn, type PolicyDocument, putDeployRole, putTaskRole } from "ecs-simulator/iam";
import { policyFor } from "../../tools/docs/deploy-policy.ts";
import { startFeatures } from "../../tools/docs/start-policy.ts";
import { type ContainerAccount, type Front, openContainerAccount } from "./container-account.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

export interface ExpressAccount extends ContainerAccount {
  /** A checkout with examples/hello in `hello/`. */
  readonly workspace: string;
  /** Inputs of the step that are the same for every deployment. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What a URL of a service answers on `path`. */
  ask(url: string, path?: string): Promise<Page>;
}

export interface Page {
  readonly status: number;
  readonly firstLine: string;
}

/** Names of services, ECR repositories and roles begin with it. */
const service = "hello";

/** @param speed ECS takes its own steps so many times faster than on AWS, the minutes of the canary included */
export async function openExpressAccount(speed = 20, front?: Front): Promise<ExpressAccount> {
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-workspace-"));
  await cp(join(root, "examples/hello"), join(workspace, service), { recursive: true });
  await run(join(root, "examples/hello/prepare"), [join(workspace, service)]);
  const account = await openContainerAccount(speed, front);
  const roles = await furnish(account.simulator);
  return {
    ...account,
    workspace,
    inputs: {
      "role-to-assume": roles.deploy,
      "aws-region": account.simulator.region,
      "ecr-repository": service,
      service,
      context: service,
      express: express(roles),
    },
    ask: (url, path = "/") => askBalancer(account.url, new URL(path, url)),
    async close() {
      await account.close();
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

interface Roles {
  readonly deploy: string;
  readonly execution: string;
  readonly infrastructure: string;
}

function express({ execution, infrastructure }: Roles): string {
  const lines = [
    `infrastructureRoleArn: ${infrastructure}`,
    `executionRoleArn: ${execution}`,
    "containerPort: 8080",
    "healthCheckPath: /health",
    'cpu: "256"',
    'memory: "512"',
  ];
  if (process.arch === "arm64") lines.push("cpuArchitecture: ARM64"); // tasks run on this machine
  return lines.join("\n");
}

/** AWS's managed policy AmazonECSTaskExecutionRolePolicy. */
export const executionPolicy = allow([
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:BatchGetImage",
  "logs:CreateLogStream",
  "logs:PutLogEvents",
]);

/** What the stack of examples/start creates. */
async function furnish(simulator: Simulator): Promise<Roles> {
  const { accountId, region, ecr, roles } = simulator;
  ecr.repositories.createRepository(service, {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: ["latest"],
  });
  const policy = policyFor(await startFeatures(), {
    REGION: region,
    ACCOUNT: accountId,
    CLUSTER: "default",
    SERVICE: service,
    FAMILY: [`default-${service}`, `default-${service}-*`],
    REPOSITORY: service,
    LOG_GROUP: `/aws/ecs/default/${service}-*`,
    TASK_ROLE: [],
    EXECUTION_ROLE: `${service}-execution`,
    INFRASTRUCTURE_ROLE: `${service}-infrastructure`,
  });
  const infrastructure = iamArn({ region, accountId }, `role/${service}-infrastructure`);
  roles.put({
    roleArn: infrastructure,
    trustPolicy: {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Service: "ecs.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    },
    policies: [allow(["ec2:DescribeAccountAttributes"])],
  });
  return {
    deploy: putDeployRole(simulator, { name: `${service}-deploy`, policies: [policy] }),
    execution: putTaskRole(simulator, `${service}-execution`, [executionPolicy]),
    infrastructure,
  };
}

function allow(Action: readonly string[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource: "*" } };
}

/** The load balancer stands at the simulator's own port, for requests whose `Host` is the URL's. */
function askBalancer(balancer: string, { host, pathname }: URL): Promise<Page> {
  return new Promise((answered, failed) => {
    const options = { path: pathname, headers: { host }, timeout: 10_000 };
    const asked = request(balancer, options, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const [firstLine = ""] = Buffer.concat(chunks).toString().split("\n");
      answered({ status: response.statusCode ?? 0, firstLine });
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer within ten seconds")));
    asked.once("error", failed);
    asked.end();
  });
}
