// The state of a deployment at one poll. Times are milliseconds since the Unix epoch.

import type { ExpressInfrastructure } from "./express.ts";
import type { ObservedService } from "./observed.ts";

export interface ServiceDeploymentBrief {
  readonly arn: string;
  readonly createdAt: number;
  readonly status: string;
  readonly targetRevisionArn: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
export interface ServiceDeployment extends ServiceDeploymentBrief {
  /** The service revisions that ran before; none in a first deployment. */
  readonly sourceRevisionArns?: readonly string[] | undefined;
  readonly statusReason?: string | undefined;
  readonly lifecycleStage?: string | undefined;
  readonly rollbackReason?: string | undefined;
  readonly requestedTasks: number;
  readonly runningTasks: number;
  readonly pendingTasks: number;
  /** Tasks of the revisions that it replaces, running and pending. */
  readonly sourceTasks?: number | undefined;
  /**
   * Per cent of the production traffic that goes to our revision; only the staged strategies say
   * so.
   */
  readonly productionTrafficWeight?: number | undefined;
  readonly hooks: readonly LifecycleHook[];
  readonly breaker?:
    | {
        readonly status: string;
        readonly failureCount: number;
        readonly threshold: number;
      }
    | undefined;
  readonly triggeredAlarms: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html */
export interface LifecycleHook {
  readonly id: string;
  /** AWS_LAMBDA or PAUSE. */
  readonly targetType: string;
  readonly targetArn?: string | undefined;
  /** AWAITING_ACTION, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT. */
  readonly status: string;
  readonly expiresAt?: number | undefined;
  /** What ECS does when it expires: CONTINUE or ROLLBACK. */
  readonly timeoutAction?: string | undefined;
}

export interface ServiceRevision {
  readonly arn: string;
  readonly taskDefinitionArn: string;
  /** Milliseconds since the Unix epoch; absent where ECS does not say. */
  readonly createdAt?: number | undefined;
  /** What ECS really resolved, per container. */
  readonly images: readonly {
    readonly containerName: string;
    readonly image: string;
    readonly digest?: string | undefined;
  }[];
  /** Only of an Express Mode service. */
  readonly infrastructure?: ExpressInfrastructure | undefined;
  /** A gateway connector sends traffic to its tasks, and checks their health. */
  readonly hasGateway?: boolean | undefined;
}

/** The deployment that our UpdateService started: what everything is judged by. */
export interface OwnDeployment {
  readonly cluster: string;
  readonly service: string;
  /** Classic id, `ecs-svc/…`. */
  readonly id: string;
  readonly startedAt: number;
  readonly taskDefinitionArn: string;
  /**
   * Ids that the service had before: one of them as PRIMARY again is a rollback, not a newer
   * deployment.
   */
  readonly earlierIds: readonly string[];
  /** Absent while ECS has not recorded it, and where the permission to list is missing. */
  readonly serviceDeploymentArn?: string | undefined;
}

/** Why nothing could be read. */
export interface ReadFailure {
  readonly reason: string;
  /** A later attempt may succeed: AWS or the network is unavailable; the read was not denied. */
  readonly transient: boolean;
}

export interface DeploymentSnapshot {
  /** When it was polled. */
  readonly at: number;
  /** Our deployment was in the service's list at this poll or an earlier one. */
  readonly seen: boolean;
  /**
   * Absent when ECS does not know the service any more, and when it could not be read (`unread`).
   */
  readonly service?: ObservedService | undefined;
  readonly serviceDeployment?: ServiceDeployment | undefined;
  /**
   * DescribeServices failed at this poll. Without a service deployment, no state of the rollout is
   * known.
   */
  readonly readFailure?: ReadFailure | undefined;
  /**
   * Deployments of the same service that are newer than ours; read only when ours was stopped.
   * undefined: they could not be listed.
   */
  readonly newer: readonly ServiceDeploymentBrief[] | undefined;
}

/** Nothing could be read of the rollout: neither of its service deployment nor of its service. */
export function isUnreadable({ serviceDeployment, readFailure }: DeploymentSnapshot): boolean {
  return !serviceDeployment && readFailure !== undefined;
}
