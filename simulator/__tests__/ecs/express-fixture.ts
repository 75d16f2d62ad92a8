// A whole simulator with the SDK's own client before it, for the operations of Express Mode.

import {
  CreateExpressGatewayServiceCommand,
  type CreateExpressGatewayServiceRequest,
  DeleteExpressGatewayServiceCommand,
  DescribeExpressGatewayServiceCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  UpdateExpressGatewayServiceCommand,
  type UpdateExpressGatewayServiceRequest,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { VirtualClock } from "../../src/clock.ts";
import { createSimulator } from "../../src/simulator.ts";
import { type Behaviour, runs, scriptedRunner } from "../../src/tasks/scripted-runner.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { ROOT } from "../wire/fixture.ts";

export const role = (name: string, partition = "aws") =>
  `arn:${partition}:iam::123456789012:role/${name}`;

export const wanted: CreateExpressGatewayServiceRequest = {
  serviceName: "web",
  infrastructureRoleArn: role("infrastructure"),
  executionRoleArn: role("execution"),
  primaryContainer: { image: "nginx:1" },
};

export function expressWorld(
  behaviour: (image: string) => Behaviour = () => runs(),
  region = "us-east-1",
) {
  const clock = new VirtualClock();
  const runner = scriptedRunner({
    clock,
    behaviour: ({ containers }) => behaviour(containers[0]?.image ?? ""),
  });
  const simulator = createSimulator({ clock, runner, region });
  const client = new ECSClient({
    region,
    credentials: ROOT,
    requestHandler: sdkRequestHandler(simulator),
    maxAttempts: 1,
  });
  const of = { service: "web" };
  const serviceArn = `arn:aws:ecs:${region}:123456789012:service/default/web`;
  const create = async (more: Partial<CreateExpressGatewayServiceRequest> = {}) =>
    (await client.send(new CreateExpressGatewayServiceCommand({ ...wanted, ...more }))).service;
  const update = async (input: Partial<UpdateExpressGatewayServiceRequest>) =>
    (await client.send(new UpdateExpressGatewayServiceCommand({ serviceArn, ...input }))).service;
  const describe = async (include: "TAGS"[] = []) =>
    (await client.send(new DescribeExpressGatewayServiceCommand({ serviceArn, include }))).service;
  const deployments = async () =>
    (await client.send(new ListServiceDeploymentsCommand(of))).serviceDeployments ?? [];
  const advance = (seconds: number) => clock.advance(seconds * 1_000);
  return {
    simulator,
    clock,
    client,
    of,
    serviceArn,
    create,
    update,
    describe,
    deployments,
    advance,
    remove: async () =>
      (await client.send(new DeleteExpressGatewayServiceCommand({ serviceArn }))).service,
    classic: async () =>
      (await client.send(new DescribeServicesCommand({ services: ["web"] }))).services?.[0],
    deploy: (taskDefinition: string) =>
      client.send(new UpdateServiceCommand({ ...of, taskDefinition })),
    revision: async () => {
      const [newest] = await deployments();
      const serviceRevisionArns = [newest?.targetServiceRevisionArn ?? ""];
      const answer = await client.send(
        new DescribeServiceRevisionsCommand({ serviceRevisionArns }),
      );
      return answer.serviceRevisions?.[0];
    },
    /** Until the newest service deployment is over. */
    async settle(mostMinutes = 60): Promise<string | undefined> {
      for (let second = 0; second < mostMinutes * 60; second++) {
        const [newest] = await deployments();
        const isOngoing = /PENDING|IN_PROGRESS|REQUESTED/.test(newest?.status ?? "");
        if (!isOngoing) return newest?.status;
        advance(1);
      }
      throw new Error(`still on its way after ${mostMinutes} minutes`);
    },
  };
}
