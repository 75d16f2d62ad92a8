// Tasks pull what was pushed: the real engine against the simulator's own registry, with its own passwords.

import { createSimulator, type HttpServer, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import {
  containerRunner,
  Docker,
  type LaunchedContainer,
  type RegistryCredentials,
  scriptedRunner,
  type TaskStop,
  withRegistryLogin,
} from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";

const ACCOUNT = "123456789012";
const LOCAL = "deploy-ecs-test/pushed:1";

describe.skipIf(!engineAnswers())("tasks that pull from the simulator's registry", () => {
  const docker = new Docker();
  const clock = new RealClock();
  const simulator = createSimulator({
    clock,
    region: "eu-central-1",
    accountId: ACCOUNT,
    runner: scriptedRunner({ clock }),
  });
  const { ecr } = simulator;
  let server: HttpServer;
  let host = "";

  beforeAll(async () => {
    server = await serve(simulator);
    host = `127.0.0.1:${server.port}`;
    ecr.repositories.createRepository("app");
    loadBusybox(LOCAL);
    await docker.read(["tag", LOCAL, `${host}/app:1`]);
    await withRegistryLogin(docker, login(), (mine) =>
      mine.read(["push", "--quiet", `${host}/app:1`]),
    );
    removeImages(LOCAL, `${host}/app:1`);
  });

  afterAll(async () => {
    removeImages(`${host}/app:1`);
    clock.stop();
    await server.close();
  });

  function login(): RegistryCredentials {
    return { registry: host, username: "AWS", password: simulator.registryPassword() };
  }

  /** Runs one task to its end. */
  async function run(
    container: Partial<LaunchedContainer>,
    credentials: () => RegistryCredentials | undefined = login,
  ) {
    const runner = containerRunner({ credentials });
    const digests: Record<string, string> = {};
    const logs: string[] = [];
    const launch = {
      taskArn: `arn:aws:ecs:eu-central-1:${ACCOUNT}:task/test/1`,
      taskId: "1",
      clusterName: "test",
      startedBy: "ecs-svc/1",
      taskDefinitionArn: `arn:aws:ecs:eu-central-1:${ACCOUNT}:task-definition/app:1`,
      family: "app",
      revision: 1,
    };
    const app = {
      name: "app",
      essential: true,
      environment: {},
      definition: {},
      image: `${host}/app:1`,
    };
    const stop = await new Promise<TaskStop>((stopped) => {
      const containers = [{ ...app, command: ["echo", "hello"], ...container }];
      runner.start(
        { ...launch, containers },
        {
          pulled: (pulled) => Object.assign(digests, pulled),
          started: () => undefined,
          running: () => undefined,
          health: () => undefined,
          log: (_, message) => logs.push(message),
          exited: () => undefined,
          stopped,
        },
      );
    });
    await runner.close();
    return { ...stop, digests, logs };
  }

  test("by tag, and the digest is reported", async () => {
    const { containers, digests, logs } = await run({});
    expect(containers).toEqual([{ name: "app", exitCode: 0 }]);
    expect(digests).toEqual({ app: ecr.resolve(`${host}/app:1`) });
    expect(logs).toEqual(["hello"]);
  });

  test("by the digest that ECS resolved, even if the tag has moved", async () => {
    const imageDigest = ecr.resolve(`${host}/app:1`) ?? "";
    const { containers, digests } = await run({ image: `${host}/app:gone`, imageDigest });
    expect(containers).toEqual([{ name: "app", exitCode: 0 }]);
    expect(digests).toEqual({ app: imageDigest });
  });

  test.each([
    [
      "a tag that is not there",
      "app:2",
      /failed to resolve ref 127\.0\.0\.1:\d+\/app:2: 127\.0\.0\.1:\d+\/app:2: not found$/,
    ],
    ["a repository that is not there", "nope:1", /\/nope:1: not found$/],
  ])("%s", async (_, name, expected) => {
    const { stopCode, stoppedReason } = await run({ image: `${host}/${name}` });
    expect(stopCode).toBe("TaskFailedToStart");
    expect(stoppedReason).toMatch(
      /^CannotPullContainerError: pull image manifest has been retried/,
    );
    expect(stoppedReason).toMatch(expected);
  });

  test.each([
    ["no credentials", () => undefined],
    ["a wrong password", () => ({ ...login(), password: "wrong" })],
  ])("%s", async (_, credentials) => {
    const { stoppedReason } = await run({}, credentials);
    expect(stoppedReason).toMatch(
      /^CannotPullContainerError: .* failed with status code \[manifests 1\]: 403 Forbidden$/,
    );
  });
});
