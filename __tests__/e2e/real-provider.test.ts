// The root of examples/clockko as it is, with the AWS provider itself: Terraform, provider and bundled action are real, tasks are
// scripted. It runs only where DEPLOY_ECS_TERRAFORM_PROVIDERS names a folder that has the provider (README.md).

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { exitsWith, healthyAfter } from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepResult } from "../rig/actions-runner.ts";
import { type BootstrapValues, network, state } from "../rig/terraform-stand-in.ts";
import { errorsOf, temporaryFolder } from "./deployment.ts";
import {
  openTerraformAccount,
  type TerraformAccount,
  type TerraformStep,
} from "./terraform-account.ts";

const provider = process.env["DEPLOY_ECS_TERRAFORM_PROVIDERS"];
const service = resolve(import.meta.dirname, "../../examples/clockko/backend/infra/service");

describe.skipIf(!provider)("examples/clockko/backend/infra/service with the AWS provider", () => {
  let account: TerraformAccount;
  let configFile: string;
  beforeAll(async () => {
    account = await openTerraformAccount(["v1", "v2", "v3", "v4", "broken"], putService);
    // Three tasks until the circuit breaker trips: longer than the action's longest pause between two looks.
    account.tasks.set("broken", exitsWith(1, { after: 3_000, pullsFor: 20, startsFor: 20 }));
    configFile = await configurationFor(provider ?? "");
  });
  afterAll(() => account?.close());

  /** With the guard as it is by default. */
  const deploy = (tag: string, { inputs, environment, ...more }: TerraformStep = {}) =>
    account.deploy(tag, {
      inputs: { "terraform-guard": "", file: "infra/service.tf", ...inputs },
      environment: { TF_CLI_CONFIG_FILE: configFile, ...environment },
      ...more,
    });
  /** Rows of the summary's table of changes. */
  const changesIn = ({ summary }: StepResult) =>
    [...summary.matchAll(/^\| (\w+) \| `(aws_[\w.]+)`/gm)]
      .map(([, action, address]) => `${action} ${address}`)
      .sort();
  /** Terraform itself waits for the rollout while this is under way. */
  async function waiting<Result>(work: () => Promise<Result>): Promise<Result> {
    const file = join(account.directory, "wait.auto.tfvars");
    await writeFile(file, "wait_for_steady_state = true\n");
    return work().finally(() => rm(file));
  }

  test("the first deployment creates log group, cluster, task definition and service", async () => {
    const step = await deploy("v1");
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      "task-definition-arn": expect.stringMatching(/:1$/),
    });
    expect(changesIn(step)).toEqual([
      "create aws_cloudwatch_log_group.backend",
      "create aws_ecs_cluster.main",
      "create aws_ecs_service.backend",
      "create aws_ecs_task_definition.backend",
    ]);
    expect(account.running()).toBe("clockko-backend:1");
  });

  test("another image replaces the task definition and updates the service in place, which the guard allows", async () => {
    const step = await deploy("v2");
    expect(errorsOf(step)).toEqual([]);
    expect(changesIn(step)).toEqual([
      "replace aws_ecs_task_definition.backend",
      "update aws_ecs_service.backend",
    ]);
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      "previous-image": `${account.registry}/clockko-backend:v1`,
      "task-definition-arn": expect.stringMatching(/:2$/),
    });
    // skip_destroy: the old revision still exists for a rollback.
    expect(account.simulator.calls.map(({ operation }) => operation)).not.toContain(
      "DeregisterTaskDefinition",
    );
  });

  test("the same again changes nothing", async () => {
    const step = await deploy("v2");
    expect(step.outputs).toMatchObject({ outcome: "unchanged" });
    expect(account.running()).toBe("clockko-backend:2");
  });

  test("a dry run plans and applies nothing", async () => {
    const step = await deploy("v3", { inputs: { "dry-run": "true" } });
    expect(step.outputs).toMatchObject({ outcome: "planned" });
    expect(step.summary).toContain(`${account.registry}/clockko-backend:v3`);
    expect(account.running()).toBe("clockko-backend:2");
  });

  test("a version that exits is rolled back, and the state drift is reported", async () => {
    const step = await deploy("broken");
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", "reason-code": "RolledBack" });
    expect(step.log.join("\n")).toContain("Apply complete!");
    expect(errorsOf(step)[0]).toContain(
      "the Terraform state has clockko-backend:3 for clockko-backend, ECS runs clockko-backend:2",
    );
    expect(account.running()).toBe("clockko-backend:2");
  });

  test("if the provider waits and fails because of the rollback, the result of ECS counts", async () => {
    await steady(account); // until then the revision that came back is no candidate to go back to
    const step = await waiting(() => deploy("broken"));
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", "reason-code": "RolledBack" });
    expect(errorsOf(step)[0]).toMatch(
      /Terraform reported: .*waiting for ECS Service \(.*\) update: /,
    );
    expect(account.running()).toBe("clockko-backend:2");
  });

  test("the next good image removes the drift, and the provider waits for its own deployment", async () => {
    const step = await waiting(() => deploy("v3"));
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({ outcome: "succeeded" });
    expect(step.outputs["task-definition-arn"]).toMatch(new RegExp(`${account.running()}$`));
  });

  test("a migration runs with the revision that Terraform registered in advance", async () => {
    const step = await deploy("v4", { inputs: { "pre-deploy-command": "alembic upgrade head" } });
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({ outcome: "succeeded" });
    expect(step.outputs["task-definition-arn"]).toMatch(new RegExp(`${account.running()}$`));
    const migration = step.log.filter((line) =>
      line.includes("container backend: alembic upgrade head"),
    );
    expect(migration).toEqual([expect.stringContaining(account.running() ?? "?")]);
  });

  test("cancelled during the apply: the provider finishes, and Terraform releases its lock", async () => {
    await steady(account);
    account.tasks.set("v1", healthyAfter(200, { pullsFor: 10_000, startsFor: 20, stopsFor: 20 }));
    let pid = 0;
    const step = await waiting(() =>
      deploy("v1", {
        onStart: (started) => {
          pid ||= started;
        },
        onLine: (line) => {
          if (/has started, clockko-backend:/.test(line)) process.kill(pid, "SIGINT");
        },
      }),
    );
    expect(step.outputs).toMatchObject({ outcome: "cancelled" });
    expect(errorsOf(step)[0]).toContain("Terraform was asked to stop (one SIGINT)");
    expect(
      step.annotations.filter(({ level }) => level === "warning").map(({ message }) => message),
    ).toEqual([
      expect.stringMatching(
        /^Terraform ended before its apply was complete .*, and released its lock[\s\S]*context canceled/,
      ),
    ]);
    expect(account.simulator.s3.read(state.bucket, `${state.key}.tflock`)).toBeUndefined();
  });

  test("the job run again watches the deployment in progress", async () => {
    const step = await waiting(() => deploy("v1"));
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({ outcome: "succeeded" });
    expect(step.outputs["task-definition-arn"]).toMatch(new RegExp(`${account.running()}$`));
    expect(step.log).toContain("Terraform reports no changes.");
  });

  test("nothing was denied: the provider needs only what the table of permissions allows", () => {
    const { decisions } = account.simulator.iam;
    const refused = decisions.filter(({ allowed }) => !allowed);
    expect(refused.map(({ action, resource }) => `${action} on ${resource}`)).toEqual([]);
    expect(decisions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["s3:PutObject", "ecs:UpdateService"]),
    );
  });
});

async function steady({ simulator }: TerraformAccount): Promise<void> {
  const deployments = () =>
    simulator.ecs.describeService({ cluster: "clockko", service: "clockko-backend" }).deployments;
  await expect
    .poll(deployments, { timeout: 30_000 })
    .toMatchObject([{ rolloutState: "COMPLETED" }]);
}

/** The root as it stands, with what `bootstrap` would have written. */
async function putService(folder: string, values: BootstrapValues): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of (await readdir(service)).filter((name) => name.endsWith(".tf"))) {
    await cp(join(service, file), join(folder, file));
  }
  await writeFile(
    join(folder, "bootstrap.auto.tfvars.json"),
    JSON.stringify({ ...values, ...network }),
  );
}

/** Terraform takes the provider from the folder. https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation */
async function configurationFor(mirror: string): Promise<string> {
  if (!existsSync(join(mirror, "registry.terraform.io/hashicorp/aws")))
    throw new Error(`no AWS provider in ${mirror}`);
  const file = join(await temporaryFolder(), "terraformrc");
  await writeFile(
    file,
    `provider_installation {\n  filesystem_mirror {\n    path = "${resolve(mirror)}"\n  }\n}\n`,
  );
  return file;
}
