// ECS and ECR resources as they were read: the nouns of plan/ and deployment/. Types only.

import type { JsonObject } from "../json.ts";

/**
 * One entry of a service's classic `deployments[]`. Times are milliseconds since the Unix epoch.
 */
export interface ClassicDeployment {
  /** `ecs-svc/1234567890123456789`; also the `startedBy` of its tasks. */
  readonly id: string;
  /** PRIMARY, ACTIVE, INACTIVE (DRAINING was seen too). */
  readonly status: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly pendingCount: number;
  readonly runningCount: number;
  readonly failedTasks: number;
  /** IN_PROGRESS, COMPLETED, FAILED; absent where ECS does not control the rollout. */
  readonly rolloutState?: string | undefined;
  readonly rolloutStateReason?: string | undefined;
  readonly createdAt: number;
  /**
   * As AWS sent them: those members of UpdateService that DescribeServices has only here.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
   */
  readonly settings?: JsonObject | undefined;
}

export interface ServiceEvent {
  readonly id: string;
  readonly createdAt: number;
  readonly message: string;
}

export interface ObservedService {
  readonly name: string;
  readonly arn: string;
  readonly clusterName: string;
  readonly clusterArn: string;
  /** ACTIVE, DRAINING, INACTIVE. */
  readonly status: string;
  /** ECS (also when the answer names none), CODE_DEPLOY, EXTERNAL. */
  readonly controller: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly taskDefinitionArn: string;
  /** As AWS sent it, whole. */
  readonly deploymentConfiguration: JsonObject;
  readonly deployments: readonly ClassicDeployment[];
  /** Newest first. */
  readonly events: readonly ServiceEvent[];
  /** As AWS sent it, whole but for deployments and events: network, load balancers, capacity. */
  readonly raw: JsonObject;
}

/** A deployment that is over or under way, as far back as ECS remembers. */
export interface PastDeployment {
  readonly createdAt: number;
  /** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
  readonly status: string;
  readonly taskDefinitionArn: string;
  readonly images: readonly string[];
  /** By image, as ECS resolved it; absent where ECS does not say. */
  readonly digests?: Readonly<Record<string, string>> | undefined;
}

/** What was looked up, or in words why it could not be. */
export type Lookup<Value> = { readonly value: Value } | { readonly error: string };

export interface ObservedTaskDefinition {
  readonly arn: string;
  /** As AWS sent it, whole: also what RegisterTaskDefinition does not take back. */
  readonly definition: JsonObject;
  readonly tags: readonly JsonObject[];
}

export interface ObservedRepository {
  readonly name: string;
  /**
   * Registry host and name: `123456789012.dkr.ecr.us-east-1.amazonaws.com/clockko-backend`. The
   * host is never built, always read from here.
   */
  readonly uri: string;
  readonly arn: string;
  /** MUTABLE, IMMUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION. */
  readonly tagMutability: string;
  /** Filters of the tags that are excluded from that rule; `*` stands for any characters. */
  readonly mutabilityExclusions: readonly string[];
  /** It does not exist: the step creates it like this. */
  readonly isMissing?: true;
  /** It does not exist: a creation template makes ECR create it like this with the first push. */
  readonly isCreatedOnPush?: true;
}

/** One of ECR's repository creation templates. */
export interface CreationTemplate
  extends Pick<ObservedRepository, "tagMutability" | "mutabilityExclusions"> {
  /** `team` stands for all repositories below `team/`, `ROOT` for those that no other one matches. */
  readonly prefix: string;
  /** `CREATE_ON_PUSH`, `PULL_THROUGH_CACHE`, `REPLICATION`. */
  readonly appliedFor: readonly string[];
}

/** `deleted`: it is scheduled for deletion, and cannot be read any more. */
export type SecretStatus = "exists" | "missing" | "deleted";

/** An image that is in the repository. */
export interface ObservedImage {
  readonly digest: string;
  /** ECR's status, such as `ARCHIVED`; absent: it was not read. */
  readonly status?: string | undefined;
  /** Absent: they were not read. */
  readonly labels?: Lookup<BuildLabels> | undefined;
}

/** What the labels of an image say of its build; absent: it has no such label. */
export interface BuildLabels {
  /** The commit: org.opencontainers.image.revision. */
  readonly revision?: string | undefined;
  /** The fingerprint of the build's inputs, `buildInputsOf`. */
  readonly buildInputs?: string | undefined;
  /** The commit's time, in seconds since the Unix epoch. */
  readonly commitTime?: number | undefined;
}

/** A container of the service's current revision, with the image that ECS resolved for it. */
export interface RunningImage {
  readonly containerName: string;
  /** Absent: ECS does not say. */
  readonly digest?: string | undefined;
}

/** The image that `image` names. */
export interface ObservedExternalImage extends ObservedImage {
  /** `linux/amd64`; absent where the registry does not report them. */
  readonly platforms?: readonly string[] | undefined;
  /** Of an index: its images. */
  readonly children?: readonly { readonly digest: string; readonly platform: string }[];
}

/** What is built. */
export interface ObservedCommit {
  readonly sha: string;
  /** Its time in seconds since the Unix epoch; absent where it is unknown. */
  readonly time?: number | undefined;
  /** The repository's page. */
  readonly source?: string | undefined;
  /** Where it is checked out, GITHUB_WORKSPACE. */
  readonly workspace?: string | undefined;
}
