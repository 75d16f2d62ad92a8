import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../src/clock.ts";
import { createSimulator } from "../src/simulator.ts";
import { scriptedRunner } from "../src/tasks/scripted-runner.ts";
import { sdkRequestHandler } from "../src/wire/sdk-handler.ts";
import { assumption, REGION, ROLE, ROOT, TRUST_OCTO } from "./wire/fixture.ts";

function inMemory() {
  const clock = new VirtualClock();
  const simulator = createSimulator({ clock, runner: scriptedRunner({ clock }) });
  simulator.roles.put({ roleArn: ROLE, trustPolicy: TRUST_OCTO });
  const client = {
    region: REGION,
    requestHandler: sdkRequestHandler(simulator),
    maxAttempts: 1,
    credentials: ROOT,
  };
  return { simulator, client };
}

describe("the whole simulator", () => {
  it("has every service behind one door", async () => {
    const { simulator, client } = inMemory();
    simulator.ecs.createCluster("main");
    simulator.logs.createGroup("/ecs/app");
    const { failures } = await new ECSClient(client).send(
      new DescribeServicesCommand({ cluster: "main", services: ["app"] }),
    );
    expect(failures?.[0]?.reason).toBe("MISSING");
    const { logGroups } = await new CloudWatchLogsClient(client).send(
      new DescribeLogGroupsCommand({}),
    );
    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(["/ecs/app"]);
    const { authorizationData } = await new ECRClient(client).send(
      new GetAuthorizationTokenCommand({}),
    );
    expect(authorizationData?.[0]?.proxyEndpoint).toBe(
      "https://123456789012.dkr.ecr.us-east-1.amazonaws.com",
    );
  });

  it("knows every secret that it handed out, and keeps none in its call log", async () => {
    const { simulator, client } = inMemory();
    const token = simulator.oidc.issue("sts.amazonaws.com");
    const { Credentials } = await new STSClient(client).send(
      new AssumeRoleWithWebIdentityCommand(assumption(token)),
    );
    const { authorizationData } = await new ECRClient(client).send(
      new GetAuthorizationTokenCommand({}),
    );
    const password = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64")
      .toString()
      .replace("AWS:", "");
    const handedOut = [token, Credentials?.SecretAccessKey, Credentials?.SessionToken, password];
    expect(simulator.secrets()).toEqual(expect.arrayContaining(handedOut));
    const log = JSON.stringify(simulator.calls);
    for (const secret of simulator.secrets()) expect(log).not.toContain(secret);
  });

  it("lets tasks pull with a password that the registry takes", async () => {
    const { simulator } = inMemory();
    const ping = (password: string) =>
      simulator.handle({
        method: "GET",
        path: "/v2/",
        headers: { authorization: `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}` },
        body: (async function* () {})(),
      });
    expect(await ping(simulator.registryPassword())).toMatchObject({ response: { status: 200 } });
    expect(await ping("guess")).toMatchObject({ response: { status: 401 } });
  });
});

describe("the command ecs-simulator", () => {
  const folder = fileURLToPath(new URL("../..", import.meta.url));
  const programs = join(folder, "node_modules/.bin");
  const start = (program: string, ...args: readonly string[]) =>
    spawn(program, args, {
      cwd: folder,
      detached: true,
      env: { ...process.env, PATH: `${programs}:${process.env["PATH"]}` },
      stdio: ["ignore", "pipe", "inherit"],
    });

  it("says where it is and how a job signs in, and ends on SIGTERM", async () => {
    const cli = start(join(programs, "ecs-simulator"));
    const ended = once(cli, "exit");
    try {
      const [line] = await once(cli.stdout.setEncoding("utf8"), "data");
      const { url, roleArn, environment } = JSON.parse(line);
      const answer = await fetch(
        `${environment.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.amazonaws.com`,
        {
          headers: { authorization: `bearer ${environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
        },
      );
      const { value } = (await answer.json()) as { value: string };
      const sts = new STSClient({ region: REGION, endpoint: url });
      const session = await sts.send(
        new AssumeRoleWithWebIdentityCommand({ ...assumption(value), RoleArn: roleArn }),
      );
      expect(session.AssumedRoleUser?.Arn).toBe(
        "arn:aws:sts::123456789012:assumed-role/deploy/deploy-1",
      );
    } finally {
      cli.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });

  it("is what npx starts, and Ctrl-C ends both", async () => {
    const npx = start("npx", "--no-install", "ecs-simulator", "--speed", "20");
    const closed = once(npx, "close"); // also the output: npx and the simulator have ended
    const [line] = await once(npx.stdout.setEncoding("utf8"), "data");
    expect(JSON.parse(line)).toMatchObject({ url: expect.stringMatching(/^http:/) });
    process.kill(-(npx.pid ?? 0), "SIGINT"); // to the group, as a terminal does
    await closed;
  });
});
