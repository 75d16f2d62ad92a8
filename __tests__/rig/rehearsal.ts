// A checkout of examples/hello with a task definition, and the action `rehearse` on it: without AWS, with real containers.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { runStep, type Step, type StepResult } from "./actions-runner.ts";
import { healthCheck } from "./hello-account.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Version 1 of hello on the engine: what other versions are built from. */
export const baseImage = "hello-rehearsal:1";

export interface HelloCheckout {
  readonly workspace: string;
  readonly close: () => Promise<void>;
}

export async function openHelloCheckout(): Promise<HelloCheckout> {
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-rehearsal-"));
  await cp(join(root, "examples/hello"), join(workspace, "hello"), { recursive: true });
  await run(join(root, "examples/hello/prepare"), [join(workspace, "hello")]);
  await run("docker", ["build", "--tag", baseImage, join(workspace, "hello")]);
  return {
    workspace,
    async close() {
      await run("docker", ["rmi", "--force", baseImage]);
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

export interface HelloTask {
  /** Names its files in the checkout. */
  readonly name: string;
  /** The Dockerfile after `FROM` version 1, or the whole of it. */
  readonly dockerfile: string;
  /** Members of the container definition beside those that every service of ours has. */
  readonly container?: Partial<ContainerDefinition>;
  /** More containers. */
  readonly beside?: readonly ContainerDefinition[];
}

/** Inputs of the step that rehearses this version. */
export async function writeHelloTask(
  { workspace }: Pick<HelloCheckout, "workspace">,
  { name, dockerfile, container = { healthCheck }, beside = [] }: HelloTask,
): Promise<Readonly<Record<string, string>>> {
  const text = dockerfile.startsWith("FROM ") ? dockerfile : `FROM ${baseImage}\n${dockerfile}`;
  await writeFile(join(workspace, `hello/${name}.Dockerfile`), text);
  await writeFile(
    join(workspace, `${name}.json`),
    JSON.stringify({
      family: name,
      cpu: "256",
      memory: "512",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      ...(process.arch === "arm64" && { runtimePlatform: { cpuArchitecture: "ARM64" } }),
      executionRoleArn: "arn:aws:iam::210987654321:role/hello-execution",
      containerDefinitions: [
        {
          name: "hello",
          image: "210987654321.dkr.ecr.eu-central-1.amazonaws.com/hello:1",
          essential: true,
          portMappings: [{ containerPort: 8080 }],
          logConfiguration: {
            logDriver: "awslogs",
            options: {
              "awslogs-group": "/ecs/hello",
              "awslogs-region": "eu-central-1",
              "awslogs-stream-prefix": name,
            },
          },
          ...container,
        },
        ...beside,
      ],
    }),
  );
  return {
    "ecr-repository": "hello",
    context: "hello",
    file: `hello/${name}.Dockerfile`,
    "task-definition": `${name}.json`,
    "container-name": "hello",
  };
}

export async function rehearse(
  { workspace }: Pick<HelloCheckout, "workspace">,
  step: Pick<Step, "inputs"> & Partial<Pick<Step, "onLine" | "onStart" | "environment">>,
): Promise<StepResult> {
  const host = process.env["DOCKER_HOST"];
  const result = await runStep({
    ...step,
    action: "rehearse",
    workspace,
    environment: {
      HOME: workspace,
      ...(host !== undefined && { DOCKER_HOST: host }),
      ...step.environment,
    },
    commit: "2".repeat(40),
  });
  await rm(result.folder, { recursive: true });
  return result;
}
