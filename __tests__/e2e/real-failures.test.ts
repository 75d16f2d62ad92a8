// Containers that fail in every way that a container can: the one annotation of the step names the true cause.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Docker, withRegistryLogin } from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";
import { deploy, errorsOf } from "./deployment.ts";
import { type Failure, failures, foreign, own } from "./failing-versions.ts";

describe.skipIf(!engineAnswers())("a version that does not start", () => {
  let account: HelloAccount;
  beforeAll(async () => {
    const services = Object.entries(failures).map(([name, { service }]) => [
      name,
      { breakerThreshold: 2, ...service },
    ]);
    account = await openHelloAccount({ speed: 20, services: Object.fromEntries(services) });
    account.simulator.ecr.repositories.createRepository("foreign");
  });
  afterAll(async () => {
    await account?.close();
    if (account)
      removeImages(
        ...["foreign", "proxy"].map((repository) => `${account.registry}/${repository}:1`),
      );
  });

  const cases = Object.entries(failures).map(
    ([name, failure]) => [failure.title, name, failure] as const,
  );
  test.concurrent.each(cases)(
    "%s",
    { timeout: 120_000 },
    async (_, name, { images, says, outputs, ...failure }) => {
      const fill = (text: string) =>
        text
          .replaceAll("{registry}", account.registry)
          .replaceAll("{foreign}", foreign)
          .replaceAll("{own}", own);
      const dockerfile = fill(failure.dockerfile);
      const base = `FROM ${account.registry}/hello:1\nARG VERSION\nENV VERSION=$VERSION\n`;
      const file = `hello/${name}.Dockerfile`;
      await writeFile(
        join(account.workspace, file),
        dockerfile.startsWith("FROM ") ? dockerfile : base + dockerfile,
      );
      await prepareImages(images, account);

      const step = await deploy(account, {
        version: `2-${name}`,
        inputs: { service: name, file, "latest-tag": "none" },
      });
      expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
      expect(step.outputs).toMatchObject(
        outputs ?? { outcome: "rolled-back", "reason-code": "RolledBack" },
      );
      const [error, ...others] = errorsOf(step);
      expect(others).toEqual([]);
      for (const words of says) expect(error).toMatch(new RegExp(fill(words.source)));
      if (!outputs) expect(error).toMatch(new RegExp(`Running now: ${name}:1\\b`));
      expect(await account.ask(name)).toBe("hello from version 1");
    },
  );
});

async function prepareImages(images: Failure["images"], account: HelloAccount): Promise<void> {
  for (const [repository, what] of Object.entries(images ?? {})) {
    if (what === "foreign") await pushForeignImage(repository, account);
    else account.simulator.ecr.repositories.deleteRepository(repository);
  }
}

/** As done on another machine. */
async function pushForeignImage(
  repository: string,
  { simulator, registry }: HelloAccount,
): Promise<void> {
  const reference = `${registry}/${repository}:1`;
  loadBusybox(reference, foreign);
  const login = { registry, username: "AWS", password: simulator.registryPassword() };
  await withRegistryLogin(new Docker(), login, (docker) =>
    docker.read(["push", "--quiet", reference]),
  );
}
