// Cancelled as GitHub's runner does it: SIGINT to main's process alone, which then has ten seconds; or killed, with the post step left.

import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killedMessage } from "../../src/report/message.ts";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { engineAnswers } from "./busybox-image.ts";
import { commitOf, type Deployed, deploy, errorsOf } from "./deployment.ts";
import { descendants, processes, type RunningProcess } from "./process-observer.ts";

/** SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. */
const budget = 10_000;

interface Interrupted extends Deployed {
  /** From the signal to main's end, in milliseconds. */
  readonly took: number;
  /** What main had started when the signal came. */
  readonly children: readonly RunningProcess[];
}

describe.skipIf(!engineAnswers())("a step that is interrupted", () => {
  let account: HelloAccount;
  beforeAll(async () => {
    account = await openHelloAccount({ speed: 20, services: { hello: {} } });
    const slow = [
      "FROM scratch",
      "COPY busybox /bin/busybox",
      'RUN ["/bin/busybox", "sleep", "120"]',
    ];
    await writeFile(join(account.workspace, "hello/Dockerfile.slow"), `${slow.join("\n")}\n`);
  });
  afterAll(() => account?.close());

  /** Sends the signal as soon as the log has the line. */
  async function interrupt(
    version: string,
    at: RegExp,
    signal: NodeJS.Signals,
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<Interrupted> {
    let pid = 0;
    let sentAt = 0;
    let children: readonly RunningProcess[] = [];
    const step = await deploy(account, {
      version,
      inputs,
      onStart: (started) => {
        pid = started;
      },
      onLine: (line) => {
        if (sentAt > 0 || !at.test(line)) return;
        sentAt = Date.now();
        children = descendants(pid);
        process.kill(pid, signal);
      },
    });
    expect(sentAt, `the log has no line like ${at}:\n${step.log.join("\n")}`).toBeGreaterThan(0);
    return { ...step, took: step.endedAt - sentAt, children };
  }

  const revisionThatRuns = () =>
    account.simulator.ecs
      .describeService({ cluster: "demo", service: "hello" })
      .taskDefinition?.split("/")
      .at(-1);

  test("cancelled while the image is built: it ends in time, with its docker, and nothing has changed", async () => {
    const step = await interrupt("cancelled", /^Step 3\/3|RUN .*sleep/, "SIGINT", {
      file: "hello/Dockerfile.slow",
    });
    expect(step.took).toBeLessThan(budget);
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject({ outcome: "cancelled", "reason-code": "Cancelled" });
    expect(errorsOf(step)).toEqual([expect.stringMatching(/^Cancelled: /)]);
    expect(step.summary).toMatch(/^## .*Cancelled/);
    expect(step.children).toContainEqual(
      expect.objectContaining({ command: expect.stringContaining("docker build") }),
    );
    expect(stillThere(step.children)).toEqual([]);
    expect(readdirSync(join(step.folder, "temp"))).toEqual([]);
    expect(account.simulator.ecr.repositories.tags("hello")[commitOf("cancelled")]).toBeUndefined();
    expect(revisionThatRuns()).toBe("hello:1");
  });

  test("killed while the image is built: the post step removes the folder that held the registry's password", async () => {
    const step = await interrupt("killed", /^Step 3\/3|RUN .*sleep/, "SIGKILL", {
      file: "hello/Dockerfile.slow",
    });
    for (const { pid } of stillThere(step.children)) process.kill(pid, "SIGKILL"); // as the runner does at the end of the job
    expect(step.exitCode).not.toBe(0);
    expect(step.postExitCode).toBe(0);
    expect(step.outputs).not.toHaveProperty("outcome");
    expect(step.outputs["message"]).toBe(killedMessage("deploy"));
    expect(step.rawLog).not.toContain("outcome:");
    expect(readdirSync(join(step.folder, "temp"))).toEqual([]);
    expect(revisionThatRuns()).toBe("hello:1");
  });

  test("cancelled during the rollout: the message says that the deployment continues, and it does", async () => {
    const step = await interrupt("2", /deployment ecs-svc\/\d+ has begun/, "SIGINT");
    expect(step.took).toBeLessThan(budget);
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject({
      outcome: "cancelled",
      "reason-code": "Cancelled",
      "task-definition-arn": expect.stringMatching(/hello:2$/),
      "deployment-id": expect.stringMatching(/^ecs-svc\//),
      message: expect.stringMatching(/^❌ Cancelled during the rollout of hello:2 to hello: /),
    });
    const [error, ...others] = errorsOf(step);
    expect(others).toEqual([]);
    expect(error).toMatch(/^Cancelled: /);
    expect(error).toMatch(/hello → hello:2.*\bcontinues\b/);
    await account.steady();
    expect(revisionThatRuns()).toBe("hello:2");
    expect(await account.ask()).toBe("hello from version 2");
  });

  test("cancelled during the rollout, and ECS does not answer the rollback request: the post step repeats it", async () => {
    account.simulator.faults.add("ecs:StopServiceDeployment", { kind: "hang" });
    // A version that does not come up: the rollout is still under way when the post step begins.
    const inputs = { "on-cancel": "rollback", file: "hello/Dockerfile.broken" };
    const step = await interrupt("3", /: 0 of 1 running/, "SIGINT", inputs);
    expect(step.took).toBeLessThan(budget);
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(errorsOf(step)).toEqual([expect.stringMatching(/the post step tries again/)]);
    expect(step.log.join("\n")).toContain("ECS was asked to roll back arn:aws:ecs:");
    await account.steady();
    expect(revisionThatRuns()).toBe("hello:2");
    expect(await account.ask()).toBe("hello from version 2");
  });
});

/** Those that are the same as before: a process id may have gone to another. */
function stillThere(before: readonly RunningProcess[]): readonly RunningProcess[] {
  const now = processes();
  return before.filter(({ pid, command }) =>
    now.some((one) => one.pid === pid && one.command === command),
  );
}
