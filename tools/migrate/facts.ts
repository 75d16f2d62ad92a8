// What the converter knows about the steps of a job. Types only.

import type { Step } from "./source.ts";

/** An image that steps of a job build and push. */
export interface Build {
  /** All steps that take part: build, tag, push. */
  readonly steps: Set<Step>;
  /** The build step of docker/build-push-action; undefined: scripts. */
  readonly action: Step | undefined;
  /** Our inputs for the build itself. */
  readonly inputs: Map<string, string>;
  /** References that are pushed, in order, with the variables of the step replaced. */
  readonly pushed: string[];
  /** docker/metadata-action, if it makes the tags. */
  metadata: Step | undefined;
  /** Why these steps stay. */
  readonly obstacles: string[];
  /** What a comment in the workflow must say. */
  readonly remarks: string[];
}

/** One or several `amazon-ecs-render-task-definition` in a row, or what a script registers. */
export interface DefinitionSource {
  /** A file, a family, an ARN; undefined: the revision that the service runs. */
  readonly base: string | undefined;
  readonly renders: readonly Step[];
  /** Undefined: no step puts an image into it. */
  readonly images: readonly ContainerImage[];
}

export interface ContainerImage {
  readonly containers: readonly string[];
  /** The image as the step has it, with the step's own variables replaced. */
  readonly image: string;
  readonly step: Step;
}

/** A step that registers a task definition, and updates a service or runs a task with it. */
export interface Deployment {
  readonly step: Step;
  /** By a script with the AWS CLI. */
  readonly isScript: boolean;
  readonly definition: DefinitionSource;
  readonly cluster: string | undefined;
  readonly service: string | undefined;
  readonly region: string | undefined;
  readonly runsTask: boolean;
  /** A script waits for the service, too. */
  waits: boolean;
  /** Our inputs, apart from image, task definition, cluster and service. */
  readonly inputs: Map<string, string>;
  readonly obstacles: string[];
  readonly remarks: string[];
}

export type Meaning =
  /** Builds, tags, pushes; or is needed for that alone. */
  | "docker"
  | "login"
  | "deploy"
  /** Writes the definition of a family into a file. */
  | "download"
  /** Sets an output of the step. */
  | "output"
  | "assignment"
  /** Changes nothing: `echo`, `set -e`. */
  | "harmless"
  /** Anything else. */
  | "other";

export interface ScriptLine {
  readonly meaning: Meaning;
  readonly lines: readonly [from: number, to: number];
  readonly text: string;
  /** The variable that an assignment sets. */
  readonly variable: string | undefined;
}

export interface ScriptFacts {
  readonly lines: readonly ScriptLine[];
  readonly complex: string | undefined;
  /** Outputs of the step; undefined: the value is known only when the script runs. */
  readonly outputs: ReadonlyMap<string, string | undefined>;
  /** What it writes to GITHUB_ENV. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  readonly download: { readonly family: string; readonly file: string } | undefined;
}

export type Role =
  | "sign-in"
  | "login"
  | "buildx"
  | "metadata"
  | "build"
  | "render"
  | "deploy"
  | "script"
  | "other";

export interface JobFacts {
  readonly roles: ReadonlyMap<Step, Role>;
  readonly scripts: ReadonlyMap<Step, ScriptFacts>;
  readonly builds: readonly Build[];
  readonly deployments: readonly Deployment[];
}
