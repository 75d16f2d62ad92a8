// The private DOCKER_CONFIG beside all that a user may have in his own.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { putDeployRole } from "ecs-simulator/iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImageAccount, openImageAccount, policyOf } from "../rig/image-account.ts";
import { engineAnswers } from "./busybox-image.ts";
import { deploy, errorsOf, temporaryFolder } from "./deployment.ts";
import { filesBelow, leaks } from "./process-observer.ts";

const plain = "FROM scratch\nCOPY busybox /bin/busybox\nARG VERSION=none\nENV VERSION=$VERSION\n";

describe.skipIf(!engineAnswers())("signing in to the registry", () => {
  let account: ImageAccount;
  beforeAll(async () => {
    account = await openImageAccount(plain);
  });
  afterAll(() => account?.close());

  /** The user's home: a helper for one registry, a store for the rest, a context. */
  async function homeWith(config: object): Promise<string> {
    const home = await temporaryFolder("deploy-ecs-home-");
    await mkdir(join(home, ".docker/contexts/meta/abc"), { recursive: true });
    await writeFile(
      join(home, ".docker/contexts/meta/abc/meta.json"),
      '{"Name":"mine","Endpoints":{"docker":{}}}',
    );
    await writeFile(join(home, ".docker/config.json"), JSON.stringify(config));
    return home;
  }

  /** Two names of one registry: `localhost` is the user's private one, `127.0.0.1` is ECR to the action. */
  const others = () => account.registry.replace("127.0.0.1", "localhost");

  async function helperOnPath(name: string): Promise<string> {
    const bin = await temporaryFolder("deploy-ecs-bin-");
    const secret = JSON.stringify({
      Username: "AWS",
      Secret: account.simulator.registryPassword(),
    });
    await writeFile(join(bin, "secret"), secret);
    const script = `#!/bin/sh\n[ "$1" = list ] || read host\necho "$1 $host" >> ${bin}/calls\n[ "$1" = list ] && { echo '{"${others()}":"AWS"}'; exit; }\n[ "$host" = "${others()}" ] && [ "$1" = get ] || { echo "credentials not found in native keychain"; exit 1; }\ncat ${bin}/secret\n`;
    await writeFile(join(bin, `docker-credential-${name}`), script);
    await chmod(join(bin, `docker-credential-${name}`), 0o755);
    await writeFile(join(bin, "calls"), "");
    return bin;
  }

  test("a private base image by the user's credential store; the store never sees our password", async () => {
    account.simulator.ecr.repositories.createRepository("base");
    const pushed = await deploy(account, {
      version: "0",
      inputs: {
        builder: "docker",
        "ecr-repository": "base",
        "latest-tag": "none",
        "image-tag": "1",
      },
    });
    expect(errorsOf(pushed)).toEqual([]);
    spawnSync("docker", ["rmi", "--force", `${account.registry}/base:1`]);
    writeFileSync(
      join(account.workspace, "Dockerfile.private"),
      `FROM ${others()}/base:1\nARG VERSION\nENV VERSION=$VERSION\n`,
    );
    const bin = await helperOnPath("mine");
    const home = await homeWith({ credsStore: "mine", currentContext: "default" });
    const before = readFileSync(join(home, ".docker/config.json"), "utf8");
    const step = await deploy(account, {
      version: "1",
      inputs: {
        builder: "docker",
        file: "Dockerfile.private",
        "image-tag": "private",
        pull: "true",
      },
      environment: { HOME: home, PATH: `${bin}:${process.env["PATH"]}` },
    });
    expect(errorsOf(step)).toEqual([]);
    const calls = readFileSync(join(bin, "calls"), "utf8");
    expect(calls).toContain(`get ${others()}`);
    expect(calls).not.toMatch(/store|erase/);
    expect(readFileSync(join(home, ".docker/config.json"), "utf8")).toBe(before);
    const passwords = account.simulator.ecr.repositories
      .passwords()
      .map((one) => Buffer.from(`AWS:${one}`).toString("base64"));
    expect(leaks(passwords, { ...filesBelow(home), ...filesBelow(step.folder) })).toEqual([]);
  });

  test("a base image in the same ECR registry: only two permissions on its repository are needed", async () => {
    const { simulator, registry, workspace } = account;
    const pushed = await deploy(account, {
      version: "base-of-our-own",
      inputs: {
        builder: "docker",
        "ecr-repository": "base",
        "latest-tag": "none",
        "image-tag": "2",
      },
    });
    expect(errorsOf(pushed)).toEqual([]);
    spawnSync("docker", ["rmi", "--force", `${registry}/base:2`]);
    writeFileSync(
      join(workspace, "Dockerfile.own"),
      `FROM ${registry}/base:2\nARG VERSION\nENV VERSION=$VERSION\n`,
    );
    putDeployRole(simulator, {
      name: "deploy",
      policies: [policyOf(simulator, ["app"], ["base"])],
    });
    const from = simulator.iam.decisions.length;
    const step = await deploy(account, {
      version: "2",
      inputs: { builder: "docker", file: "Dockerfile.own", "image-tag": "own", pull: "true" },
    });
    expect(errorsOf(step)).toEqual([]);
    const decisions = simulator.iam.decisions.slice(from);
    expect(decisions.filter(({ allowed }) => !allowed)).toEqual([]);
    const onBase = decisions
      .filter(({ resource }) => resource.endsWith("/base"))
      .map(({ action }) => action);
    expect([...new Set(onBase)].sort()).toEqual([
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ]);
    putDeployRole(simulator, { name: "deploy", policies: [policyOf(simulator)] });
  });

  test("two runs at once on one machine, with one home", async () => {
    const home = await homeWith({ auths: {} });
    const both = await Promise.all(
      ["one", "two"].map((tag) =>
        deploy(account, {
          version: tag,
          inputs: { builder: "docker", "image-tag": tag },
          environment: { HOME: home },
        }),
      ),
    );
    expect(both.flatMap(errorsOf)).toEqual([]);
    expect(readFileSync(join(home, ".docker/config.json"), "utf8")).toBe('{"auths":{}}');
  });

  test("two runs of one commit at once: both succeed, with one image", async () => {
    const both = await Promise.all(
      [1, 2].map(() => deploy(account, { version: "same", inputs: { builder: "docker" } })),
    );
    expect(both.flatMap(errorsOf)).toEqual([]);
    expect(new Set(both.map(({ outputs }) => outputs["image-digest"])).size).toBe(1);
  });

  test("a home folder that is not writable, and a proxy that must not be used for the local registry", async () => {
    const home = await homeWith({ auths: {} });
    await chmod(join(home, ".docker"), 0o555);
    const step = await deploy(account, {
      version: "readonly",
      inputs: { builder: "docker", "image-tag": "readonly" },
      environment: {
        HOME: home,
        HTTPS_PROXY: "http://127.0.0.1:9",
        NO_PROXY: "127.0.0.1,localhost",
      },
    });
    await chmod(join(home, ".docker"), 0o755);
    expect(errorsOf(step)).toEqual([]);
  });
});
