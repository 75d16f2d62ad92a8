// An AWS account on the real clock whose tasks are real containers: what the accounts of the examples have in common.

import { DescribeTasksCommand, ECSClient, ListTasksCommand, type Task } from "@aws-sdk/client-ecs";
import { awsTiming, createSimulator, openLoadBalancer, type Simulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { type ContainerRunner, containerRunner } from "ecs-simulator/tasks";

export interface ContainerAccount {
  readonly simulator: Simulator;
  readonly url: string;
  /** The registry's host and port. */
  readonly registry: string;
  close(): Promise<void>;
}

/** What callers reach in the place of the account, for example to record what they say. */
export type Front = (url: string) => Promise<{ readonly url: string; close(): Promise<void> }>;

/**
 * ECS takes its own steps `speed` times faster than on AWS; containers take the time they take.
 * Requests whose `Host` is the endpoint of an Express Mode service go to its tasks.
 */
export async function openContainerAccount(
  speed: number,
  front?: Front,
  accountId = "123456789012",
): Promise<ContainerAccount> {
  const clock = new RealClock();
  const registry = { host: "" }; // known once the server listens; no task starts before
  const tasks: ContainerRunner = containerRunner({
    credentials: (launch) => ({
      registry: registry.host,
      username: "AWS",
      password: simulator.registryPassword(launch),
    }),
    maximumStopTimeout: 5,
  });
  const { stoppedVisible, ...steps } = awsTiming;
  const faster = Object.fromEntries(
    Object.entries(steps).map(([step, milliseconds]) => [step, milliseconds / speed]),
  );
  const simulator = createSimulator({
    clock,
    accountId,
    runner: tasks,
    ecs: { timing: { stoppedVisible, ...faster } },
  });
  const balancer = openLoadBalancer(simulator);
  const server = await serve(simulator, { forward: balancer.forward });
  const { url, close } = (await front?.(server.url)) ?? { url: server.url, close: async () => {} };
  registry.host = new URL(url).host;
  return {
    simulator,
    url,
    registry: registry.host,
    async close() {
      clock.stop(); // a rollout that is still under way ends here
      await close();
      await server.close();
      await balancer.close();
      await tasks.close();
    },
  };
}

export interface ServiceName {
  readonly cluster: string;
  readonly service: string;
}

type Reachable = Pick<ContainerAccount, "simulator" | "url">;

/** Until no deployment of the service is under way. */
export async function untilSteady(account: Reachable, name: ServiceName): Promise<void> {
  for (let waited = 0; !account.simulator.ecs.isSteady(name); waited += 100) {
    if (waited > 120_000) {
      const ended = await describeTasks(account, name, "STOPPED");
      const reasons = ended.map(
        ({ stoppedReason, containers = [] }) => `${stoppedReason}: ${JSON.stringify(containers)}`,
      );
      throw new Error(
        `service ${name.service} did not become steady within two minutes; ${reasons.join("; ")}`,
      );
    }
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** The service's running tasks: asked of ECS, as anybody would. */
export async function runningTasks(
  account: Reachable,
  name: ServiceName,
): Promise<readonly Task[]> {
  return await describeTasks(account, name, "RUNNING");
}

/** Addresses of the service's running tasks. */
export async function addressesOf(
  account: Reachable,
  name: ServiceName,
): Promise<readonly string[]> {
  const tasks = await runningTasks(account, name);
  return tasks.flatMap(({ containers = [] }) =>
    containers.flatMap(({ networkInterfaces = [] }) =>
      networkInterfaces.flatMap(({ privateIpv4Address }) => privateIpv4Address ?? []),
    ),
  );
}

async function describeTasks(
  { simulator: { region }, url }: Reachable,
  { cluster, service }: ServiceName,
  desiredStatus: "RUNNING" | "STOPPED",
): Promise<readonly Task[]> {
  const ecs = new ECSClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName: service, desiredStatus }),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return tasks;
}
