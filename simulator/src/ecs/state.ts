// The one state from which both views of a deployment (classic `deployments[]` and service
// deployments) are derived. Only the engine changes it; views read it.

import type {
  Attribute,
  ClusterSetting,
  ContainerImage,
  CreateServiceRequest,
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookStatus,
  HealthStatus,
  ResourceManagementType,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentStatus,
  ServiceEvent,
  Tag,
  TaskDefinition,
  TaskOverride,
} from "@aws-sdk/client-ecs";
import type { SimulatorClock, TaskHandle, TaskRunner } from "../contract.ts";
import type { AccountRegion } from "../iam/partitions.ts";
import type { Logs } from "../logs/logs.ts";
import type { ExpressLevers, ExpressState, ExpressValues } from "./express/state.ts";
import type { Identifiers } from "./identifiers.ts";
import type { TaskAccount } from "./task-account.ts";
import type { Timing } from "./timing.ts";

export interface EcsState extends AccountRegion {
  readonly clock: SimulatorClock;
  readonly runner: TaskRunner;
  readonly images: { resolve(reference: string): string | undefined };
  readonly logs: Logs;
  readonly account: TaskAccount;
  readonly takesAnyTaskDefinition: boolean;
  readonly timing: Timing;
  readonly ids: Identifiers;
  readonly clusters: Map<string, ClusterState>;
  /** Revisions by family; index + 1 is the revision. */
  readonly families: Map<string, TaskDefinitionState[]>;
  /** Names of the CloudWatch alarms that are in ALARM. */
  readonly alarms: Set<string>;
  /** Results queued for a hook's target ARN; the last one is repeated. */
  readonly hookAnswers: Map<string, HookAnswer[]>;
  /** RunTask's responses by client token. */
  readonly runTokens: Map<
    string,
    { readonly request: string; readonly taskArns: readonly string[] }
  >;
  readonly delays: Delays;
  readonly express: ExpressLevers;
  /** Task families that cannot be placed, and why. */
  readonly placementFailures: Map<string, string>;
  /** Task families whose tasks stay in PROVISIONING. */
  readonly heldFamilies: Set<string>;
  /** Names of containers that AWS adds to each task. */
  readonly addedContainers: string[];
  /** Schedules a reconciliation of a service after at most this many milliseconds. */
  readonly wake: (service: ServiceState, delayMilliseconds: number) => void;
}

interface Delays {
  /** DescribeServices returns the state before the update for this long. */
  describe: number;
  /** ListServiceDeployments omits a new deployment for this long. */
  list: number;
  /** DescribeTasks reports a new task as MISSING for this long. */
  tasks: number;
}

export interface HookAnswer {
  readonly status: "SUCCEEDED" | "FAILED" | "IN_PROGRESS";
  /** How long the function runs before it returns. */
  readonly after?: number;
}

export interface ClusterState {
  readonly name: string;
  readonly arn: string;
  status: "ACTIVE" | "INACTIVE";
  tags: readonly Tag[];
  readonly settings: readonly ClusterSetting[];
  readonly services: Map<string, ServiceState>;
  tasks: TaskState[];
}

export interface TaskDefinitionState {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  /** The whole registered input, with ECS's defaults. */
  readonly definition: TaskDefinition;
  tags: readonly Tag[];
  readonly requiresAttributes: readonly Attribute[];
  readonly registeredAt: number;
  readonly registeredBy: string;
  status: "ACTIVE" | "INACTIVE";
  deregisteredAt?: number;
}

/** Settings of a service besides its name, count, task definition and deployment configuration. */
export type ServiceSettings = Readonly<
  Partial<
    Omit<
      CreateServiceRequest,
      | "cluster"
      | "serviceName"
      | "desiredCount"
      | "taskDefinition"
      | "clientToken"
      | "deploymentConfiguration"
      | "tags"
    >
  >
>;

export interface ServiceState {
  readonly name: string;
  readonly arn: string;
  readonly cluster: ClusterState;
  readonly createdAt: number;
  readonly createdBy: string;
  /** ECS: an Express Mode service, whose infrastructure ECS itself manages. */
  readonly resourceManagementType: ResourceManagementType;
  readonly express?: ExpressState;
  tags: readonly Tag[];
  status: "ACTIVE" | "DRAINING" | "INACTIVE";
  desiredCount: number;
  settings: ServiceSettings;
  deploymentConfiguration: DeploymentConfiguration;
  /** Newest first. */
  events: ServiceEvent[];
  /** All revisions of this service, oldest first. */
  readonly revisions: RevisionState[];
  /** All service deployments, oldest first. */
  rollouts: RolloutState[];
  primary: RevisionState;
  isSteady: boolean;
  /** The next reconciliation of this service. */
  wake?: { readonly at: number; readonly cancel: () => void };
  /** Consecutive tasks that never ran: the service throttle. */
  throttle: { failures: number; until: number };
  /** When the scheduler last reported that it cannot start or stop tasks. */
  stuckEventAt?: number;
  /** The state that readers still see after an update (eventual consistency). */
  stale?: { readonly until: number; readonly view: unknown };
}

