// Mistakes in the `with:` block, through the bundle: each is named, and not one call leaves the process.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSimulator, type HttpServer, type Simulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { scriptedRunner } from "ecs-simulator/tasks";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HelloAccount } from "../rig/hello-account.ts";
import { deploy, errorsOf, notingDocker, temporaryFolder } from "./deployment.ts";

let simulator: Simulator;
let server: HttpServer;
let account: Pick<HelloAccount, "inputs" | "simulator" | "url" | "workspace">;

beforeAll(async () => {
  const clock = new RealClock();
  simulator = createSimulator({ clock, runner: scriptedRunner({ clock }) });
  server = await serve(simulator);
  const workspace = await temporaryFolder();
  await mkdir(join(workspace, "hello"));
  await writeFile(join(workspace, "hello/Dockerfile"), "FROM scratch\n");
  const inputs = {
    "role-to-assume": "arn:aws:iam::123456789012:role/hello-deploy",
    "aws-region": "us-east-1",
    "ecr-repository": "hello",
    cluster: "demo",
    service: "hello",
    context: "hello",
  };
  account = { simulator, url: server.url, workspace, inputs };
});
afterAll(() => server?.close());

async function refused(inputs: Readonly<Record<string, string>>): Promise<string> {
  const docker = await notingDocker();
  const step = await deploy(account, { version: "2", inputs, environment: { PATH: docker.path } });
  expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
  expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "InvalidInput" });
  expect(simulator.calls).toEqual([]);
  expect(await docker.calls()).toEqual([]);
  const [error = "", ...others] = errorsOf(step);
  expect(others).toEqual([]);
  expect(step.summary).toMatch(/^## ❌ Invalid input; nothing was changed/);
  return error;
}

test.each([
  [
    "a boolean in other words",
    { "wait-for-service-stability": "yes" },
    /wait-for-service-stability: .*"true" or "false".*"yes"/,
  ],
  [
    "a tag with a slash",
    { "image-tag": "feature/x" },
    /image-tag: .*"feature\/x".*"feature-x" would do/,
  ],
  ["a Dockerfile that is not there", { file: "Dockerfile.prod" }, /file: .*"Dockerfile\.prod"/],
  ["a context that is not there", { context: "frontend" }, /context: .*"frontend"/],
  [
    "a role's name in the place of its ARN",
    { "role-to-assume": "hello-deploy" },
    /role-to-assume: .*ARN.*"hello-deploy"/,
  ],
  ["an empty region", { "aws-region": "" }, /aws-region: required/],
  [
    "a region's name as people say it",
    { "aws-region": "Ireland" },
    /aws-region: .*us-east-1.*"Ireland"/,
  ],
  [
    "a repository's URI",
    { "ecr-repository": "123456789012.dkr.ecr.us-east-1.amazonaws.com/hello" },
    /just the name: hello/,
  ],
])("%s", async (_, inputs, problem) => {
  const error = await refused(inputs);
  expect(error).toMatch(/^InvalidInput: Input /);
  expect(error).toMatch(problem);
});

test("all mistakes are reported together", async () => {
  const error = await refused({
    "aws-region": "",
    "role-to-assume": "hello-deploy",
    "image-tag": "feature/x",
    "wait-for-service-stability": "yes",
    file: "Dockerfile.prod",
  });
  expect(error).toMatch(/^InvalidInput: 5 inputs are wrong:\n/);
  for (const name of [
    "aws-region",
    "role-to-assume",
    "image-tag",
    "wait-for-service-stability",
    "file",
  ])
    expect(error).toContain(`\n- ${name}: `);
});
