// What ECS says of the resources that it manages for an Express Mode service, in our nouns.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ECSManagedResources.html

import type { ECSManagedResources, ManagedIngressPath } from "@aws-sdk/client-ecs";
import { type ExpressInfrastructure, type ManagedResource, toUrl } from "../ecs/express.ts";

/** A member of the answer that has a status; absent ones are left out. */
interface ReportedResource {
  readonly arn?: string | undefined;
  readonly status?: string | undefined;
  readonly statusReason?: string | undefined;
}

export function toExpressInfrastructure(
  managed: ECSManagedResources | undefined,
): ExpressInfrastructure | undefined {
  if (!managed) return undefined;
  const {
    ingressPaths = [],
    autoScaling,
    metricAlarms,
    serviceSecurityGroups,
    logGroups,
  } = managed;
  return {
    urls: ingressPaths.flatMap(({ endpoint = "" }) => {
      if (endpoint === "") return [];
      return [toUrl(endpoint)];
    }),
    resources: [
      ...ingressPaths.flatMap(ingressResources),
      ...toResources("service security group", serviceSecurityGroups),
      ...toResources("scalable target", [autoScaling?.scalableTarget]),
      ...toResources("scaling policy", autoScaling?.applicationAutoScalingPolicies),
      ...toResources("alarm", metricAlarms),
      ...toResources("log group", logGroups),
    ],
  };
}

function ingressResources(path: ManagedIngressPath): readonly ManagedResource[] {
  return [
    ...toResources("load balancer", [path.loadBalancer]),
    ...toResources("load balancer security group", path.loadBalancerSecurityGroups),
    ...toResources("certificate", [path.certificate]),
    ...toResources("listener", [path.listener]),
    ...toResources("listener rule", [path.rule]),
    ...toResources("target group", path.targetGroups),
  ];
}

function toResources(
  kind: string,
  reported: readonly (ReportedResource | undefined)[] | undefined,
): readonly ManagedResource[] {
  return (reported ?? []).flatMap((resource) => {
    if (!resource) return [];
    const { arn, status = "", statusReason } = resource;
    return [{ kind, arn, status, reason: statusReason }];
  });
}
