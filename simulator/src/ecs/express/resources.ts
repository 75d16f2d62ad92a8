// `ecsManagedResources` and `overrides` of a service revision. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ECSManagedResources.html

import type {
  ECSManagedResources,
  ManagedIngressPath,
  ManagedResourceStatus,
  ServiceRevisionOverrides,
} from "@aws-sdk/client-ecs";
import { accountRegionOf, regionalArn } from "../../iam/partitions.ts";
import type { RevisionState, ServiceState } from "../state.ts";
import { rollbackAlarm } from "./alarm.ts";
import { portOf, withoutUndefined } from "./definition.ts";
import type { ExpressState, ManagedResource } from "./state.ts";

interface Seen {
  readonly service: ServiceState;
  readonly express: ExpressState;
  readonly revision: RevisionState;
  readonly now: number;
}

export function managedResources(
  service: ServiceState,
  revision: RevisionState,
  now: number,
): ECSManagedResources | undefined {
  const { express } = service;
  if (!express) return undefined;
  const seen = { service, express, revision, now };
  const place = accountRegionOf(service.arn);
  const { arns } = express.infrastructure;
  const { scalingTarget } = revision.express ?? express.values;
  const { logGroup, securityGroup } = express;
  return {
    ingressPaths: [ingressPath(seen)],
    autoScaling: {
      scalableTarget: {
        ...statusOf(seen, "scalableTarget", arns.scalableTarget),
        minCapacity: scalingTarget.minTaskCount,
        maxCapacity: scalingTarget.maxTaskCount,
      },
      applicationAutoScalingPolicies: [
        {
          ...statusOf(seen, "scalingPolicy", arns.scalingPolicy),
          policyType: "TargetTrackingScaling",
          targetValue: scalingTarget.autoScalingTargetValue,
          metric: scalingTarget.autoScalingMetric,
        },
      ],
    },
    metricAlarms: [
      statusOf(
        seen,
        "metricAlarm",
        regionalArn(
          place,
          "cloudwatch",
          `alarm:${rollbackAlarm(service.cluster.name, service.name)}`,
        ),
      ),
    ],
    serviceSecurityGroups: [
      statusOf(seen, "securityGroup", regionalArn(place, "ec2", `security-group/${securityGroup}`)),
    ],
    logGroups: [
      {
        ...statusOf(seen, "logGroup", regionalArn(place, "logs", `log-group:${logGroup}`)),
        logGroupName: logGroup,
      },
    ],
  };
}

function ingressPath(seen: Seen): ManagedIngressPath {
  const { express, revision } = seen;
  const { arns, refusal } = express.infrastructure;
  const { healthCheckPath, subnets } = revision.express ?? express.values;
  const port = portOf(revision.taskDefinition.definition);
  return {
    accessType: "PUBLIC",
    endpoint: express.endpoint,
    loadBalancer: withoutUndefined({
      ...statusOf(seen, "loadBalancer", arns.loadBalancer),
      statusReason: refusal,
      scheme: "internet-facing",
      subnetIds: [...subnets],
      securityGroupIds: [arns.loadBalancerSecurityGroup.replace(/^.*\//, "")],
    }),
    loadBalancerSecurityGroups: [
      statusOf(seen, "loadBalancerSecurityGroup", arns.loadBalancerSecurityGroup),
    ],
    certificate: {
      ...statusOf(seen, "certificate", arns.certificate),
      domainName: express.endpoint,
    },
    listener: statusOf(seen, "listener", arns.listener),
    rule: statusOf(seen, "rule", arns.rule),
    targetGroups: express.targetGroups.map((targetGroup) => ({
      ...statusOf(seen, "targetGroup", targetGroup),
      healthCheckPath,
      healthCheckPort: port,
      port,
    })),
  };
}

/** A resource that is not there yet has no ARN. */
function statusOf({ service, express, now }: Seen, resource: ManagedResource, arn: string) {
  const { activeAt, startedAt } = express.infrastructure;
  const isActive = now >= activeAt[resource];
  const since = isActive ? activeAt[resource] : startedAt;
  let status: ManagedResourceStatus = isActive ? "ACTIVE" : "PROVISIONING";
  if (service.status === "DRAINING") status = "DEPROVISIONING";
  return withoutUndefined({ arn: isActive ? arn : undefined, status, updatedAt: new Date(since) });
}

/** ECS runs the tasks on another architecture than the task definition names. */
export function overridesOf({ architecture }: RevisionState): ServiceRevisionOverrides | undefined {
  if (!architecture) return undefined;
  return { runtimePlatform: { cpuArchitecture: architecture } };
}
