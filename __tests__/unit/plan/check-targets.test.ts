import { describe, expect, test } from "vitest";
import type { ObservedService } from "../../../src/ecs/observed.ts";
import { checkTargets } from "../../../src/plan/check-targets.ts";

const arn = "arn:aws:ecs:us-east-1:123456789012";
const place = { region: "us-east-1", accountId: "123456789012", partition: "aws" };

function problemsWith(answer: Partial<ObservedService>): readonly string[] {
  const observed: ObservedService = {
    name: "api",
    arn: `${arn}:service/clockko/api`,
    clusterName: "clockko",
    clusterArn: `${arn}:cluster/clockko`,
    status: "ACTIVE",
    controller: "ECS",
    desiredCount: 1,
    runningCount: 1,
    pendingCount: 0,
    taskDefinitionArn: `${arn}:task-definition/api:1`,
    deploymentConfiguration: {},
    deployments: [],
    events: [],
    raw: {},
    ...answer,
  };
  const services = [{ cluster: "clockko", name: "api", observed }];
  const view = {
    location: place,
    repositoryName: undefined,
    repository: undefined,
    templateError: undefined,
    services,
    movesToEcs: () => false,
  };
  return checkTargets(view).map(({ code, message }) => `${code}: ${message}`);
}

describe("the service that ECS returns is the requested one", () => {
  test.each<Partial<ObservedService>>([{}, { arn: `${arn}:service/api` }])("%o", (answer) => {
    expect(problemsWith(answer)).toEqual([]);
  });

  test.each<Partial<ObservedService>>([
    { arn: `${arn}:service/clockko/web` },
    { arn: `${arn}:service/other/api` },
    { arn: `${arn}:service/other/api`, clusterArn: `${arn}:cluster/other` },
    { clusterArn: `${arn}:cluster/other` },
    { arn: "arn:aws:ecs:us-east-1:999999999999:service/clockko/api" },
    { arn: "arn:aws:ecs:eu-west-1:123456789012:service/clockko/api" },
    { arn: "arn:aws-cn:ecs:us-east-1:123456789012:service/clockko/api" },
    { clusterArn: "arn:aws:ecs:us-east-1:999999999999:cluster/clockko" },
    { arn: "" },
    { clusterArn: "" },
  ])("or nothing is done: %o", (answer) => {
    expect(problemsWith(answer)).toEqual([
      expect.stringMatching(
        /^Bug: ECS was asked for service "api" in cluster "clockko" \(us-east-1, account 123456789012\)/,
      ),
    ]);
  });
});
