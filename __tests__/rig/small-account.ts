// An AWS account with one service, for steps that build nothing: the image is in the repository already. No Docker engine is needed; ECS
// takes its own steps so fast that a rollout is over in a second.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { awsTiming, type Simulator, serve, type Timing } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { type Behaviour, healthyAfter, type TaskLaunch } from "ecs-simulator/tasks";
import type { Step } from "./actions-runner.ts";
import { cluster, createAccount, region, repository, role } from "./scripted-account.ts";

export interface SmallAccount {
  readonly simulator: Simulator;
  readonly cluster: string;
  readonly service: string;
  /** A step that deploys `commit`, as far as it is the same for all. */
  readonly step: Pick<Step, "inputs" | "workspace" | "environment" | "commit">;
  readonly close: () => Promise<void>;
}

export interface SmallAccountOptions {
  readonly commit: string;
  /** What the tasks of the new revision do. Default: they are healthy soon. */
  readonly tasks?: (launch: TaskLaunch) => Behaviour;
  /** The repository has the image of the commit. Default: true. */
  readonly built?: boolean;
}

const speed = 30;
const service = "app";
const soon = { pullsFor: 50, startsFor: 50 };

/** Revision 1 runs when it is ready. */
export async function openSmallAccount({
  commit,
  tasks,
  built = true,
}: SmallAccountOptions): Promise<SmallAccount> {
  const simulator = createAccount({
    clock: new RealClock(),
    services: [service],
    behaviour: (launch) =>
      (launch.revision === 1 ? undefined : tasks?.(launch)) ?? healthyAfter(300, soon),
    timing: timing(),
  });
  if (built) simulator.ecr.repositories.putImage(repository, { tags: [commit] });
  const { url, close } = await serve(simulator);
  const workspace = await mkdtemp(join(tmpdir(), "deploy-ecs-workspace-"));
  await writeFile(join(workspace, "Dockerfile"), "FROM scratch\n");
  while (!simulator.ecs.isSteady({ cluster, service })) await sleep(20);
  return {
    ...{ simulator, cluster, service },
    step: {
      inputs: {
        "role-to-assume": role,
        "aws-region": region,
        "ecr-repository": repository,
        cluster,
        service,
      },
      workspace,
      environment: { HOME: workspace, ...simulator.environment(url) },
      commit,
    },
    async close() {
      await close();
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

function timing(): Partial<Timing> {
  return Object.fromEntries(
    Object.entries(awsTiming).map(([name, milliseconds]) => [name, milliseconds / speed]),
  );
}
