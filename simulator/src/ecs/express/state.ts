// What ECS keeps of an Express Mode service beside what every service has.

import type { ExpressGatewayServiceScalingMetric } from "@aws-sdk/client-ecs";

import type { RevisionState } from "../state.ts";
import type { RoleRefusal } from "./levers.ts";
import type { Target } from "./probes.ts";

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
  readonly infrastructure: Infrastructure;
  /** The rule sends traffic to both target groups, and stays so. */
  isSplit: boolean;
  readonly alarm: AlarmState;
  /** So many requests so far. */
  requests: number;
  /** Percent of requests that a revision answers with 4XX or 5XX, by `family:revision`. */
  readonly errors: Map<string, number>;
  values: ExpressValues;
  updatedAt: number;
}

/** Answers of one minute. */
export interface AnswerCounts {
  requests: number;
  /** 4XX */
  client: number;
  /** 5XX */
  server: number;
}

interface AlarmState {
  /** Of the last minutes: breaching or not, oldest first. */
  points: readonly boolean[];
  /** Of the minute that is not over. */
  readonly counts: Map<RevisionState, AnswerCounts>;
  /** The end of this minute is waited for. */
  isWatched: boolean;
  isRaised: boolean;
}

export type ManagedResource =
  | "loadBalancer"
  | "loadBalancerSecurityGroup"
  | "certificate"
  | "listener"
  | "rule"
  | "targetGroup"
  | "scalableTarget"
  | "scalingPolicy"
  | "metricAlarm"
  | "securityGroup"
  | "logGroup";

/** What ECS makes around the service. */
export interface Infrastructure {
  readonly startedAt: number;
  /** Infinity: it never comes. */
  readonly activeAt: Readonly<Record<ManagedResource, number>>;
  /** All of it is ACTIVE from then on. */
  readonly readyAt: number;
  /** Why the load balancer was denied, if it was. */
  readonly refusal: string | undefined;
  readonly arns: Readonly<
    Record<
      | "loadBalancer"
      | "listener"
      | "rule"
      | "certificate"
      | "loadBalancerSecurityGroup"
      | "scalableTarget"
      | "scalingPolicy",
      string
    >
  >;
}

/** Levers of a scenario. */
export interface ExpressLevers {
  /** UpdateService takes a deploymentConfiguration for an Express Mode service. */
  acceptsDeploymentConfiguration: boolean;
  deniesLoadBalancers: boolean;
  /** Why Create is refused, and until when. */
  roles: { readonly refusal: RoleRefusal; readonly until: number };
  /** By family, or `family:revision`. */
  readonly architectures: Map<string, string>;
  /** Asks a task's health check path; an open load balancer brings it. */
  probe?: (target: Target) => Promise<boolean>;
  /** All services share it: `app/ecs-express-gateway-alb-…/…`. */
  loadBalancer?: string;
}
