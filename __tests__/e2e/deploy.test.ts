// The bundled action from the commit to the page that the container serves, on a real Docker engine. The tests are one story:
// each begins where the one before it ended.

import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outputsOf } from "../../src/reporter/outputs.ts";
import { type HelloAccount, healthCheck, openHelloAccount } from "../rig/hello-account.ts";
import { engineAnswers } from "./busybox-image.ts";
import {
  commitOf,
  type Deployed,
  deploy,
  errorsOf,
  notingDocker,
  temporaryFolder,
} from "./deployment.ts";
import { filesBelow, leaks } from "./process-observer.ts";

const run = promisify(execFile);

describe.skipIf(!engineAnswers())("the bundled action, with real containers", () => {
  let account: HelloAccount;
  beforeAll(async () => {
    account = await openHelloAccount({
      speed: 20,
      services: { hello: { container: { healthCheck } } },
    });
  });
  afterAll(() => account?.close());

  const registryTags = () => account.simulator.ecr.repositories.tags("hello");
  const revisionThatRuns = () =>
    account.simulator.ecs
      .describeService({ cluster: "demo", service: "hello" })
      .taskDefinition?.split("/")
      .at(-1);

  test("a commit becomes the running service", async () => {
    expect(await account.ask()).toBe("hello from version 1");
    const step = await deploy(account, { version: "2" });
    expect(step).toMatchObject({ exitCode: 0, postExitCode: 0, annotations: [] });
    expect(await account.ask()).toBe("hello from version 2");

    const tag = commitOf("2");
    const digest = registryTags()[tag];
    expect(registryTags()["latest"]).toBe(digest);
    expect(await digestsThatRun(account)).toEqual([digest]);
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      "reason-code": "Succeeded",
      image: `${account.registry}/hello:${tag}`,
      "image-tag": tag,
      "image-digest": digest,
      "image-reused": "false",
      "previous-image": `${account.registry}/hello:1`,
      "task-definition-arn": expect.stringMatching(/:task-definition\/hello:2$/),
      "previous-task-definition-arn": expect.stringMatching(/:task-definition\/hello:1$/),
      "deployment-id": expect.stringMatching(/^ecs-svc\/\d+$/),
      "service-deployment-arn": expect.stringMatching(/:service-deployment\/demo\/hello\/[\w-]+$/),
      "console-url": expect.stringMatching(
        /^https:\/\/us-east-1\.console\.aws\.amazon\.com\/ecs\/v2\/clusters\/demo\//,
      ),
      "duration-seconds": expect.stringMatching(/^\d+$/),
    });
    expect(JSON.parse(step.outputs["services"] ?? "")).toMatchObject([
      { cluster: "demo", service: "hello", outcome: "succeeded" },
    ]);
    expect(declaredOutputsMissing(step)).toEqual([]);
    expect(step.summary).toMatch(/^## .*Deployed/);
    expect(step.summary).toContain(digest);
    expect(step.summary).toMatch(/`hello:1`.*→.*`(hello:)?2`/);
    await account.steady(); // to ECS a deployment is completed when the tasks before it are gone
  });

  test("the same commit again: nothing is built, sent or changed", async () => {
    account.simulator.ecr.repositories.resetTraffic();
    const before = registryTags();
    const docker = await notingDocker();
    const step = await deploy(account, { version: "2", environment: { PATH: docker.path } });
    expect(step).toMatchObject({ exitCode: 0, postExitCode: 0, annotations: [] });
    expect(step.outputs).toMatchObject({
      outcome: "unchanged",
      "reason-code": "Unchanged",
      "image-reused": "true",
      "image-digest": before["latest"],
    });
    expect(await docker.calls()).toEqual([]);
    expect(account.simulator.ecr.repositories.traffic("hello")).toMatchObject({
      blobBytes: 0,
      blobUploads: 0,
      manifestPuts: 0,
    });
    expect(registryTags()).toEqual(before);
    expect(revisionThatRuns()).toBe("hello:2");
  });

  test("a version that exits at start: the step fails with the reason, the old version still answers", async () => {
    const step = await deploy(account, {
      version: "3",
      inputs: { file: "hello/Dockerfile.broken" },
    });
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", "reason-code": "RolledBack" });
    expect(declaredOutputsMissing(step)).toEqual([]);
    expect(await account.ask()).toBe("hello from version 2");
    const [error, ...others] = errorsOf(step);
    expect(others).toEqual([]);
    expect(error).toMatch(/^RolledBack: /);
    expect(error).toMatch(/exited with (code|status) 1\b/);
    expect(error).toMatch(/Running now: hello:2/);
    const lastWords = 'hello: PORT must be a number, but is "http"';
    expect(step.summary).toContain(lastWords);
    expect(error).toContain(lastWords);
  });

  test("a repository that does not exist: nothing is built, registered or changed", async () => {
    const before = revisionThatRuns();
    const docker = await notingDocker();
    const step = await deploy(account, {
      version: "4",
      inputs: { "ecr-repository": "helo" },
      environment: { PATH: docker.path },
    });
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "RepositoryNotFound" });
    expect(errorsOf(step)).toEqual([expect.stringMatching(/^RepositoryNotFound: .*"?helo"?/)]);
    expect(await docker.calls()).toEqual([]);
    expect(registryTags()[commitOf("4")]).toBeUndefined();
    expect(revisionThatRuns()).toBe(before);
  });

  test("the user's own Docker configuration still works, and does not get the registry password", async () => {
    const home = await temporaryFolder();
    const helpers = join(home, "bin");
    const asked = join(home, "asked");
    await mkdir(join(home, ".docker"), { recursive: true });
    await mkdir(helpers);
    const config = {
      auths: { "registry.example": { auth: Buffer.from("me:mine").toString("base64") } },
      credsStore: "keychain",
      credHelpers: { "other.example": "keychain" },
      currentContext: "mine",
    };
    await writeFile(join(home, ".docker/config.json"), JSON.stringify(config));
    await writeFile(
      join(helpers, "docker-credential-keychain"),
      `#!/bin/sh\necho "$1" >>${asked}\ncat >>${asked}\n[ "$1" = list ] && echo "{}"\nexit 0\n`,
    );
    await chmod(join(helpers, "docker-credential-keychain"), 0o755);
    const environment = { HOME: home, PATH: `${helpers}:${process.env["PATH"]}` };
    const own = (...args: string[]) =>
      run("docker", args, { env: { ...environment, DOCKER_HOST: "" } });
    // The engine is known by the context alone.
    const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
    await run("docker", ["context", "create", "mine", "--docker", `host=${host}`], {
      env: { ...environment },
    });
    expect((await own("context", "ls", "--format", "{{.Current}} {{.Name}}")).stdout).toContain(
      "true mine",
    );

    const step = await deploy(account, {
      version: "5",
      environment: { ...environment, DOCKER_HOST: "" },
      inputs: { "wait-for-service-stability": "false" },
    });
    expect(errorsOf(step)).toEqual([]);
    expect(step.exitCode).toBe(0);
    expect(registryTags()[commitOf("5")]).toBe(step.outputs["image-digest"]);
    expect(JSON.parse(await readFile(join(home, ".docker/config.json"), "utf8"))).toEqual(config);
    const reported = await readFile(asked, "utf8");
    expect(reported).toMatch(/get\nother\.example/);
    expect(reported).not.toMatch(/store|erase/);
    expect(leaks(account.simulator.ecr.repositories.passwords(), filesBelow(home))).toEqual([]);
    await account.steady();
  });
});

