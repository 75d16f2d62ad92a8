// Nothing that is secret may be seen or found by anybody: while the step runs, and after it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Simulator } from "ecs-simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { engineAnswers } from "./busybox-image.ts";
import { type Deployed, deploy, notingDocker, temporaryFolder } from "./deployment.ts";
import { filesBelow, leaks, type Places, type Seen, watchProcesses } from "./process-observer.ts";

describe.skipIf(!engineAnswers())("secrets", () => {
  let account: HelloAccount;
  beforeAll(async () => {
    account = await openHelloAccount({ speed: 20, services: { hello: { breakerThreshold: 1 } } });
  });
  afterAll(() => account?.close());

  describe.each([
    ["a deployment that succeeds", "2", {}, "succeeded"],
    ["a deployment that is rolled back", "3", { file: "hello/Dockerfile.broken" }, "rolled-back"],
    ["a build that fails", "4", { file: "hello/serve" }, "failed"],
  ])("%s", (_, version, inputs, outcome) => {
    let seen: Seen;
    let step: Deployed;
    let secrets: readonly string[];
    let dockerCalls: readonly string[];

    beforeAll(async () => {
      const docker = await notingDocker();
      // With debug logging on, which says the most.
      const environment = { PATH: docker.path, RUNNER_DEBUG: "1" };
      const { result, ...rest } = await watchProcesses(() =>
        deploy(account, { version, inputs, environment }),
      );
      seen = rest;
      dockerCalls = await docker.calls();
      step = result;
      secrets = secretsOf(account.simulator);
    });

    test("the step took the expected path, and the observer saw its processes", () => {
      expect(step.outputs["outcome"]).toBe(outcome);
      expect(dockerCalls).toContainEqual(
        expect.stringMatching(/^docker login --username AWS --password-stdin /),
      );
      expect([...seen.commands]).toContainEqual(expect.stringMatching(/docker build /));
      expect([...seen.environments].some((one) => one.includes("DOCKER_CONFIG="))).toBe(true);
    });

    test("no process has one in its arguments", () => {
      expect(leaks(secrets, numbered(new Set([...seen.commands, ...dockerCalls])))).toEqual([]);
    });

    test("only processes that had a secret in the environment of the job have it", () => {
      const own = account.simulator.environment(account.url)["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
      const others = secrets.filter((secret) => secret !== own);
      expect(others.length).toBe(secrets.length - 1);
      expect(leaks(others, numbered(seen.environments))).toEqual([]);
    });

    test("none is in the log unmasked; the debug log is in it", () => {
      expect(step.rawLog).toMatch(/::debug::ecs:DescribeServices: HTTP 200/);
      expect(step.rawLog).toMatch(/::debug::docker login /);
      const log = step.rawLog.split("\n").filter((line) => !line.startsWith("::add-mask::"));
      expect(leaks(secrets, { log: log.join("\n") })).toEqual([]);
    });

    test("none is in the job's environment, state, outputs, summary, or a file that is left", () => {
      const places = {
        ...filesBelow(step.folder),
        ...filesBelow(step.home),
        ...filesBelow(account.workspace),
      };
      for (const file of ["env", "path", "state", "output", "summary"])
        expect(places).toHaveProperty([join(step.folder, file)]);
      expect(leaks(secrets, places)).toEqual([]);
      expect(places[join(step.folder, "env")]).toBe("");
    });

    test("the runner's temporary folder is empty afterwards", () => {
      expect(readdirSync(join(step.folder, "temp"))).toEqual([]);
    });
  });

  test("the search finds a secret in a file, in an argument list and in an environment", async () => {
    const secret = account.simulator.registryPassword();
    const basic = Buffer.from(`AWS:${secret}`).toString("base64");
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, "config.json"),
      JSON.stringify({ auths: { registry: { auth: basic } } }),
    );
    const { commands, environments } = await watchProcesses(async () => {
      const idle = "setTimeout(() => {}, 500)";
      const child = spawn(process.execPath, ["--eval", idle, secret], {
        env: { PASSWORD: secret },
      });
      await once(child, "exit");
    });
    const secrets = secretsOf(account.simulator);
    expect(leaks(secrets, filesBelow(folder))).toEqual([join(folder, "config.json")]);
    expect(leaks(secrets, numbered(commands))).toHaveLength(1);
    expect(leaks(secrets, numbered(environments))).toHaveLength(1);
  });
});

/** Session keys and tokens, JWTs, registry passwords, and what a Docker configuration makes of these. */
function secretsOf(simulator: Simulator): readonly string[] {
  const passwords = simulator.ecr.repositories.passwords();
  return [
    ...simulator.secrets(),
    ...passwords.map((password) => Buffer.from(`AWS:${password}`).toString("base64")),
  ];
}

function numbered(texts: ReadonlySet<string>): Places {
  return Object.fromEntries([...texts].entries());
}
