// The simulator with third-party clients: if they got wrong responses, the other tests would prove nothing.

import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { awsCli, debianAws as debian, installed } from "./aws-cli.ts";
import { engineAnswers } from "./busybox-image.ts";
import { commitOf, type Deployed, deploy, temporaryFolder } from "./deployment.ts";

const run = promisify(execFile);
const clients = engineAnswers() ? pythonPackages("clients") : undefined;

const newest = "aws";
/** An older CLI says that there is no such choice; a newer one, that the service is missing. */
const knowsServiceDeployments = String(
  spawnSync(newest, ["ecs", "list-service-deployments"]).stderr,
).includes("--service");

describe.skipIf(!engineAnswers())("after a deployment", () => {
  let account: HelloAccount;
  let step: Deployed;
  beforeAll(async () => {
    account = await openHelloAccount({ speed: 20, services: { hello: {} } });
    step = await deploy(account, { version: "2" });
    expect(step.exitCode).toBe(0);
  });
  afterAll(() => account?.close());

  const ask = (aws: string, ...args: string[]) => awsCli(aws, account.url).ask(...args);
  const askJson = (aws: string, ...args: string[]) => awsCli(aws, account.url).askJson(...args);
  const service = ["--cluster", "demo", "--service", "hello"];

  describe.skipIf(!installed(debian))("Debian's AWS CLI", () => {
    test("describe-services", async () => {
      const { services, failures } = await askJson(
        debian,
        "ecs",
        "describe-services",
        ...named("services"),
      );
      expect(failures).toEqual([]);
      expect(services).toMatchObject([
        {
          serviceName: "hello",
          status: "ACTIVE",
          desiredCount: 1,
          runningCount: 1,
          taskDefinition: step.outputs["task-definition-arn"],
          deployments: [
            { id: step.outputs["deployment-id"], status: "PRIMARY", rolloutState: "COMPLETED" },
          ],
        },
      ]);
      expect(services[0].events[0]).toMatchObject({
        message: expect.stringContaining("(service hello)"),
      });
    });

    test("list-tasks and describe-tasks", async () => {
      const { taskArns } = await askJson(
        debian,
        "ecs",
        "list-tasks",
        "--cluster",
        "demo",
        "--service-name",
        "hello",
      );
      expect(taskArns).toHaveLength(1);
      const { tasks } = await askJson(
        debian,
        "ecs",
        "describe-tasks",
        "--cluster",
        "demo",
        "--tasks",
        ...taskArns,
      );
      expect(tasks).toMatchObject([
        {
          lastStatus: "RUNNING",
          startedBy: step.outputs["deployment-id"],
          containers: [{ name: "hello", imageDigest: step.outputs["image-digest"] }],
        },
      ]);
    });

    test("describe-task-definition", async () => {
      const { taskDefinition } = await askJson(
        debian,
        "ecs",
        "describe-task-definition",
        "--task-definition",
        "hello",
      );
      expect(taskDefinition).toMatchObject({
        taskDefinitionArn: step.outputs["task-definition-arn"],
        status: "ACTIVE",
        containerDefinitions: [{ name: "hello", image: step.outputs["image"] }],
      });
    });

    test("describe-images", async () => {
      const id = `imageTag=${commitOf("2")}`;
      const images = await askJson(
        debian,
        "ecr",
        "describe-images",
        "--repository-name",
        "hello",
        "--image-ids",
        id,
      );
      expect(images.imageDetails).toMatchObject([{ imageDigest: step.outputs["image-digest"] }]);
      expect(images.imageDetails[0].imageTags.toSorted()).toEqual(
        [commitOf("2"), "latest"].toSorted(),
      );
      expect(images.imageDetails[0].imageSizeInBytes).toBeGreaterThan(100_000);
    });

    test("get-login-password, docker login and docker pull, as in common pipelines", async () => {
      const env = { ...process.env, DOCKER_CONFIG: await temporaryFolder() };
      const login = spawn(
        "docker",
        ["login", "--username", "AWS", "--password-stdin", account.registry],
        {
          env,
          stdio: ["pipe", "ignore", "ignore"],
        },
      );
      // A client that refuses the arguments ends before it reads: its exit code is asserted below.
      login.stdin.on("error", () => {});
      login.stdin.end(await ask(debian, "ecr", "get-login-password"));
      expect(await once(login, "close")).toEqual([0, null]);
      const { stdout } = await run("docker", ["pull", `${account.registry}/hello:latest`], { env });
      expect(stdout).toContain(`Digest: ${step.outputs["image-digest"]}`);
    });

    test("update-service, and wait services-stable until the new tasks run", async () => {
      const { service: updated } = await askJson(
        debian,
        "ecs",
        "update-service",
        ...service,
        "--force-new-deployment",
      );
      expect(updated.deployments[0]).toMatchObject({
        status: "PRIMARY",
        rolloutState: "IN_PROGRESS",
      });
      await ask(debian, "ecs", "wait", "services-stable", ...named("services"));
      const { services } = await askJson(debian, "ecs", "describe-services", ...named("services"));
      expect(services[0].deployments).toMatchObject([
        { id: updated.deployments[0].id, rolloutState: "COMPLETED" },
      ]);
      expect(await account.ask()).toBe("hello from version 2");
    });
  });

  test.skipIf(!knowsServiceDeployments)(
    "a newer AWS CLI: list- and describe-service-deployments",
    async () => {
      const { serviceDeployments } = await askJson(
        newest,
        "ecs",
        "list-service-deployments",
        ...service,
      );
      const arn = step.outputs["service-deployment-arn"] ?? "";
      expect(serviceDeployments).toContainEqual(
        expect.objectContaining({ serviceDeploymentArn: arn, status: "SUCCESSFUL" }),
      );
      const described = await askJson(
        newest,
        ...["ecs", "describe-service-deployments", "--service-deployment-arns", arn],
      );
      expect(described).toMatchObject({
        serviceDeployments: [
          { status: "SUCCESSFUL", deploymentCircuitBreaker: { status: "MONITORING_COMPLETE" } },
        ],
        failures: [],
      });
    },
  );

  describe.skipIf(!clients)("ecs-deploy, a deployer from PyPI", () => {
    test("deploys a tag, and waits until it runs", async () => {
      const { stdout } = await ecsDeploy(
        account,
        "deploy",
        "demo",
        "hello",
        "--tag",
        "1",
        "--timeout",
        "120",
      );
      expect(stdout).toContain("Deployment successful");
      expect(await account.ask()).toBe("hello from version 1");
    });

    test("detects that a missing tag does not start, and rolls back", async () => {
      const failed = ecsDeploy(
        account,
        "deploy",
        "demo",
        "hello",
        "--tag",
        "nope",
        "--timeout",
        "20",
        "--rollback",
      );
      await expect(failed).rejects.toMatchObject({
        stdout: expect.stringContaining("Rolling back"),
      });
      expect(await account.ask()).toBe("hello from version 1");
    });
  });

  test.skipIf(!installed("skopeo"))("skopeo: docker pushed one image under both tags", async () => {
    const credentials = `AWS:${account.simulator.registryPassword()}`;
    const repository = `docker://${account.registry}/hello`;
    const ours = ["--tls-verify=false", "--creds", credentials];
    const { stdout: list } = await run("skopeo", ["list-tags", ...ours, repository]);
    expect(JSON.parse(list).Tags).toEqual(expect.arrayContaining(["1", commitOf("2"), "latest"]));
    const { stdout: inspected } = await run("skopeo", ["inspect", ...ours, `${repository}:latest`]);
    expect(JSON.parse(inspected)).toMatchObject({
      Digest: step.outputs["image-digest"],
      Env: expect.arrayContaining(["VERSION=2"]),
    });
    const folder = await temporaryFolder();
    const from = ["--src-tls-verify=false", "--src-creds", credentials];
    await run("skopeo", [
      "--insecure-policy",
      "copy",
      ...from,
      `${repository}:${commitOf("2")}`,
      `dir:${folder}`,
    ]);
    expect(await readFile(join(folder, "manifest.json"), "utf8")).toBe(
      account.simulator.ecr.repositories.manifest("hello", "latest"),
    );
  });
});

function ecsDeploy({ url }: HelloAccount, ...args: readonly string[]) {
  const keys = {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const env = { ...process.env, ...keys, AWS_ENDPOINT_URL: url, PYTHONPATH: clients };
  // Without a task role it sends an empty one, which AWS refuses, and so does the simulator: fabfuel/ecs-deploy#231.
  const role = ["--role", "arn:aws:iam::123456789012:role/hello-task"];
  return run("python3", ["-c", "from ecs_deploy.cli import ecs; ecs()", ...args, ...role], {
    env,
    timeout: 120_000,
  });
}

function named(option: string): readonly string[] {
  return ["--cluster", "demo", `--${option}`, "hello"];
}