/** The outputs that action.yml promises and this run did not set; there is no pre-deploy task whose ARN could be set. */
function declaredOutputsMissing({ outputs }: Deployed): readonly string[] {
  // Of a task before the deployment, Express Mode, several images, a dry run.
  const absent = ["pre-deploy-task-arn", "url", "images", "plan"];
  const names = outputsOf("deploy").map(([name]) => name);
  return names.filter((name) => !outputs[name] && !absent.includes(name));
}

/** Of the containers that the engine runs for the service; asked of the engine, not of ECS. */
async function digestsThatRun({ simulator, registry }: HelloAccount): Promise<readonly string[]> {
  const { ecs } = simulator;
  const arn = ecs.describeService({ cluster: "demo", service: "hello" }).taskDefinition ?? "";
  const labels = ["family=hello", `version=${arn.split(":").at(-1)}`];
  const filters = labels.flatMap((label) => [
    "--filter",
    `label=com.amazonaws.ecs.task-definition-${label}`,
  ]);
  const { stdout: ids } = await run("docker", ["ps", "--quiet", ...filters]);
  const containers = ids.split("\n").filter(Boolean);
  const { stdout: images } = await run("docker", [
    "inspect",
    "--format",
    "{{.Image}}",
    ...containers,
  ]);
  const { stdout } = await run("docker", [
    ...["image", "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}"],
    ...images.split("\n").filter(Boolean),
  ]);
  return stdout
    .split("\n")
    .flatMap((line) => (line.startsWith(registry) ? (line.split("@")[1] ?? []) : []));
}
