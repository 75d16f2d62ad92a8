// The one table of outputs. action.yml and the README are written from it (script/docs).

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
  image: {
    description: "The image deployed, `repository-uri:tag`; of several images, the first.",
  },
  images: {
    description:
      "Only of several images: each as `container=repository-uri:tag@sha256:…`, one per line, in " +
      "the form of the input `image`.",
  },
  "image-tag": {
    description:
      "Its tag alone (holds no account id, so it may cross jobs where the id is masked).",
  },
  "image-digest": { description: "Its digest, `sha256:…`." },
  "image-reused": {
    description: "`true` if the tag was in the repository already and nothing was built.",
  },
  "previous-image": { description: "The image that ran before." },
  "task-definition-arn": {
    description:
      "ARN of the task-definition revision that was deployed. Of several services, this and " +
      "the outputs below tell the first; `services` tells all.",
  },
  "previous-task-definition-arn": {
    description: "ARN of the revision that ran before, to which a rollback returns.",
  },
  "pre-deploy-task-arn": {
    description: "ARN of the task that ran `pre-deploy-command`, set as soon as it is started.",
  },
  "deployment-id": {
    description: "Id of our deployment, `ecs-svc/…`, as the tasks' `startedBy` has it.",
  },
  "service-deployment-arn": { description: "ARN of our service deployment." },
  "console-url": { description: "The deployment in the AWS console." },
  url: {
    description: "Where the service answers, `https://…`. Only of Express Mode services.",
  },
  "duration-seconds": { description: "How long the step took, in whole seconds." },
  services: {
    description:
      "JSON array, one entry per service: `cluster`, `service`, `outcome`, `reasonCode`, " +
      "`taskDefinitionArn`, `previousTaskDefinitionArn`, `deploymentId`, " +
      "`serviceDeploymentArn`, `consoleUrl`, `url`.",
  },
} as const satisfies Record<string, { readonly description: string }>;

export type OutputName = keyof typeof outputSpecs;
