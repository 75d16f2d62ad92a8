// ECS's service deployments, one function per call: list, describe, stop with a rollback, answer a
// PAUSE hook. Nothing here starts a deployment: the post step imports this file.

import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type ServiceDeploymentBrief as SdkBrief,
  StopServiceDeploymentCommand,
} from "@aws-sdk/client-ecs";
import type {
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
} from "../ecs/deployment.ts";
import type { HookAction, PausedHook } from "../ecs/paused-hook.ts";
import type { Call, CallOptions } from "./call.ts";
import { toServiceDeployment } from "./ecs-responses.ts";
import { toExpressInfrastructure } from "./express-responses.ts";
import { requireAllReturned, requireList, requireSameResource } from "./validate-response.ts";

export function deploymentCalls(client: ECSClient, call: Call) {
  return {
    /**
     * The service's deployments that were created after a moment (ms since the Unix epoch), newest
     * first.
     */
    async listServiceDeployments(
      { cluster, service, createdAfter }: ListDeploymentsRequest,
      options?: CallOptions,
    ): Promise<readonly ServiceDeploymentBrief[]> {
      const input = { cluster, service, createdAt: { after: new Date(createdAfter) } };
      const briefs = await call(
        "ecs:ListServiceDeployments",
        async (abortSignal) => {
          const answer = await client.send(new ListServiceDeploymentsCommand(input), {
            abortSignal,
          });
          return requireList(answer.serviceDeployments, "serviceDeployments");
        },
        options,
      );
      return briefs.map(toBrief).sort((a, b) => b.createdAt - a.createdAt);
    },

    /** Up to twenty service deployments. Those that ECS does not know (yet) are left out. */
    async describeServiceDeployments(
      serviceDeploymentArns: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ServiceDeployment[]> {
      const command = new DescribeServiceDeploymentsCommand({
        serviceDeploymentArns: [...serviceDeploymentArns],
      });
      const found = await call(
        "ecs:DescribeServiceDeployments",
        async (abortSignal) => {
          const { serviceDeployments, failures = [] } = await client.send(command, { abortSignal });
          const known = requireList(serviceDeployments, "serviceDeployments");
          const returnedArns = known.map(({ serviceDeploymentArn }) => serviceDeploymentArn);
          requireAllReturned(serviceDeploymentArns, [
            ...returnedArns,
            ...failures.map(({ arn }) => arn),
          ]);
          return known;
        },
        options,
      );
      return found.map(toServiceDeployment);
    },

    /**
     * Requests a rollback; works also where rollback is not configured, and a second request
     * changes nothing.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
     */
    async stopServiceDeployment(
      serviceDeploymentArn: string,
      options?: CallOptions,
    ): Promise<void> {
      const command = new StopServiceDeploymentCommand({
        serviceDeploymentArn,
        stopType: "ROLLBACK",
      });
      await call(
        "ecs:StopServiceDeployment",
        async (abortSignal) =>
          requireSameResource(
            serviceDeploymentArn,
            (await client.send(command, { abortSignal })).serviceDeploymentArn,
          ),
        options,
      );
    },
  };
}

export function hookCalls(client: ECSClient, call: Call) {
  return {
    /**
     * Answers a PAUSE hook. CONTINUE: the deployment goes to its next stage. ROLLBACK: ECS rolls it
     * back.
     * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
     * @throws DeployError `AwsRefused`, also if the hook does not wait (any more)
     */
    async continueServiceDeployment(answer: HookAnswer, options?: CallOptions): Promise<void> {
      const command = new ContinueServiceDeploymentCommand(answer);
      await call(
        "ecs:ContinueServiceDeployment",
        async (abortSignal) =>
          requireSameResource(
            answer.serviceDeploymentArn,
            (await client.send(command, { abortSignal })).serviceDeploymentArn,
          ),
        options,
      );
    },
  };
}

interface HookAnswer extends Pick<PausedHook, "serviceDeploymentArn" | "hookId"> {
  readonly action: HookAction;
}

function toBrief(brief: SdkBrief): ServiceDeploymentBrief {
  return {
    arn: brief.serviceDeploymentArn ?? "",
    createdAt: brief.createdAt?.getTime() ?? 0,
    status: brief.status ?? "",
    targetRevisionArn: brief.targetServiceRevisionArn ?? "",
  };
}

export function revisionCalls(client: ECSClient, call: Call) {
  return {
    /** Up to twenty service revisions, with what ECS resolved. */
    async describeServiceRevisions(
      serviceRevisionArns: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ServiceRevision[]> {
      const requestedArns = serviceRevisionArns.filter(Boolean); // some have no target
      if (requestedArns.length === 0) return [];
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: requestedArns });
      const found = await call(
        "ecs:DescribeServiceRevisions",
        async (abortSignal) => {
          const { serviceRevisions, failures = [] } = await client.send(command, { abortSignal });
          const known = requireList(serviceRevisions, "serviceRevisions");
          const returnedArns = known.map(({ serviceRevisionArn }) => serviceRevisionArn);
          requireAllReturned(requestedArns, [...returnedArns, ...failures.map(({ arn }) => arn)]);
          return known;
        },
        options,
      );
      return found.map((revision) => ({
        arn: revision.serviceRevisionArn ?? "",
        taskDefinitionArn: revision.taskDefinition ?? "",
        createdAt: revision.createdAt?.getTime(),
        images: (revision.containerImages ?? []).map(
          ({ containerName = "", image = "", imageDigest }) => ({
            containerName,
            image,
            digest: imageDigest,
          }),
        ),
        infrastructure: toExpressInfrastructure(revision.ecsManagedResources),
        hasGateway: (revision.gatewayConnectors ?? []).length > 0,
      }));
    },
  };
}

interface ListDeploymentsRequest {
  readonly cluster: string;
  readonly service: string;
  readonly createdAfter: number;
}
