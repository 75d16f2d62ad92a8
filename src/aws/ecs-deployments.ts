// ECS's service deployments, one function a call: listed, described, asked to go back. Nothing here starts one: the post step
// reaches this file.

import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
} from "@aws-sdk/client-ecs";
import type {
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
} from "../ecs/deployment.ts";
import type { Call, CallOptions } from "./call.ts";
import { serviceDeployment } from "./ecs-responses.ts";
import { listIn, requireAnswered, requireSame } from "./validate-response.ts";

export function deploymentCalls(client: ECSClient, call: Call) {
  return {
    /** The service's deployments that were created after a moment (ms since the epoch), newest first. */
    async listServiceDeployments(
      { cluster, service, createdAfter }: DeploymentsSince,
      options?: CallOptions,
    ): Promise<readonly ServiceDeploymentBrief[]> {
      const input = { cluster, service, createdAt: { after: new Date(createdAfter) } };
      const briefs = await call(
        "ecs:ListServiceDeployments",
        async (abortSignal) => {
          const answer = await client.send(new ListServiceDeploymentsCommand(input), {
            abortSignal,
          });
          return listIn(answer.serviceDeployments, "serviceDeployments");
        },
        options,
      );
      return briefs
        .map((brief) => ({
          arn: brief.serviceDeploymentArn ?? "",
          createdAt: brief.createdAt?.getTime() ?? 0,
          status: brief.status ?? "",
          targetRevisionArn: brief.targetServiceRevisionArn ?? "",
        }))
        .sort((one, other) => other.createdAt - one.createdAt);
    },

    /** Up to twenty service deployments. One that ECS does not know (yet) is left out. */
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
          const known = listIn(serviceDeployments, "serviceDeployments");
          const named = known.map(({ serviceDeploymentArn }) => serviceDeploymentArn);
          requireAnswered(serviceDeploymentArns, [...named, ...failures.map(({ arn }) => arn)]);
          return known;
        },
        options,
      );
      return found.map(serviceDeployment);
    },

    /**
     * Asks ECS to go back; works also where rollback is not configured, and asked twice it changes nothing.
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
          requireSame(
            serviceDeploymentArn,
            (await client.send(command, { abortSignal })).serviceDeploymentArn,
          ),
        options,
      );
    },
  };
}

export function revisionCalls(client: ECSClient, call: Call) {
  return {
    /** Up to twenty service revisions: what ECS really resolved. */
    async describeServiceRevisions(
      serviceRevisionArns: readonly string[],
      options?: CallOptions,
    ): Promise<readonly ServiceRevision[]> {
      const asked = serviceRevisionArns.filter(Boolean); // a brief may lack its target
      if (asked.length === 0) return [];
      const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: asked });
      const found = await call(
        "ecs:DescribeServiceRevisions",
        async (abortSignal) => {
          const { serviceRevisions, failures = [] } = await client.send(command, { abortSignal });
          const known = listIn(serviceRevisions, "serviceRevisions");
          const named = known.map(({ serviceRevisionArn }) => serviceRevisionArn);
          requireAnswered(asked, [...named, ...failures.map(({ arn }) => arn)]);
          return known;
        },
        options,
      );
      return found.map((revision) => ({
        arn: revision.serviceRevisionArn ?? "",
        taskDefinitionArn: revision.taskDefinition ?? "",
        ...(revision.createdAt && { createdAt: revision.createdAt.getTime() }),
        images: (revision.containerImages ?? []).map(
          ({ containerName = "", image = "", imageDigest }) => ({
            containerName,
            image,
            ...(imageDigest !== undefined && { digest: imageDigest }),
          }),
        ),
      }));
    },
  };
}

interface DeploymentsSince {
  readonly cluster: string;
  readonly service: string;
  readonly createdAfter: number;
}
