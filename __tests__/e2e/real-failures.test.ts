// Containers that fail in every way that a container can: the one annotation of the step names the true cause.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Docker, withRegistryLogin } from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type HelloAccount,
  type HelloService,
  healthCheck,
  openHelloAccount,
} from "../rig/hello-account.ts";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";
import { deploy, errorsOf } from "./deployment.ts";

interface Failure {
  readonly title: string;
  readonly service: HelloService;
  /** The new version's Dockerfile after `FROM` version 1 of hello, or the whole of it. */
  readonly dockerfile: string;
  /** What the annotation says, in any order. */
  readonly says: readonly RegExp[];
  /** What happens between version 1 and the deployment. */
  readonly before?: (account: HelloAccount) => void | Promise<void>;
  /** Default: the circuit breaker rolled the deployment back. */
  readonly outputs?: Readonly<Record<"outcome" | "reason-code", string>>;
}

const failures: Readonly<Record<string, Failure>> = {
  crash: {
    title: "it exits with 1 at start",
    service: {},
    dockerfile: "ENV PORT=http",
    says: [/"hello" exited with code 1\b/, /PORT must be a number, but is "http"/],
  },
  done: {
    title: "it exits with 0 at once",
    service: {},
    dockerfile: 'CMD ["echo", "migrations done"]',
    says: [/"hello" ended by itself with exit code 0/, /must keep running/, /migrations done/],
  },
  memory: {
    title: "it runs out of memory",
    service: { container: { memory: 24 } },
    dockerfile: 'CMD ["tail", "/dev/zero"]',
    says: [/"hello" ran out of memory/, /Raise `memory`/],
  },
  command: {
    title: "its command is not in the image",
    service: {},
    dockerfile: 'CMD ["gunicorn", "app:main"]',
    says: [/"hello" was not started/, /command "gunicorn" is not in the image/],
  },
  processor: {
    title: "its image is built for another CPU architecture",
    service: {},
    dockerfile: "FROM --platform=linux/{foreign} {registry}/foreign:1\n",
    before: (account) => pushForeignImage("foreign", account),
    says: [/linux\/{foreign}/, /linux\/{own}/],
    outputs: { outcome: "failed", "reason-code": "PlatformMismatch" },
  },
  sidecar: {
    title: "the image of a container beside it is built for another CPU architecture",
    service: { sidecar: "proxy" },
    dockerfile: "",
    before: (account) => pushForeignImage("proxy", account),
    says: [/built for another CPU architecture/, /linux\/{own}/],
  },
  health: {
    title: "its health check fails",
    service: { container: { healthCheck: { ...healthCheck, retries: 1 } } },
    dockerfile: "ENV PORT=8088",
    says: [/"hello" runs, but its health check does not pass/, /healthCheck/],
  },
  pull: {
    title: "an image of the task cannot be pulled",
    service: { sidecar: "metrics" },
    dockerfile: "",
    before: ({ simulator }) => simulator.ecr.repositories.deleteRepository("metrics"),
    says: [/metrics:1 does not exist/],
  },
};

const own = process.arch === "x64" ? "amd64" : process.arch;
const foreign = own === "amd64" ? "arm64" : "amd64";

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
    async (_, name, { before, says, outputs, ...failure }) => {
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
      await before?.(account);

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
