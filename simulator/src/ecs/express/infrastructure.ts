// The load balancer and its kin, which ECS makes with the infrastructure role: when each of them is
// there, and what keeps it from coming.

import { sessionArn } from "../../iam/iam.ts";
import { regionalArn } from "../../iam/partitions.ts";
import { isTrusted } from "../../iam/trust-policy.ts";
import type { EcsState } from "../state.ts";
import type { Infrastructure, ManagedResource } from "./state.ts";

/** Share of the whole time after which each is ACTIVE; the order is inferred. */
const shares: Readonly<Record<ManagedResource, number>> = {
  logGroup: 0.1,
  securityGroup: 0.1,
  loadBalancerSecurityGroup: 0.1,
  certificate: 0.5,
  targetGroup: 0.6,
  loadBalancer: 0.7,
  listener: 0.8,
  rule: 0.9,
  scalableTarget: 1,
  scalingPolicy: 1,
  metricAlarm: 1,
};

/** What cannot come without the load balancer. */
const behindLoadBalancer: readonly string[] = ["loadBalancer", "listener", "rule"];

/**
 * ECS asks for the account's attributes before it makes the load balancer, once.
 * @returns why it may not, in the words of the service event
 */
export function loadBalancerRefusal(world: EcsState, roleArn: string): string | undefined {
  const action = "ec2:DescribeAccountAttributes";
  const session = { name: "ECSGateway" };
  const refusal = world.express.deniesLoadBalancers
    ? `User: ${sessionArn(roleArn, session.name)} is not authorized to perform: ${action} ` +
      `because no identity-based policy allows the ${action} action`
    : world.account.iam.decide(roleArn, action, "*", {}, session);
  return refusal && `AccessDenied: ${refusal}`;
}

/** @param duration milliseconds until all of it is there; 0: it is there already */
export function newInfrastructure(
  world: EcsState,
  cluster: string,
  duration: number,
  refusal?: string,
): Infrastructure {
  const startedAt = world.clock.now();
  const activeAt = Object.fromEntries(
    Object.entries(shares).map(([resource, share]) => [
      resource,
      refusal && behindLoadBalancer.includes(resource) ? Infinity : startedAt + share * duration,
    ]),
  ) as Record<ManagedResource, number>;
  return {
    startedAt,
    activeAt,
    readyAt: Math.max(...Object.values(activeAt)),
    refusal,
    arns: newArns(world, cluster),
  };
}

function newArns(world: EcsState, cluster: string): Infrastructure["arns"] {
  const { ids } = world;
  world.express.loadBalancer ??= `app/ecs-express-gateway-alb-${ids.hex(8)}/${ids.hex(16)}`;
  const balancer = world.express.loadBalancer;
  const listener = `${balancer}/${ids.hex(16)}`;
  const balancing = (resource: string) => regionalArn(world, "elasticloadbalancing", resource);
  return {
    loadBalancer: balancing(`loadbalancer/${balancer}`),
    listener: balancing(`listener/${listener}`),
    rule: balancing(`listener-rule/${listener}/${ids.hex(16)}`),
    certificate: regionalArn(world, "acm", `certificate/${ids.uuid()}`),
    loadBalancerSecurityGroup: regionalArn(world, "ec2", `security-group/sg-${ids.hex(17)}`),
    scalableTarget: regionalArn(world, "application-autoscaling", `scalable-target/${ids.hex(34)}`),
    scalingPolicy: regionalArn(
      world,
      "autoscaling",
      `scalingPolicy:${ids.uuid()}:resource/ecs/service/${cluster}`,
    ),
  };
}

/** ECS has to assume the infrastructure role before it creates anything. */
export function trustsEcs(world: EcsState, roleArn: string): boolean {
  const role = world.account.iam.roles.find(roleArn);
  const request = { action: "sts:AssumeRole", by: { Service: "ecs.amazonaws.com" }, context: {} };
  return !role || isTrusted(role.trustPolicy, request);
}
