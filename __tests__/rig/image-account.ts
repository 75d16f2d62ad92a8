// An account with one service and one repository, over HTTP and with a real registry; its tasks are scripted, for only images matter here.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type HttpServer, type Simulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { type PolicyDocument, putDeployRole } from "ecs-simulator/iam";
import { runs, scriptedRunner } from "ecs-simulator/tasks";
import { policyFor } from "../../tools/docs/deploy-policy.ts";

export interface ImageAccount {
  readonly simulator: Simulator;
  readonly url: string;
  /** The registry's host and port. */
  readonly registry: string;
  /** A checkout with a Dockerfile in it. */
  readonly workspace: string;
  /** Where the registry keeps what it was given, a file each. */
  readonly blobs: string;
  readonly inputs: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const repositories = { IMMUTABLE_WITH_EXCLUSION: ["latest", "moving-*"] } as const;

export async function openImageAccount(dockerfile: string): Promise<ImageAccount> {
  const workspace = mkdtempSync(join(tmpdir(), "deploy-ecs-workspace-"));
  const blobs = mkdtempSync(join(tmpdir(), "deploy-ecs-blobs-"));
  execFileSync("examples/hello/prepare", [workspace]);
  writeFileSync(join(workspace, "Dockerfile"), dockerfile);
  const clock = new RealClock();
  const simulator = createSimulator({
    clock,
    runner: scriptedRunner({ clock, behaviour: () => runs() }),
    ecr: { blobFolder: blobs },
  });
  const server: HttpServer = await serve(simulator);
  const registry = new URL(server.url).host;
  furnish(simulator, registry);
  return {
    simulator,
    url: server.url,
    registry,
    workspace,
    blobs,
    inputs: {
      "aws-region": simulator.region,
      "role-to-assume": `arn:aws:iam::${simulator.accountId}:role/deploy`,
      "ecr-repository": "app",
      cluster: "demo",
      service: "app",
      "wait-for-service-stability": "false",
    },
    async close() {
      await server.close();
      rmSync(workspace, { recursive: true, force: true });
      rmSync(blobs, { recursive: true, force: true });
    },
  };
}

function furnish(simulator: Simulator, registry: string): void {
  const { ecr, ecs } = simulator;
  putDeployRole(simulator, { name: "deploy", policies: [policyOf(simulator)] });
  ecr.repositories.createRepository("app", {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: repositories.IMMUTABLE_WITH_EXCLUSION,
  });
  ecr.repositories.putImage("app", { tags: ["v0"] });
  ecs.createCluster("demo");
  const cpuArchitecture = process.arch === "arm64" ? "ARM64" : "X86_64";
  const { taskDefinitionArn } = ecs.registerTaskDefinition({
    family: "app",
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    runtimePlatform: { cpuArchitecture, operatingSystemFamily: "LINUX" },
    containerDefinitions: [{ name: "app", image: `${registry}/app:v0`, essential: true }],
  });
  ecs.createService({
    cluster: "demo",
    serviceName: "app",
    taskDefinition: taskDefinitionArn,
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    },
  });
}

/**
 * The default policy of docs/iam.md and what several tags and a cache in the repository need; the tests do not wait for a verdict.
 * @param base repository that Dockerfiles may name in FROM, and no more
 */
export function policyOf(
  { region, accountId }: Simulator,
  repositories: readonly string[] = ["app", "base"],
  base: readonly string[] = [],
): PolicyDocument {
  const used = [
    "service",
    "repository",
    "push",
    "platformCheck",
    "latestTag",
    "additionalTags",
  ] as const;
  return policyFor([...used, "taskDefinition", "update", "preflight", "cache", "baseImage"], {
    REGION: region,
    ACCOUNT: accountId,
    CLUSTER: "demo",
    SERVICE: "app",
    FAMILY: "app",
    REPOSITORY: repositories,
    BASE_REPOSITORY: base,
    TASK_ROLE: [],
    EXECUTION_ROLE: [],
  });
}
