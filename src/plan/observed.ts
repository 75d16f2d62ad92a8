// The state that was read before anything is planned.

import type { ExpressInfrastructure } from "../ecs/express.ts";
import type {
  BuildLabels,
  Lookup,
  ObservedCommit,
  ObservedExternalImage,
  ObservedImage,
  ObservedRepository,
  ObservedTaskDefinition,
  PastDeployment,
  RunningImage,
} from "../ecs/observed.ts";
import type { RequestSchemas } from "../ecs/request-schema.ts";
import type { RequestedService } from "./check-targets.ts";
import type { PlanFinding } from "./findings.ts";
import type { TaskDefinitionSource } from "./task-definition/revision.ts";

export interface Observed {
  readonly region: string;
  readonly accountId: string;
  /** `aws`, `aws-cn` …: the session's partition. */
  readonly partition: string;
  /** When it was read, in milliseconds since the Unix epoch. */
  readonly observedAt: number;
  readonly commit: ObservedCommit;
  readonly repository: ObservedRepository | undefined;
  /** Why it is unknown whether a creation template makes ECR create the missing repository. */
  readonly templateError: string | undefined;
  /** The images that the tags of image-tag name now. */
  readonly tags: Readonly<Record<string, ObservedImage | undefined>>;
  /** In the order of `image`; undefined: there is no such image. [] where `image` is not set. */
  readonly externalImages: readonly (ObservedExternalImage | undefined)[];
  readonly services: readonly RequestedService[];
  /** By ARN: the revisions that the services run, and those that they may be rolled back to. */
  readonly taskDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
  /** By `cluster/service`: what `task-definition` names; none: the service's own revision. */
  readonly taskDefinitionSources: Readonly<Record<string, Lookup<TaskDefinitionSource>>>;
  /** What `pre-deploy-task-definition` names. */
  readonly preDeployTaskSource: Lookup<TaskDefinitionSource> | undefined;
  /** Status by the requested name; MISSING: there is no such cluster. */
  readonly clusters: Lookup<Readonly<Record<string, string>>>;
  /** Whether the log groups that the tasks need exist. */
  readonly logGroups: Readonly<Record<string, Lookup<boolean>>>;
  /** Of the secrets that the tasks need; that check is imported only if there are any. */
  readonly secretFindings: readonly PlanFinding[];
  /** By service ARN, only where it is needed: whether a gateway sends traffic to the service. */
  readonly gateways: Readonly<Record<string, Lookup<boolean>>>;
  /** By service ARN, newest first; only where it is needed. */
  readonly history: Readonly<Record<string, Lookup<readonly PastDeployment[]>>>;
  /** By service ARN: the revision that `to` names, if it is active. */
  readonly rollbackRevisions: Readonly<Record<string, string>>;
  /**
   * By service ARN, only where a mutable tag is not rebuilt: the images of the revision that the
   * service runs.
   */
  readonly runningImages: Readonly<Record<string, Lookup<readonly RunningImage[]>>>;
  /** By service ARN: the labels of the image of `ecr-repository` that the service runs. */
  readonly runningLabels: Readonly<Record<string, Lookup<BuildLabels>>>;
  /** By service ARN, only of Express Mode services: of the revision that each runs. */
  readonly infrastructure: Readonly<Record<string, ExpressInfrastructure>>;
  readonly schemas: RequestSchemas;
}

/** What is read for the place of a task of its own. */
export interface ObservedTaskPlace extends Pick<Observed, "clusters"> {
  /** The one whose network the task gets; [] if none is named. */
  readonly services: readonly RequestedService[];
}

/** What is read for a revision that belongs to no service. */
export interface ObservedRevision
  extends Pick<
    Observed,
    | "region"
    | "accountId"
    | "partition"
    | "commit"
    | "externalImages"
    | "logGroups"
    | "secretFindings"
    | "schemas"
  > {
  /** What `task-definition` names. */
  readonly source: Lookup<TaskDefinitionSource> | undefined;
  /** The newest active revision of the family; its `arn` is "" if there is none. */
  readonly newest: ObservedTaskDefinition;
}

/** What `task-definition` names for this service; undefined: the revision that it runs. */
export function definitionSourceOf(
  { taskDefinitionSources }: Pick<Observed, "taskDefinitionSources">,
  { cluster, name }: Pick<RequestedService, "cluster" | "name">,
): Lookup<TaskDefinitionSource> | undefined {
  return taskDefinitionSources[`${cluster}/${name}`];
}
