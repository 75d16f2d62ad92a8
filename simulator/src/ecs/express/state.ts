// What ECS keeps of an Express Mode service beside what every service has.

import type { ExpressGatewayServiceScalingMetric } from "@aws-sdk/client-ecs";

/** ExpressGatewayScalingTarget with its defaults filled in. */
interface ScalingTarget {
  readonly minTaskCount: number;
  readonly maxTaskCount: number;
  readonly autoScalingMetric: ExpressGatewayServiceScalingMetric;
  readonly autoScalingTargetValue: number;
}

/** A revision's own values that no task definition holds. */
export interface ExpressValues {
  readonly healthCheckPath: string;
  readonly scalingTarget: ScalingTarget;
  readonly subnets: readonly string[];
  /** Those of the caller; ECS adds the service's own to them. */
  readonly securityGroups: readonly string[];
}

export interface ExpressState {
  readonly infrastructureRoleArn: string;
  /** Host of the URL: `sh-<32 hex>.ecs.us-east-1.on.aws`. */
  readonly endpoint: string;
  /** ECS's own security group of the service. */
  readonly securityGroup: string;
  readonly logGroup: string;
  /** Traffic moves between the two; the first one serves when the service is made. */
  readonly targetGroups: readonly [string, string];
  values: ExpressValues;
  updatedAt: number;
}

/** Levers of a scenario. */
export interface ExpressLevers {
  /** UpdateService takes a deploymentConfiguration for an Express Mode service. */
  acceptsDeploymentConfiguration: boolean;
}
