// One ECS with scripted tasks on a virtual clock, for the tests of the simulator alone.

import type {
  ContainerDefinition,
  CreateServiceRequest,
  Deployment,
  Service,
  ServiceDeployment,
  Task,
} from "@aws-sdk/client-ecs";
import { VirtualClock } from "../../src/clock.ts";
import type { CallContext, TaskLaunch } from "../../src/contract.ts";
import { createEcs } from "../../src/ecs/ecs.ts";
import { createIam } from "../../src/iam/iam.ts";
import { createLogs } from "../../src/logs/logs.ts";
import { createSecretsManager } from "../../src/secrets-manager/secrets-manager.ts";
import { type Behaviour, runs, scriptedRunner } from "../../src/tasks/scripted-runner.ts";

export const START = Date.UTC(2026, 10, 23, 9, 0, 0);
const context: CallContext = {
  principal: {
    accountId: "123456789012",
    arn: "arn:aws:sts::123456789012:assumed-role/deployer/ci",
    accessKeyId: "ASIA",
  },
  host: "localhost",
  requestId: "test",
};

export const checkedApp: ContainerDefinition = {
  name: "app",
  image: "app:1",
  essential: true,
  portMappings: [{ containerPort: 8080 }],
  healthCheck: { command: ["CMD", "true"] },
};
export const plainApp: ContainerDefinition = { name: "app", image: "app:1", essential: true };

export type World = ReturnType<typeof createTestWorld>;

export function createTestWorld(
  behaviour: (launch: TaskLaunch) => Behaviour = () => runs(),
  clock = new VirtualClock(START),
) {
  const logs = createLogs({ clock });
  const launches: TaskLaunch[] = [];
  const noted = (launch: TaskLaunch) => {
    launches.push(launch);
    return behaviour(launch);
  };
  const runner = scriptedRunner({ clock, behaviour: noted });
  const images = {
    resolve: (reference: string) =>
      reference.startsWith("missing") ? undefined : `sha256:${reference}`,
  };
  const place = { clock, region: "us-east-1", accountId: "123456789012" };
  const secretsManager = createSecretsManager(place);
  const iam = createIam();
  const parameters = new Map<string, string>();
  const repositoryOf = (image: string) =>
    image.startsWith("ecr/")
      ? `arn:aws:ecr:us-east-1:123456789012:repository/${image.slice(4)}`
      : undefined;
  const repositoryDenial = () => undefined;
  const account = { iam, secretsManager, parameters, repositoryOf, repositoryDenial };
  const ecs = createEcs({ ...place, runner, images, logs, account });
  ecs.createCluster("shop");

  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  const call = (operation: string, input: object): any => {
    const found = ecs.service.operations[operation];
    if (!found) throw new Error(`no operation ${operation}`);
    return found(input, context);
  };
  /** Time from the world's start, in seconds. */
  const elapsed = () => (clock.now() - START) / 1000;
  const service = (): Service =>
    call("DescribeServices", { cluster: "shop", services: ["web"] }).services[0];
  const rollouts = (): ServiceDeployment[] => {
    const arns = call("ListServiceDeployments", {
      cluster: "shop",
      service: "web",
    }).serviceDeployments.map((one: ServiceDeployment) => one.serviceDeploymentArn);
    return arns.length === 0
      ? []
      : call("DescribeServiceDeployments", { serviceDeploymentArns: arns }).serviceDeployments;
  };
  return {
    clock,
    logs,
    ecs,
    iam,
    secretsManager,
    parameters,
    launches,
    call,
    elapsed,
    service,
    rollouts,
    rollout: (): ServiceDeployment => rollouts()[0]!,
    deployments: (): Deployment[] => service().deployments ?? [],
    /** Oldest first, without the leading `(service web) `. */
    events: (since = 0): string[] =>
      (service().events ?? [])
        .filter((event) => (event.createdAt?.getTime() ?? 0) >= since)
        .map((event) => event.message?.replace(/^\(service web\)?[ ,]*/, "") ?? "")
        .reverse(),
    register: (containers: ContainerDefinition[] = [checkedApp], more: object = {}): string =>
      call("RegisterTaskDefinition", {
        family: "web",
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        requiresCompatibilities: ["FARGATE"],
        containerDefinitions: containers,
        ...more,
      }).taskDefinition.taskDefinitionArn,
    create: (taskDefinition: string, more: Partial<CreateServiceRequest> = {}): void =>
      call("CreateService", {
        cluster: "shop",
        serviceName: "web",
        taskDefinition,
        desiredCount: 1,
        launchType: "FARGATE",
        networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        ...more,
      }),
    update: (input: object): Service =>
      call("UpdateService", { cluster: "shop", service: "web", ...input }).service,
    tasks: (filter: object = { serviceName: "web" }): Task[] => {
      const arns = call("ListTasks", { cluster: "shop", ...filter }).taskArns;
      return arns.length === 0 ? [] : call("DescribeTasks", { cluster: "shop", tasks: arns }).tasks;
    },
    /** Advances second by second until it is so; the elapsed seconds. */
    until(what: string, is: () => boolean, mostSeconds = 3_600): number {
      for (let second = 0; second <= mostSeconds; second++) {
        if (is()) return elapsed();
        clock.advance(1_000);
      }
      throw new Error(`never: ${what}`);
    },
  };
}

/** A service that runs revision 1, steady. */
export function steadyWorld(
  behaviour?: (launch: TaskLaunch) => Behaviour,
  more: Partial<CreateServiceRequest> = {},
  containers = [checkedApp],
): World {
  const world = createTestWorld(behaviour);
  world.create(world.register(containers), more);
  world.until("steady", () => world.ecs.isSteady({ cluster: "shop", service: "web" }));
  return world;
}

/** The list without what repeats itself. */
export function changes<T>(items: readonly T[]): T[] {
  return items.filter(
    (item, index) => index === 0 || JSON.stringify(item) !== JSON.stringify(items[index - 1]),
  );
}
