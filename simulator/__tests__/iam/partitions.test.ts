import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { putDeployRole } from "../../src/iam/deploy-role.ts";
import { createSimulator } from "../../src/simulator.ts";
import { runs, scriptedRunner } from "../../src/tasks/scripted-runner.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";

const root = { accountId: "123456789012", arn: "", accessKeyId: "test" };
const context = {
  principal: root,
  host: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
  requestId: "1",
};

function world() {
  const clock = new VirtualClock();
  return createSimulator({
    clock,
    region: "cn-north-1",
    runner: scriptedRunner({ clock, behaviour: () => runs() }),
  });
}

function session(simulator: ReturnType<typeof world>, RoleArn: string) {
  const token = simulator.oidc.issue("sts.amazonaws.com.cn");
  const sts = new STSClient({
    region: "cn-north-1",
    requestHandler: sdkRequestHandler(simulator),
    maxAttempts: 1,
  });
  return sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn,
      RoleSessionName: "deploy",
      WebIdentityToken: token,
    }),
  );
}

describe("a simulator in China", () => {
  it("names everything as its partition does", () => {
    const simulator = world();
    simulator.ecr.repositories.createRepository("app");
    const { operations } = simulator.ecr.service;
    expect(operations["DescribeRepositories"]?.({}, context)).toMatchObject({
      repositories: [
        {
          repositoryArn: "arn:aws-cn:ecr:cn-north-1:123456789012:repository/app",
          repositoryUri: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app",
        },
      ],
    });
    expect(operations["GetAuthorizationToken"]?.({}, context)).toMatchObject({
      authorizationData: [
        { proxyEndpoint: "https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn" },
      ],
    });
    expect(simulator.secretsManager.put("db", "x")).toMatch(
      /^arn:aws-cn:secretsmanager:cn-north-1:/,
    );
  });

  it("its IAM judges by ARNs of its partition", () => {
    const simulator = world();
    const [repository, elsewhere] = ["aws-cn", "aws"].map(
      (partition) => `arn:${partition}:ecr:cn-north-1:123456789012:repository/app`,
    );
    const allow = (Resource = "") => [
      { Statement: { Effect: "Allow" as const, Action: "ecr:*", Resource } },
    ];
    const roleArn = putDeployRole(simulator, { name: "deploy", policies: allow(repository) });
    expect(roleArn).toBe("arn:aws-cn:iam::123456789012:role/deploy");
    expect(simulator.iam.decide(roleArn, "ecr:PutImage", repository ?? "")).toBeUndefined();
    putDeployRole(simulator, { name: "deploy", policies: allow(elsewhere) });
    expect(simulator.iam.decide(roleArn, "ecr:PutImage", repository ?? "")).toContain(
      "not authorized",
    );
  });

  it("opens no session of a role of another partition", async () => {
    const simulator = world();
    const roleArn = putDeployRole(simulator, { name: "deploy" });
    await expect(session(simulator, roleArn)).resolves.toMatchObject({
      AssumedRoleUser: { Arn: "arn:aws-cn:sts::123456789012:assumed-role/deploy/deploy" },
    });
    await expect(session(simulator, "arn:aws:iam::123456789012:role/deploy")).rejects.toThrow(
      "Request ARN is invalid",
    );
  });
});
