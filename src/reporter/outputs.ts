// The one table of outputs. The files action.yml and docs/outputs.md are written from it (script/docs).

import { buildingVerbs, deployingVerbs, type Verb } from "../inputs/verbs.ts";

interface OutputSpec {
  readonly description: string;
  /** The verbs that have this output; absent: every verb. */
  readonly verbs?: readonly Verb[];
}

export const outputSpecs = {
  outcome: {
    description:
      "`succeeded`, `unchanged`, `planned`, `rolled-back`, `failed`, `timed-out`, `superseded` " +
      "or `cancelled`. Only the first three pass the step, and `superseded` with " +
      "`on-superseded: warn`.",
  },
  "reason-code": {
    description:
      "Why, in one word: `Succeeded`, `ReachedStage` (`wait-until`; ECS continues), `Unchanged`, " +
      "`NotWatched` (accepted by ECS, health not known), `Deleted` (a preview) or a code of " +
      "[docs/errors.md](docs/errors.md).",
  },
  message: {
    description:
      "What happened, why, what runs now and how long it took: one line of plain text, at most " +
      "300 characters, without account ids, for a chat ([docs/notify.md](docs/notify.md)). Also " +
      "set if the step fails, is cancelled or is killed.",
  },
  plan: {
    description:
      "Of a dry run: what would be done, as Markdown of at most 60 kB, for a comment on the pull " +
      "request.",
    verbs: ["deploy"],
  },
  image: {
    description:
      "The image that was built or deployed, `repository-uri:tag`; of several images, the first.",
    verbs: buildingVerbs,
  },
  images: {
    description:
      "Only of several images: each as `container=repository-uri:tag@sha256:…`, one per line, in " +
      "the form of the input `image`.",
    verbs: deployingVerbs,
  },
  "image-tag": {
    description:
      "Its tag alone (holds no account id, so it may cross jobs where the id is masked).",
    verbs: buildingVerbs,
  },
  "image-digest": { description: "Its digest, `sha256:…`.", verbs: buildingVerbs },
  "image-reused": {
    description: "`true` if the tag was in the repository already and nothing was built.",
    verbs: buildingVerbs,
  },
  "previous-image": { description: "The image that ran before.", verbs: deployingVerbs },
  "task-definition-arn": {
    description:
      "ARN of the task-definition revision that was deployed, registered or run. Of several " +
      "services, this and the outputs below describe the first; `services` describes all.",
    verbs: ["deploy", "preview", "register", "run-task"],
  },
  "previous-task-definition-arn": {
    description: "ARN of the revision that ran before, to which a rollback returns.",
    verbs: deployingVerbs,
  },
  "pre-deploy-task-arn": {
    description: "ARN of the task that ran `pre-deploy-command`, set as soon as it is started.",
    verbs: deployingVerbs,
  },
  "task-arn": {
    description: "ARN of the task, set as soon as it is started.",
    verbs: ["run-task"],
  },
  "exit-code": {
    description:
      "Exit code of the container that ran the command. Empty: it has none (the task did not " +
      "start, or is still running).",
    verbs: ["run-task"],
  },
  "healthy-after-seconds": {
    description:
      "Seconds from the start of the containers until all their health checks pass. Empty: none " +
      "has a health check, or it never passes.",
    verbs: ["rehearse"],
  },
  "stopped-after-seconds": {
    description:
      "Seconds from SIGTERM until all containers of the task have ended. Empty: no task ran that " +
      "could be stopped.",
    verbs: ["rehearse"],
  },
  "peak-memory-mib": {
    description: "The most memory that the containers of a task used together, in MiB.",
    verbs: ["rehearse"],
  },
  "deployment-id": {
    description: "Id of our deployment, `ecs-svc/…`, as the tasks' `startedBy` has it.",
    verbs: deployingVerbs,
  },
  "service-deployment-arn": {
    description: "ARN of our service deployment.",
    verbs: deployingVerbs,
  },
  "console-url": { description: "The deployment in the AWS console.", verbs: deployingVerbs },
  url: {
    description:
      "Where the service answers: the first URL of `verify-url`, otherwise the endpoint of an " +
      "Express Mode service.",
    verbs: deployingVerbs,
  },
  "duration-seconds": { description: "How long the step took, in whole seconds." },
  services: {
    description:
      "JSON array, one entry per service: `cluster`, `service`, `outcome`, `reasonCode`, " +
      "`taskDefinitionArn`, `previousTaskDefinitionArn`, `deploymentId`, " +
      "`serviceDeploymentArn`, `consoleUrl`, `url`.",
    verbs: deployingVerbs,
  },
} as const satisfies Record<string, OutputSpec>;

export type OutputName = keyof typeof outputSpecs;

/** In the order of the documentation. */
export function outputsOf(verb: Verb): readonly (readonly [OutputName, OutputSpec])[] {
  const rows = Object.entries<OutputSpec>(outputSpecs) as [OutputName, OutputSpec][];
  return rows.filter(([, { verbs }]) => verbs?.includes(verb) ?? true);
}
