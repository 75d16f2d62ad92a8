// What passes between the bundled action and the simulator, held to botocore's models: AWS's own description of each request and answer.

import { spawnSync } from "node:child_process";
import {
  DeleteExpressGatewayServiceCommand,
  DescribeExpressGatewayServiceCommand,
  ECSClient,
  UpdateExpressGatewayServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openExpressAccount } from "../rig/express-account.ts";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { engineAnswers } from "./busybox-image.ts";
import { deploy } from "./deployment.ts";
import { type Exchange, type RecordingProxy, recordTraffic } from "./recording-proxy.ts";

const packages = engineAnswers() ? pythonPackages("clients") : undefined;

interface Judgement {
  readonly judged: Readonly<Record<string, number>>;
  readonly complaints: readonly string[];
}

describe.skipIf(!packages)("botocore (needs Python with pip)", () => {
  let account: HelloAccount;
  let proxy: RecordingProxy;
  beforeAll(async () => {
    const front = async (url: string) => {
      proxy = await recordTraffic(url);
      return proxy;
    };
    account = await openHelloAccount({
      speed: 20,
      services: { hello: { breakerThreshold: 1 } },
      front,
    });
  });
  afterAll(() => account?.close());

  test("each request and response of a deployment, a rollback, a migration and a requested rollback is valid", async () => {
    const outcomes = [
      await deploy(account, {
        version: "2",
        inputs: { "pre-deploy-command": '["echo", "migrated"]' },
      }),
      await deploy(account, { version: "3", inputs: { file: "hello/Dockerfile.broken" } }),
      await deploy(account, {
        version: "4",
        inputs: { "desired-count": "2", "environment-variables": "A=1" },
      }),
      await deploy(account, { version: "4", inputs: { rollback: "true" } }),
      await deploy(account, { version: "5", inputs: { service: "helo" } }),
    ].map(({ outputs }) => outputs["outcome"]);
    expect(outcomes).toEqual(["succeeded", "rolled-back", "succeeded", "succeeded", "failed"]);
    const { judged, complaints } = judge(proxy.exchanges);
    expect(complaints).toEqual([]);
    expect(Object.keys(judged).sort()).toEqual(["ecr", "ecs", "logs", "sts"]);
    expect(new Set(proxy.exchanges.map(({ operation }) => operation.split(".").at(-1)))).toContain(
      "UpdateService",
    );
  });

  test("each request and response of an Express Mode service is valid: creation, update, description, deletion", async () => {
    let recorded: RecordingProxy | undefined;
    const express = await openExpressAccount(20, async (url) => {
      recorded = await recordTraffic(url);
      return recorded;
    });
    try {
      const created = await deploy(express, { version: "1" });
      const updated = await deploy(express, { version: "2" });
      const outcomes = [created, updated].map(({ outputs }) => outputs["outcome"]);
      expect(outcomes).toEqual(["succeeded", "succeeded"]);
      await describeUpdateDelete(express);
    } finally {
      await express.close();
    }
    const { exchanges = [] } = recorded ?? {};
    const { judged, complaints } = judge(exchanges);
    expect(complaints).toEqual([]);
    expect(Object.keys(judged).sort()).toEqual(["ecr", "ecs", "logs", "sts"]);
    const operations = exchanges.map(({ operation }) => operation.split(".").at(-1) ?? "");
    expect(new Set(operations.filter((one) => /Express|UpdateService$/.test(one)))).toEqual(
      new Set([
        "CreateExpressGatewayService",
        "DescribeExpressGatewayService",
        "UpdateService",
        "UpdateExpressGatewayService",
        "DeleteExpressGatewayService",
      ]),
    );
  });

  test("a wrong member, a missing one and an unknown error would be found", () => {
    const describe = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    const headers = { "x-amzn-requestid": "1" };
    const { complaints } = judge([
      {
        operation: describe,
        request: '{"servces":["a"]}',
        status: 200,
        headers,
        response: '{"services":[{"name":"a"}]}',
      },
      {
        operation: describe,
        request: '{"services":["a"]}',
        status: 400,
        headers,
        response: '{"__type":"NoSuchThing"}',
      },
      {
        operation: describe,
        request: '{"services":["a"]}',
        status: 200,
        headers,
        response: '{"services":[{"launchType":"X"}]}',
      },
    ]);
    expect(complaints).toEqual([
      "ecs:DescribeServices answer.services[0].launchType: 'X' is none of EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES",
      "ecs:DescribeServices answer.services[0].name: no such member",
      "ecs:DescribeServices answer: error NoSuchThing, which the operation does not have",
      "ecs:DescribeServices request.servces: no such member",
      "ecs:DescribeServices request.services: required",
      'ecs:DescribeServices request: Missing required parameter in input: "services"',
      'ecs:DescribeServices request: Unknown parameter in input: "servces", must be one of: cluster, services, include',
    ]);
  });
});

/** Express Mode's own operations, as other clients call them. */
async function describeUpdateDelete({
  url,
  simulator: { accountId, region },
}: Pick<HelloAccount, "url" | "simulator">): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ecs = new ECSClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  const serviceArn = `arn:aws:ecs:${region}:${accountId}:service/default/hello`;
  const describe = () => ecs.send(new DescribeExpressGatewayServiceCommand({ serviceArn }));
  expect((await describe()).service?.activeConfigurations).toHaveLength(1);
  await ecs.send(
    new UpdateExpressGatewayServiceCommand({
      serviceArn,
      scalingTarget: { minTaskCount: 1, maxTaskCount: 2 },
    }),
  );
  expect((await describe()).service?.currentDeployment).toBeDefined();
  await ecs.send(new DeleteExpressGatewayServiceCommand({ serviceArn }));
  expect((await describe()).service?.status?.statusCode).toBe("DRAINING");
}

function judge(exchanges: readonly Exchange[]): Judgement {
  const { stdout, stderr, status } = spawnSync("python3", ["__tests__/e2e/botocore-validate.py"], {
    input: JSON.stringify(exchanges),
    env: { ...process.env, PYTHONPATH: packages },
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
