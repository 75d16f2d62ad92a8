// An account with Clockko's repository in it, on the real clock, whose service Terraform makes: tasks are scripted, Terraform is real.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsTiming, createSimulator, type Simulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { putDeployRole } from "ecs-simulator/iam";
import {
  type Behaviour,
  exitsWith,
  healthyAfter,
  scriptedRunner,
  type TaskLaunch,
} from "ecs-simulator/tasks";
import type { PolicyStatement } from "../../tools/docs/deploy-policy.ts";
import { runStep, type Step, type StepResult } from "../rig/actions-runner.ts";
import { backendConfig, putStandIn, standInGuard, state } from "../rig/terraform-stand-in.ts";
import { featuresOf, statementsOf } from "./terraform-policy.ts";

export interface TerraformStep extends Partial<Step> {
  /** Takes from what the deploy role may do. */
  readonly policy?: (statements: readonly PolicyStatement[]) => readonly PolicyStatement[];
}

export interface TerraformAccount {
  readonly simulator: Simulator;
  readonly workspace: string;
  /** The registry's host and port. */
  readonly registry: string;
  /** The root, in the workspace. */
  readonly directory: string;
  /** What the tasks of an image do from now on; by its tag, and `migrate TAG` for a task outside of the service. */
  readonly tasks: Map<string, Behaviour>;
  /** One step with the image of this tag, which the repository has. Its role may do what the table says for its inputs, and no more. */
  deploy(tag: string, more?: TerraformStep): Promise<StepResult>;
  /** What the service runs: `clockko-backend:2`. */
  running(): string | undefined;
  close(): Promise<void>;
}

const roleName = "clockko-gha-role";
const ended = exitsWith(0, { after: 100, pullsFor: 20, startsFor: 20 });
const quick = healthyAfter(200, { pullsFor: 20, startsFor: 20, stopsFor: 20 });

/** @param put puts the root into the folder; default: the one that stands in for the AWS provider */
export async function openTerraformAccount(
  tags: readonly string[],
  put = putStandIn,
): Promise<TerraformAccount> {
  const folder = await mkdtemp(join(tmpdir(), "deploy-ecs-terraform-"));
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  const clock = new RealClock();
  const tasks = new Map<string, Behaviour>();
  const behaviour = ({ containers: [first], serviceName }: TaskLaunch) => {
    const tag = first?.image.split(":").at(-1) ?? "";
    return serviceName === undefined
      ? (tasks.get(`migrate ${tag}`) ?? ended)
      : (tasks.get(tag) ?? quick);
  };
  const steps = Object.entries(awsTiming).map(([step, milliseconds]) => [step, milliseconds / 20]);
  const simulator = createSimulator({
    clock,
    runner: scriptedRunner({ clock, behaviour }),
    ecs: { timing: { ...Object.fromEntries(steps), stoppedVisible: awsTiming.stoppedVisible } },
  });
  const { accountId, region, ecr, ecs, secretsManager, s3 } = simulator;
  s3.createBucket(state.bucket);
  ecr.repositories.createRepository("clockko-backend", {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    exclusions: ["latest"],
  });
  for (const tag of tags)
    ecr.repositories.putImage("clockko-backend", { tags: [tag], layers: [tag] });
  const server = await serve(simulator);
  const registry = new URL(server.url).host;
  await put(join(workspace, "infra"), {
    ...{
      account_id: accountId,
      region,
      project: "clockko",
      cpu_architecture: "X86_64",
      desired_count: 1,
    },
    ecr_repository_url: `${registry}/clockko-backend`,
    execution_role_arn: `arn:aws:iam::${accountId}:role/clockko-backend-execution`,
    task_role_arn: `arn:aws:iam::${accountId}:role/clockko-backend-task`,
    database_secret_arn: secretsManager.put(
      "clockko/database-url",
      "postgresql://app:not-shown@db/clockko",
    ),
  });
  const place = { cluster: "clockko", service: "clockko-backend" };
  const allow = async (
    inputs: Readonly<Record<string, string>>,
    policy: TerraformStep["policy"],
  ) => {
    const features = await featuresOf(inputs, !isThere(ecs, place));
    const statements = statementsOf(features, simulator);
    const policies = [{ Version: "2012-10-17", Statement: policy?.(statements) ?? statements }];
    putDeployRole(simulator, { name: roleName, policies });
  };
  const folders: string[] = [];
  return {
    ...{ simulator, workspace, registry, tasks, directory: join(workspace, "infra") },
    async deploy(tag, { inputs: given, environment, policy, ...more } = {}) {
      const inputs = {
        ...{ "role-to-assume": `arn:aws:iam::${accountId}:role/${roleName}`, "aws-region": region },
        ...{
          ...place,
          "ecr-repository": "clockko-backend",
          "image-tag": tag,
          "latest-tag": "none",
        },
        ...{ "terraform-directory": "infra", "terraform-backend-config": backendConfig(region) },
        ...{ "terraform-guard": standInGuard, context: "infra", file: "infra/main.tf" },
        ...given,
      };
      await allow(inputs, policy);
      const step = await runStep({
        ...{ workspace, commit: "7c2d1f0a9b8e7d6c5b4a39281706f5e4d3c2b1a0", inputs },
        environment: { ...simulator.environment(server.url), ...environment },
        ...more,
      });
      folders.push(step.folder);
      return step;
    },
    running: () => ecs.describeService(place).taskDefinition?.split("/").at(-1),
    async close() {
      clock.stop();
      await server.close();
      for (const one of [folder, ...folders]) await rm(one, { recursive: true, force: true });
    },
  };
}

function isThere(
  { describeService }: Simulator["ecs"],
  place: { readonly cluster: string; readonly service: string },
) {
  try {
    return describeService(place).status === "ACTIVE";
  } catch {
    return false;
  }
}
