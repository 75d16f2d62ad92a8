// The service deployments API: list, describe, stop, continue; and service revisions.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html

import type {
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse,
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
} from "@aws-sdk/client-ecs";
import { conflict, invalidParameter } from "./errors.ts";
import { findRevision, findRollout, requireRollout, requireService } from "./lookup.ts";
import { page } from "./paging.ts";
import { fail, hookCause } from "./rollback.ts";
import type { EcsState } from "./state.ts";
import { revisionView, rolloutBrief, rolloutView } from "./views.ts";

const maxListed = 20;

export function serviceDeploymentOperations(world: EcsState) {
  return {
    ListServiceDeployments: (input: ListServiceDeploymentsRequest) => list(world, input),
    DescribeServiceDeployments(
      input: DescribeServiceDeploymentsRequest,
    ): DescribeServiceDeploymentsResponse {
      const { found, failures } = lookUp(input.serviceDeploymentArns, (one) =>
        findRollout(world, one),
      );
      return {
        serviceDeployments: found.map(({ service, rollout }) => rolloutView(service, rollout)),
        failures,
      };
    },
    DescribeServiceRevisions(
      input: DescribeServiceRevisionsRequest,
    ): DescribeServiceRevisionsResponse {
      const { found, failures } = lookUp(input.serviceRevisionArns, (one) =>
        findRevision(world, one),
      );
      const inactive = found.find(
        ({ service }) => service.express && service.status === "INACTIVE",
      );
      // Seen: aws-cli.
      if (inactive)
        throw invalidParameter(
          "Cannot call DescribeServiceRevisions for a service that is INACTIVE",
        );
      return {
        serviceRevisions: found.map(({ service, revision }) =>
          revisionView(service, revision, world.clock.now()),
        ),
        failures,
      };
    },
    StopServiceDeployment: (input: StopServiceDeploymentRequest) => stop(world, input),
    ContinueServiceDeployment: (input: ContinueServiceDeploymentRequest) =>
      continueServiceDeployment(world, input),
  };
}

/** Newest first. Dates are sent as epoch seconds. */
function list(
  world: EcsState,
  input: ListServiceDeploymentsRequest,
): ListServiceDeploymentsResponse {
  const service = requireService(world, input.cluster, input.service ?? "");
  const { before = Infinity, after = -Infinity } = input.createdAt ?? {};
  const now = world.clock.now();
  // CODE_DEPLOY and EXTERNAL services have task sets instead.
  const ours =
    (service.settings.deploymentController?.type ?? "ECS") === "ECS" ? service.rollouts : [];
  const matching = ours
    .filter((one) => one.listedAt <= now)
    .filter((one) => !input.status?.length || input.status.includes(one.status))
    .filter((one) => one.createdAt >= milliseconds(after) && one.createdAt <= milliseconds(before))
    .reverse();
  const { items, nextToken } = page(matching, input.maxResults ?? maxListed, input.nextToken);
  return {
    serviceDeployments: items.map((one) => rolloutBrief(service, one)),
    ...(nextToken ? { nextToken } : {}),
  };
}

const milliseconds = (moment: number | Date) =>
  typeof moment === "number" ? moment * 1000 : moment.getTime();

function lookUp<T>(arns: readonly string[] | undefined, find: (arn: string) => T | undefined) {
  if (!arns?.length || arns.length > maxListed)
    throw invalidParameter(`Specify between 1 and ${maxListed} ARNs.`);
  const looked = arns.map((arn) => ({ arn, found: find(arn) }));
  return {
    found: looked.map((one) => one.found).filter((one) => one !== undefined),
    failures: looked
      .filter((one) => one.found === undefined)
      .map(({ arn }) => ({ arn, reason: "MISSING" })),
  };
}

/**
 * Works even if rollback is not configured; while a deployment is already stopping or rolling back,
 * it changes nothing.
 */
function stop(world: EcsState, input: StopServiceDeploymentRequest): StopServiceDeploymentResponse {
  const { service, rollout } = requireRollout(world, input.serviceDeploymentArn ?? "");
  if (rollout.status === "PENDING" || rollout.status === "IN_PROGRESS") {
    rollout.status = input.stopType === "ABORT" ? "STOP_REQUESTED" : "ROLLBACK_REQUESTED";
    rollout.stoppedAt = world.clock.now();
    rollout.updatedAt = world.clock.now();
    world.wake(service, world.timing.firstTick);
  } else if (
    !["STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"].includes(rollout.status)
  ) {
    throw conflict(
      `The service deployment cannot be stopped because its status is ${rollout.status}.`,
    );
  }
  return { serviceDeploymentArn: rollout.arn };
}

/**
 * Answers a PAUSE hook. The API reference lists no ConflictException for it, and does not say which
 * of its errors answers a hook that waits no more: InvalidParameterException is our choice.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
 */
function continueServiceDeployment(
  world: EcsState,
  input: ContinueServiceDeploymentRequest,
): ContinueServiceDeploymentResponse {
  const { service, rollout } = requireRollout(world, input.serviceDeploymentArn ?? "");
  const hook = rollout.hooks.find((one) => one.id === input.hookId);
  if (!hook) throw invalidParameter("The lifecycle hook was not found.");
  const expired = world.clock.now() >= hook.expiresAt;
  if (hook.status !== "AWAITING_ACTION" || expired || rollout.status !== "IN_PROGRESS")
    throw invalidParameter("The lifecycle hook is not awaiting an action.");
  if (input.action === "ROLLBACK") {
    hook.status = "FAILED";
    fail(
      world,
      service,
      rollout,
      hookCause(`${hook.stage} lifecycle hook(s) failed. A rollback was requested.`),
    );
  } else hook.status = "SUCCEEDED";
  world.wake(service, world.timing.reaction);
  return { serviceDeploymentArn: rollout.arn };
}
