// Terraform itself, the bundled action and the AWS CLI against the simulator: the root is simulator/terraform, the tasks are scripted.

import { existsSync, readdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitsWith, runs } from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { state } from "../rig/terraform-stand-in.ts";
import { errorsOf } from "./deployment.ts";
import { filesBelow, leaks, watchProcesses } from "./process-observer.ts";
import { openTerraformAccount, type TerraformAccount } from "./terraform-account.ts";
import { notingTerraform, standInPossible } from "./terraform-programs.ts";

const lock = `${state.key}.tflock`;

describe.skipIf(!standInPossible)("a root that Terraform applies", () => {
  let account: TerraformAccount;
  beforeAll(async () => {
    const tags = ["v1", "v2", "v3", "v4", "v5", "v6", "broken", "bad"];
    account = await openTerraformAccount(tags);
    // The rollout must last longer than the action takes from one look to the next.
    account.tasks.set("broken", exitsWith(1, { after: 2_000, pullsFor: 20, startsFor: 20 }));
  });
  afterAll(() => account?.close());

  const shown = (folder: string) => readdirSync(join(folder, "temp"));
  /** A text of the root that is other for the time of the work. */
  async function withRoot<Result>(
    file: string,
    text: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const path = join(account.directory, file);
    const before = existsSync(path) ? await readFile(path, "utf8") : undefined;
    await writeFile(path, text);
    try {
      return await work();
    } finally {
      if (before === undefined) await rm(path);
      else await writeFile(path, before);
    }
  }
  const mainOf = () => readFile(join(account.directory, "main.tf"), "utf8");

  test("the first deployment creates the service, and its migration runs after that", async () => {
    const step = await account.deploy("v1", {
      inputs: { "pre-deploy-command": "alembic upgrade head" },
    });
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      "task-definition-arn": expect.stringMatching(/:1$/),
    });
    expect(step.outputs).not.toHaveProperty("previous-task-definition-arn");
    expect(step.outputs["pre-deploy-task-arn"]).toMatch(/^arn:aws:ecs:/);
    expect(step.summary).toContain("create | `terraform_data.service`");
    expect(account.running()).toBe("clockko-backend:1");
    expect(shown(step.folder)).toEqual([]);
  });

  test("the next deployment: credentials are only in Terraform's environment, and no plan file is left", async () => {
    const {
      result: step,
      commands,
      environments,
    } = await watchProcesses(() => account.deploy("v2"));
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      "previous-image": `${account.registry}/clockko-backend:v1`,
      "task-definition-arn": expect.stringMatching(/clockko-backend:2$/),
    });
    expect(step.log.join("\n")).toContain("Apply complete!");
    expect(step.log.indexOf("▸ Prepare Terraform")).toBeLessThan(
      step.log.indexOf("▸ Use the existing image"),
    );
    const secrets = account.simulator.secrets().filter((secret) => secret !== "");
    const childOf = (text: string) => /TF_IN_AUTOMATION=1/.test(text);
    expect(
      [...environments].some(
        (text) => childOf(text) && secrets.some((secret) => text.includes(secret)),
      ),
    ).toBe(true);
    const strangers = [...environments].filter(
      (text) => !childOf(text) && !/ACTIONS_ID_TOKEN_REQUEST/.test(text),
    );
    expect(strangers.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
    expect([...commands].filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual(
      [],
    );
    expect(
      leaks(secrets, { ...filesBelow(step.folder), ...filesBelow(account.workspace) }),
    ).toEqual([]);
    expect(shown(step.folder)).toEqual([]);
  });

  test("the same again changes nothing", async () => {
    const step = await account.deploy("v2");
    expect(step.outputs).toMatchObject({ outcome: "unchanged" });
    expect(step.exitCode).toBe(0);
    expect(account.running()).toBe("clockko-backend:2");
  });

  test("a dry run plans and applies nothing", async () => {
    const step = await account.deploy("v3", { inputs: { "dry-run": "true" } });
    expect(step.outputs).toMatchObject({ outcome: "planned" });
    expect(step.log.join("\n")).toContain("Would apply infra with Terraform");
    expect(step.summary).toMatch(/^## .*Would apply \d+ changes? with Terraform$/m);
    expect(step.summary).toContain(`${account.registry}/clockko-backend:v3`);
    expect(account.running()).toBe("clockko-backend:2");
    expect(shown(step.folder)).toEqual([]);
  });

  test("a version that exits is rolled back: ECS reports it, and the state drift is reported", async () => {
    const step = await account.deploy("broken");
    expect(step.exitCode).toBe(1);
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", "reason-code": "RolledBack" });
    const [error] = errorsOf(step);
    expect(error).toContain(
      "Terraform applied clockko-backend:3 to clockko-backend, ECS runs clockko-backend:2",
    );
    expect(error).toContain("terraform -chdir=infra apply -var image_tag=v2");
    expect(account.running()).toBe("clockko-backend:2");
  });

  test("if Terraform waits itself and fails because of the rollback, the result of ECS counts", async () => {
    const step = await withRoot("wait.auto.tfvars", "wait_for_steady_state = true\n", () =>
      // Another tag, or Terraform would have nothing to change.
      account.deploy("v1").then(() => account.deploy("broken")),
    );
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", "reason-code": "RolledBack" });
    const [error] = errorsOf(step);
    expect(error).toContain("Terraform reported: local-exec provisioner error");
    expect(step.log.join("\n")).toContain("was rolled back");
  });

  test("a rollback deploys the previous good tag", async () => {
    await account.deploy("v3");
    const step = await account.deploy("", { inputs: { rollback: "true" } });
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      image: `${account.registry}/clockko-backend:v1`,
    });
    expect(step.log.join("\n")).toMatch(
      /Rolling back to the image tag v1: it was the last successful revision before/,
    );
  });

  test("a migration runs with the new revision while the old one serves; if it fails, the service is unchanged", async () => {
    const before = account.running();
    account.tasks.set("migrate bad", exitsWith(3, { after: 100, pullsFor: 20, startsFor: 20 }));
    const step = await account.deploy("bad", {
      inputs: { "pre-deploy-command": "alembic upgrade head" },
    });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "TaskFailed" });
    expect(errorsOf(step)[0]).toContain(`clockko-backend runs ${before}`);
    expect(account.running()).toBe(before);
    const good = await account.deploy("v4", {
      inputs: { "pre-deploy-command": "alembic upgrade head" },
    });
    expect(errorsOf(good)).toEqual([]);
    const revision = good.outputs["task-definition-arn"];
    expect(good.outputs).toMatchObject({ outcome: "succeeded" });
    expect(revision).toMatch(new RegExp(`${account.running()}$`));
    // The task ran with that very revision, not with one of its own.
    expect(
      good.log.filter((line) => line.includes("container backend: alembic upgrade head")),
    ).toEqual([expect.stringContaining(revision?.split("/").at(-1) ?? "?")]);
  });

  test("a variable that the root does not declare is refused before anything is built", async () => {
    const step = await account.deploy("v5", { inputs: { "terraform-image-variable": "tag" } });
    expect(errorsOf(step)).toEqual([expect.stringContaining('declares no variable "tag"')]);
    expect(step.outputs).toMatchObject({
      outcome: "failed",
      "reason-code": "TerraformVariableIgnored",
    });
    expect(step.log).not.toContain("▸ Build and push the image");
  });

  test("a variable file that overrides the image tag is refused", async () => {
    const step = await withRoot("tag.auto.tfvars", 'image_tag = "v2"\n', () =>
      account.deploy("v5"),
    );
    expect(errorsOf(step)).toEqual([
      expect.stringContaining('Terraform plans with image_tag = "v2", not with "v5"'),
    ]);
  });

  test("a root that does not put the tag into its containers is refused", async () => {
    const fixed = (await mainOf()).replace(/:\$\{var\.image_tag\}/, ":v2");
    const step = await withRoot("main.tf", fixed, () => account.deploy("v5"));
    expect(errorsOf(step)).toEqual([
      expect.stringContaining(
        `no planned container has the image ${account.registry}/clockko-backend:v5`,
      ),
    ]);
    expect(step.outputs).toMatchObject({ "reason-code": "TerraformImageNotPlanned" });
  });

  test("deleting or replacing resources is refused unless allowed", async () => {
    const before = account.running();
    const step = await account.deploy("v5", {
      inputs: { "terraform-guard": "terraform_data.task_definition" },
    });
    expect(step.outputs).toMatchObject({ "reason-code": "TerraformPlanBlocked" });
    expect(errorsOf(step)).toEqual([
      expect.stringContaining("terraform_data.service would be replaced"),
    ]);
    expect(account.running()).toBe(before);
  });

  test("a mistake in the root is reported with Terraform's error, at its line", async () => {
    const step = await withRoot("typo.tf", "locals {\n  a = local.b\n}\n", () =>
      account.deploy("v5"),
    );
    expect(step.outputs).toMatchObject({ "reason-code": "TerraformFailed" });
    expect(errorsOf(step)).toEqual([
      expect.stringContaining("Reference to undeclared local value"),
    ]);
    expect(step.rawLog).toMatch(/::error [^:]*file=infra\/typo\.tf,line=2/);
  });

  test("sensitive values are in no log and no summary", async () => {
    const secret = 'variable "api" {\n  sensitive = true\n  default   = "sesame-opens-it"\n}\n';
    const resource =
      'resource "terraform_data" "holder" {\n  input            = var.api\n  triggers_replace = var.image_tag\n}\n';
    const two = () =>
      withRoot("holder.tf", secret + resource, () =>
        account.deploy("v5").then(() => account.deploy("v6")),
      );
    const step = await two();
    expect(errorsOf(step)).toEqual([]);
    expect(step.summary).toContain("terraform_data.holder");
    expect(step.summary).not.toContain("sesame");
    expect(step.log.join("\n")).not.toContain("sesame");
  });

  test("a state that is locked by another run is reported with owner and age, and the lock is not forced", async () => {
    const { s3 } = account.simulator;
    const [id, running] = ["6cc57efb-a9cb-5519-b838-cc8e9a54a2d9", account.running()];
    const created = new Date(Date.now() - 26 * 60_000).toISOString();
    const owner = {
      ID: id,
      Operation: "OperationTypeApply",
      Info: "",
      Who: "ada@laptop",
      Version: "1.11.4",
    };
    const text = JSON.stringify({
      ...owner,
      Created: created,
      Path: `${state.bucket}/${state.key}`,
    });
    s3.write(state.bucket, lock, text);
    const step = await account.deploy("v1", { inputs: { "terraform-lock-timeout": "1s" } });
    expect(step.outputs).toMatchObject({ "reason-code": "TerraformLocked" });
    const [error] = errorsOf(step);
    expect(error).toMatch(/locked by ada@laptop \(OperationTypeApply\) since .*, 26 min/);
    expect(error).toContain(`terraform -chdir=infra force-unlock ${id}`);
    expect(s3.read(state.bucket, lock)).toBe(text);
    expect(account.running()).toBe(running);
    s3.remove(state.bucket, lock);
  });

  test("cancelled during the apply: one SIGINT, the post step waits, and the lock is released", async () => {
    const signals = await notingTerraform();
    let pid = 0;
    account.tasks.set("v3", runs({ pullsFor: 3_000 }));
    const step = await withRoot("wait.auto.tfvars", "wait_for_steady_state = true\n", () =>
      account.deploy("v3", {
        environment: { PATH: `${signals.path}:${process.env["PATH"]}` },
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
        /^Terraform ended before its apply was complete .*, and released its lock/,
      ),
    ]);
    expect(await signals.seen()).toEqual(["INT"]);
    expect(account.simulator.s3.read(state.bucket, lock)).toBeUndefined();
    expect(shown(step.folder)).toEqual([]);
  });

  test("no step used a permission that the table does not list for its inputs", () => {
    const { decisions } = account.simulator.iam;
    expect(decisions.length).toBeGreaterThan(500);
    const refused = decisions.filter(({ allowed }) => !allowed);
    expect(refused.map(({ action, resource }) => `${action} on ${resource}`)).toEqual([]);
  });
});
