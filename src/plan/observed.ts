// What was seen before anything is planned. Types only.

import type {
  Looked,
  ObservedCommit,
  ObservedImage,
  ObservedReadyImage,
  ObservedRepository,
  ObservedTaskDefinition,
  PastDeployment,
  RunningImage,
} from "../ecs/observed.ts";
import type { Shapes } from "../ecs/request-schema.ts";
import type { SoughtService } from "./check-targets.ts";
import type { Source } from "./task-definition/revision.ts";

export interface Observed {
  readonly region: string;
  readonly accountId: string;
  /** `aws`, `aws-cn` …: that of the session. */
  readonly partition: string;
  /** When we looked, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly commit: ObservedCommit;
  readonly repository: ObservedRepository | undefined;
  /** What the tags of image-tag name already. */
  readonly tags: Readonly<Record<string, ObservedImage | undefined>>;
  /** The image that was given ready; undefined: none was, or it is not there. */
  readonly ready: ObservedReadyImage | undefined;
  readonly services: readonly SoughtService[];
  /** By ARN: those that the services run, and those that they may go back to. */
  readonly taskDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
  /** What `task-definition` names; undefined: each service's own revision. */
  readonly source: Looked<Source> | undefined;
  /** Status by name as it was given; MISSING: there is none. */
  readonly clusters: Looked<Readonly<Record<string, string>>>;
  /** Whether they exist; those that the tasks must find. */
  readonly logGroups: Readonly<Record<string, Looked<boolean>>>;
  /** By service ARN, newest first; only where it must be known. */
  readonly history: Readonly<Record<string, Looked<readonly PastDeployment[]>>>;
  /** By service ARN: the revision that `to` names, if it can be started. */
  readonly named: Readonly<Record<string, string>>;
  /** By service ARN, only where a tag that may move is not built anew: the images of the revision that the service runs. */
  readonly running: Readonly<Record<string, Looked<readonly RunningImage[]>>>;
  readonly shapes: Shapes;
}