type Phase =
  | { readonly is: "arriving" }
  | { readonly is: "good" }
  | { readonly is: "failed"; readonly reason: string }
  | { readonly is: "returning"; readonly reason: string };

/** A service revision; in the classic view the deployment `ecs-svc/…`. */
export interface RevisionState {
  readonly classicId: string;
  readonly arn: string;
  readonly taskDefinition: TaskDefinitionState;
  readonly settings: ServiceSettings;
  readonly images: readonly ContainerImage[];
  /** Of an Express Mode service's revision. */
  readonly express?: ExpressValues;
  /** On which its tasks run, where that is not the task definition's. */
  readonly architecture?: string;
  readonly createdAt: number;
  updatedAt: number;
  phase: Phase;
  completedAt?: number;
  /** Tasks that this revision should have now. */
  desired: number;
  failedTasks: number;
  tasks: TaskState[];
  /** A failed one stays in the list for a moment, even without tasks. */
  shownUntil: number;
  /** Shares of traffic; staged strategies only. */
  weights?: { test: number; production: number };
}

/**
 * A service deployment: from the running revisions to one target revision, and possibly a rollback.
 */
export interface RolloutState {
  readonly arn: string;
  readonly createdAt: number;
  readonly sources: readonly RevisionState[];
  readonly target: RevisionState;
  readonly configuration: DeploymentConfiguration;
  /** ListServiceDeployments returns it from then on. */
  readonly listedAt: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  startedAt?: number;
  finishedAt?: number;
  stoppedAt?: number;
  updatedAt: number;
  readonly steps: readonly Step[];
  step: number;
  stepStartedAt: number;
  readonly hooks: HookState[];
  rollback?: { readonly reason: string; readonly startedAt: number; readonly to: RevisionState };
  readonly alarms: { watched: boolean; readonly names: readonly string[]; triggered: string[] };
  breakerTripped: boolean;
}

export type Step = { readonly stage?: ServiceDeploymentLifecycleStage } & (
  | { readonly do: "hooks"; readonly hooks: DeploymentLifecycleHookStage }
  | { readonly do: "infrastructure" }
  | { readonly do: "reconcile" }
  | { readonly do: "roll" }
  | { readonly do: "scaleUp" }
  | { readonly do: "testTraffic" }
  | { readonly do: "productionTraffic"; readonly percent: number }
  | { readonly do: "wait"; readonly milliseconds: number }
  | { readonly do: "cleanUp" }
);

export interface HookState {
  readonly id: string;
  readonly step: number;
  readonly hook: DeploymentLifecycleHook;
  readonly stage: DeploymentLifecycleHookStage;
  status: DeploymentLifecycleHookStatus;
  /** Lambda: when its result arrives; PAUSE: never. */
  answerAt?: number;
  answer?: HookAnswer;
  readonly expiresAt: number;
  readonly timeoutAction: DeploymentLifecycleHookAction;
}

type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

export interface ContainerState {
  readonly arn: string;
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly hasHealthCheck: boolean;
  imageDigest?: string;
  runtimeId?: string;
  lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  health: HealthStatus;
  exitCode?: number;
  reason?: string;
}

/** Checks in a row, and the moments at which they were enough. */
interface TargetHealth {
  readonly passed: number;
  readonly failed: number;
  healthyAt?: number;
  unhealthyAt?: number;
}

export interface TaskState {
  readonly arn: string;
  readonly id: string;
  readonly cluster: ClusterState;
  readonly definition: TaskDefinitionState;
  readonly service?: ServiceState;
  readonly revision?: RevisionState;
  readonly startedBy?: string;
  readonly group: string;
  readonly overrides: TaskOverride;
  tags: readonly Tag[];
  readonly settings: ServiceSettings;
  readonly containers: readonly ContainerState[];
  readonly networkInterfaceId: string;
  readonly attachmentId: string;
  readonly createdAt: number;
  /** DescribeTasks returns it from then on. */
  readonly visibleAt: number;
  version: number;
  lastStatus: TaskStatus;
  desiredStatus: "RUNNING" | "STOPPED";
  handle?: TaskHandle;
  address?: string;
  /** What the load balancer's health checks say, where one asks. */
  target?: TargetHealth;
  /** It has reached RUNNING. */
  hasRun: boolean;
  /** It has been healthy. */
  wasHealthy: boolean;
  /** Who requested the stop, if any. `check`: the scheduler, because a health check failed. */
  stoppedBy?: "scheduler" | "check" | "user";
  stopCode?: string;
  stoppedReason?: string;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  runningAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
  hasEnded: boolean;
}
