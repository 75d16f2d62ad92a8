// The fault sweep over ECS Express Mode: every call of an update and of a creation × every fault. The step reports the true result,
// updates at most once, and never creates a service twice.

import type { DescribeServicesResponse, ListServiceDeploymentsResponse } from "@aws-sdk/client-ecs";
import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { setExpressStage, shop } from "../scenarios/support/express.ts";
import {
  account,
  type InputTexts,
  type Play,
  type Stage,
  setStage,
} from "../scenarios/support/stage.ts";
import { faultOf, faults } from "./faults.ts";

const fresh: InputTexts = {
  service: "fresh",
  express: JSON.stringify({
    infrastructureRoleArn: "arn:aws:iam::123456789012:role/clockko-infrastructure",
    executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
  }),
};

interface World {
  readonly stage: () => Promise<Stage>;
  readonly inputs: InputTexts;
  readonly truth: readonly string[];
  /** Service deployments that were there before. */
  readonly before: number;
}

const bad = () => exitsWith(1, { logs: ["cannot start"] });

const worlds: Readonly<Record<string, World>> = {
  "an update with a version that starts": {
    stage: () => setExpressStage(),
    inputs: shop,
    truth: ["succeeded Succeeded"],
    before: 1,
  },
  "an update that the rollback alarm ends": {
    async stage() {
      const stage = await setExpressStage();
      void stage.clock
        .sleep(2 * 60_000)
        .then(() => stage.simulator.ecs.triggerAlarm("clockko/shop/RollbackAlarm"));
      return stage;
    },
    inputs: shop,
    truth: ["rolled-back RolledBack"],
    before: 1,
  },
  "a creation with a version that starts": {
    stage: () => setStage(),
    inputs: fresh,
    truth: ["succeeded Succeeded"],
    before: 0,
  },
  "a creation with a version that exits": {
    stage: () => setStage({ tasks: bad, firstTasks: bad }),
    inputs: fresh,
    truth: ["failed FirstDeploymentFailed"],
    before: 0,
  },
  "a creation whose load balancer is denied": {
    async stage() {
      const stage = await setStage();
      stage.simulator.ecs.denyLoadBalancers();
      return stage;
    },
    inputs: { ...fresh, "wait-for-minutes": "5" },
    // Where the resources cannot be read, only the time is known to be over.
    truth: ["timed-out InfrastructureNotReady", "timed-out RolloutTimedOut"],
    before: 0,
  },
};

const calls = [
  "ecs:DescribeClusters",
  "ecs:DescribeServices",
  "ecs:DescribeTaskDefinition",
  "ecs:RegisterTaskDefinition",
  "ecs:UpdateService",
  "ecs:CreateExpressGatewayService",
  "ecs:DescribeExpressGatewayService",
  "ecs:ListServiceDeployments",
  "ecs:DescribeServiceDeployments",
  "ecs:DescribeServiceRevisions",
];

/** Codes of a step that could not learn the result, or did not begin. */
const unknown =
  /^(failed|cancelled) (AwsUnavailable|PermissionMissing|WatchInterrupted|AwsRefused)$/;

for (const [world, { stage: setWorld, inputs, truth, before }] of Object.entries(worlds)) {
  describe(world, () => {
    test("its result without a fault", async () => {
      const play = await (await setWorld()).play(inputs);
      expect(truth).toContain(verdictOf(play));
    });

    test.each(calls)("%s", async (call) => {
      for (const { name, fault, times } of faults) {
        const stage = await setWorld();
        stage.simulator.faults.add(call, faultOf(call, name, fault), times);
        const play = await stage.play(inputs);
        const label = `${call}, ${name}: ${play.annotation}`;
        expect(startedIn(stage, inputs) - before, label).toBeLessThanOrEqual(1);
        expect(creationsOf(stage), label).toBeLessThanOrEqual(1);
        if (play.exitCode === 0) expect(runsOurs(stage, inputs, play), label).toBe(true);
        const verdict = verdictOf(play);
        if (!truth.includes(verdict)) expect(verdict, label).toMatch(unknown);
      }
    });
  });
}

function verdictOf({ outcome }: Play): string {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function ask<Answer>({ simulator }: Stage, operation: string, input: object): Answer {
  const context = {
    principal: { accountId: account, arn: "root", accessKeyId: "test" },
    host: "",
    requestId: "",
  };
  return simulator.ecs.service.operations[operation]?.(input, context) as Answer;
}

/** Service deployments of the service, asked past all faults; none of a service that does not exist. */
function startedIn(stage: Stage, { service }: InputTexts): number {
  const of = { cluster: "clockko", services: [service] };
  const { services = [] } = ask<DescribeServicesResponse>(stage, "DescribeServices", of);
  if (services.length === 0) return 0;
  const list = { cluster: "clockko", service };
  const answer = ask<ListServiceDeploymentsResponse>(stage, "ListServiceDeployments", list);
  return answer.serviceDeployments?.length ?? 0;
}

/** Creations that ECS has accepted. */
function creationsOf({ simulator }: Stage): number {
  return simulator.calls.filter(
    ({ operation, error, fault }) =>
      operation === "CreateExpressGatewayService" &&
      error === undefined &&
      (fault === undefined || fault === "lost" || fault === "half"),
  ).length;
}

function runsOurs({ simulator }: Stage, { service = "" }: InputTexts, play: Play): boolean {
  const { deployments = [] } = simulator.ecs.describeService({ cluster: "clockko", service });
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  return (
    primary?.taskDefinition === play.outputs["task-definition-arn"] &&
    (primary?.runningCount ?? 0) > 0
  );
}
