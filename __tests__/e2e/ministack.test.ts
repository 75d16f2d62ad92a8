// The bundled action on ministack, a third-party AWS simulator, with real containers: our own simulator's view of AWS is not a proof.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonPackages } from "../rig/python-packages.ts";
import { engineAnswers } from "./busybox-image.ts";
import { deploy, errorsOf } from "./deployment.ts";
import { openSecondAws, type SecondAws } from "./ministack-account.ts";

const packages = engineAnswers() ? pythonPackages("emulator") : undefined;

describe.skipIf(!packages)("on ministack (needs Python with pip)", () => {
  let account: SecondAws;
  beforeAll(async () => {
    account = await openSecondAws(packages ?? "");
  });
  afterAll(() => account?.close());

  test("a good version is built, pushed, rolled out and found running", async () => {
    const step = await deploy(account, { version: "2" });
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({ outcome: "succeeded", "image-reused": "false" });
    expect(step.exitCode).toBe(0);
    expect(step.outputs["task-definition-arn"]).toMatch(/hello:2$/);
    expect(await account.running()).toBe("hello:2");
  });

  test("a version that exits at start is rolled back, and the step fails", async () => {
    const step = await deploy(account, { version: "3", inputs: { file: "Dockerfile.broken" } });
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", "reason-code": "RolledBack" });
    expect(step.exitCode).toBe(1);
    expect(await account.running()).toBe("hello:2");
  });

  test("a migration runs before the update, and its exit code counts", async () => {
    const good = await deploy(account, {
      version: "4",
      inputs: { "pre-deploy-command": '["echo", "migrated"]' },
    });
    expect(errorsOf(good)).toEqual([]);
    expect(good.outputs["outcome"]).toBe("succeeded");
    expect(good.log.join("\n")).toContain("migrated");
    const before = await account.running();
    const bad = await deploy(account, {
      version: "5",
      inputs: { "pre-deploy-command": '["sh", "-c", "exit 3"]' },
    });
    expect(bad.outputs).toMatchObject({ outcome: "failed", "reason-code": "TaskFailed" });
    expect(errorsOf(bad).join()).toContain("exit code 3");
    expect(await account.running()).toBe(before);
  });

  test("an unknown service is refused before anything is built", async () => {
    const step = await deploy(account, { version: "6", inputs: { service: "helo" } });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "ServiceNotFound" });
    expect(step.rawLog).not.toContain("Building ");
  });
});
