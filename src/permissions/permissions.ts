// The one table of permissions: which actions each feature needs, on which resources, and what
// happens without them. docs/iam.md and the example's deploy_policy.tf are generated from it
// (script/docs), error messages use it to say what to allow, and every scenario runs with exactly
// these permissions.
// Resource levels:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isVerified } from "../inputs/verification-problems.ts";

/** Words in capitals are placeholders; PARTITION is `aws`, in China `aws-cn` and so on. */
export const resourcePatterns = {
  /** For actions without resource-level permissions. */
  anything: "*",
  repository: "arn:PARTITION:ecr:REGION:ACCOUNT:repository/REPOSITORY",
  /** Of `image`: it may be in another account and region. */
  imageRepository: "arn:PARTITION:ecr:IMAGE_REGION:IMAGE_ACCOUNT:repository/IMAGE_REPOSITORY",
  baseRepository: "arn:PARTITION:ecr:REGION:ACCOUNT:repository/BASE_REPOSITORY",
  cluster: "arn:PARTITION:ecs:REGION:ACCOUNT:cluster/CLUSTER",
  service: "arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE",
  serviceDeployments: "arn:PARTITION:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/*",
  serviceRevisions: "arn:PARTITION:ecs:REGION:ACCOUNT:service-revision/CLUSTER/SERVICE/*",
  revisions: "arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/FAMILY:*",
  /** Of `pre-deploy-task-definition`. */
  preDeployRevisions: "arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/PRE_DEPLOY_FAMILY:*",
  /** Of the previews of SERVICE, one service per pull request: `shop-pr-12`. */
  previewService: "arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE-pr-*",
  previewDeployments: "arn:PARTITION:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE-pr-*/*",
  previewServiceRevisions:
    "arn:PARTITION:ecs:REGION:ACCOUNT:service-revision/CLUSTER/SERVICE-pr-*/*",
  previewRevisions: "arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/FAMILY-pr-*:*",
  tasks: "arn:PARTITION:ecs:REGION:ACCOUNT:task/CLUSTER/*",
  taskRole: "arn:PARTITION:iam::ACCOUNT:role/TASK_ROLE",
  executionRole: "arn:PARTITION:iam::ACCOUNT:role/EXECUTION_ROLE",
  /** With it ECS creates the load balancer and the other resources of an Express service. */
  infrastructureRole: "arn:PARTITION:iam::ACCOUNT:role/INFRASTRUCTURE_ROLE",
  ecsOwnRole:
    "arn:PARTITION:iam::ACCOUNT:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
  /**
   * For tags of the log group only:
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
   */
  logGroup: "arn:PARTITION:logs:REGION:ACCOUNT:log-group:LOG_GROUP",
  wholeLogGroup: "arn:PARTITION:logs:REGION:ACCOUNT:log-group:LOG_GROUP:*",
  logStreams: "arn:PARTITION:logs:REGION:ACCOUNT:log-group:LOG_GROUP:log-stream:*",
  /** A secret's ARN ends in six random characters: `clockko/db-??????`. */
  secret: "arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:SECRET",
  stateBucket: "arn:PARTITION:s3:::STATE_BUCKET",
  state: "arn:PARTITION:s3:::STATE_BUCKET/STATE_KEY",
  stateLock: "arn:PARTITION:s3:::STATE_BUCKET/STATE_KEY.tflock",
} as const;

export type ResourceName = keyof typeof resourcePatterns;

interface PolicyCondition {
  readonly test: "StringEquals" | "ArnEquals";
  readonly key: string;
  readonly values: readonly string[];
}

export interface Permission {
  readonly actions: readonly string[];
  /** Every action needs all of them. */
  readonly resources: readonly ResourceName[];
  readonly condition?: PolicyCondition;
}

export interface Feature {
  readonly title: string;
  /** When a run needs it: Markdown, for the table of docs/iam.md. */
  readonly when: string;
  /** What a run does without it: Markdown. */
  readonly whenMissing: string;
  /** Without the permission the run only skips this part and prints a notice. */
  readonly optional?: true;
  readonly permissions: readonly Permission[];
  /** Whether a run with these inputs needs it, as far as the inputs show. */
  readonly neededFor: (inputs: Inputs) => boolean;
}

const inCluster = {
  test: "ArnEquals",
  key: "ecs:cluster",
  values: [resourcePatterns.cluster],
} as const;
const passedToTasks = {
  test: "StringEquals",
  key: "iam:PassedToService",
  values: ["ecs-tasks.amazonaws.com"],
} as const;

function onCreateBy(...operations: readonly string[]): PolicyCondition {
  return { test: "StringEquals", key: "ecs:CreateAction", values: operations };
}

const passTaskRoles: Permission = {
  actions: ["iam:PassRole"],
  resources: ["taskRole", "executionRole"],
  condition: passedToTasks,
};
/** An Express service is created as the caller: ECS registers its task definition with our rights. */
const passExpressRoles: readonly Permission[] = [
  passTaskRoles,
  {
    actions: ["iam:PassRole"],
    resources: ["infrastructureRole"],
    condition: {
      test: "StringEquals",
      key: "iam:PassedToService",
      values: ["ecs.amazonaws.com"],
    },
  },
];
const createEcsOwnRole: Permission = {
  actions: ["iam:CreateServiceLinkedRole"],
  resources: ["ecsOwnRole"],
  condition: { test: "StringEquals", key: "iam:AWSServiceName", values: ["ecs.amazonaws.com"] },
};
/** The tag that every preview has; its value is the service whose preview it is. */
function onPreviews(kind: "RequestTag" | "ResourceTag"): PolicyCondition {
  return { test: "StringEquals", key: `aws:${kind}/deploy-ecs:preview`, values: ["SERVICE"] };
}
const ecrAuthorization: Permission = {
  actions: ["ecr:GetAuthorizationToken"],
  resources: ["anything"],
};
const readLayers = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] as const;

const isDeployment = (inputs: Inputs) => !inputs.dryRun;
const isTerraform = (inputs: Inputs) => inputs.terraformDirectory !== undefined;
/** To an earlier revision. With Terraform, a rollback is the deployment of an earlier tag. */
const isEcsRollback = (inputs: Inputs) => isRollback(inputs) && !isTerraform(inputs);
/** The run only answers a PAUSE hook. */
const isAnswer = (inputs: Inputs) => inputs.answerPause !== undefined;
const usesRepositoryImage = (inputs: Inputs) =>
  inputs.image === undefined && !isEcsRollback(inputs) && !isAnswer(inputs);
const usesExternalImage = (inputs: Inputs) => inputs.image !== undefined && !isRollback(inputs);
const publishesImage = (inputs: Inputs) => isDeployment(inputs) && usesRepositoryImage(inputs);
const waitsForStability = (inputs: Inputs) =>
  isDeployment(inputs) && inputs.waitForServiceStability;
const mayRunTask = (inputs: Inputs) => isDeployment(inputs) && !isRollback(inputs);
const runsOwnTask = (inputs: Inputs) =>
  mayRunTask(inputs) && inputs.preDeployTaskDefinition !== undefined;
/** With the revision of the service. */
const runsRevision = (inputs: Inputs) =>
  (isDeployment(inputs) && inputs.verifyCommand !== undefined) ||
  (mayRunTask(inputs) &&
    (inputs.postDeployCommand !== undefined ||
      (inputs.preDeployCommand !== undefined && inputs.preDeployTaskDefinition === undefined)));
const runsTask = (inputs: Inputs) => runsOwnTask(inputs) || runsRevision(inputs);
const verifies = (inputs: Inputs) => waitsForStability(inputs) && isVerified(inputs);
/** One that ECS still continues (`wait-until`) is rolled back by StopServiceDeployment. */
const rollsBackUnverified = (inputs: Inputs) =>
  verifies(inputs) && inputs.onVerifyFailure === "rollback" && inputs.waitUntil !== undefined;
const usesRegistryCache = ({ cacheFrom, cacheTo }: Inputs) =>
  [...cacheFrom, ...cacheTo].some((line) => /^registry$|\btype=registry\b/.test(line));

export const features = {
  service: {
    title: "Read the service",
    when: "always",
    whenMissing: "PermissionMissing, nothing is built",
    permissions: [
      { actions: ["ecs:DescribeServices"], resources: ["service"] },
      { actions: ["ecs:DescribeTaskDefinition"], resources: ["anything"] },
    ],
    neededFor: () => true,
  },
  repository: {
    title: "Read the repository",
    when: "always, except with `image`, `rollback`, `to` or `answer-pause`",
    whenMissing: "PermissionMissing, nothing is built",
    permissions: [
      { actions: ["ecr:DescribeRepositories", "ecr:DescribeImages"], resources: ["repository"] },
    ],
    neededFor: usesRepositoryImage,
  },
  push: {
    title: "Build and push",
    when: "the image is not in the repository yet",
    whenMissing:
      "PermissionMissing, or [PushFailed](errors.md#pushfailed) with docker's message; the " +
      "service is not changed",
    permissions: [
      ecrAuthorization,
      {
        actions: [
          "ecr:BatchCheckLayerAvailability",
          "ecr:InitiateLayerUpload",
          "ecr:UploadLayerPart",
          "ecr:CompleteLayerUpload",
          "ecr:PutImage",
          "ecr:BatchGetImage",
        ],
        resources: ["repository"],
      },
    ],
    neededFor: publishesImage,
  },
  createRepository: {
    title: "Create the repository",
    when: "`if-repository-missing: create`, while the repository does not exist",
    whenMissing: "PermissionMissing, nothing is built",
    permissions: [
      ecrAuthorization,
      { actions: ["ecr:CreateRepository"], resources: ["repository"] },
    ],
    neededFor: (inputs) => publishesImage(inputs) && inputs.ifRepositoryMissing === "create",
  },
  createOnPush: {
    title: "Create the repository on push",
    when: "a repository creation template with `CREATE_ON_PUSH`, while the repository does not exist",
    whenMissing: "[RepositoryNotFound](errors.md#repositorynotfound) or PermissionMissing",
    permissions: [
      { actions: ["ecr:DescribeRepositoryCreationTemplates"], resources: ["anything"] },
      { actions: ["ecr:CreateRepository"], resources: ["repository"] },
    ],
    neededFor: () => false, // no input shows whether the repository exists
  },
  platformCheck: {
    title: "Check the image's platform",
    when: "with every image of `ecr-repository`",
    whenMissing: "a notice; the CPU architecture is not checked",
    optional: true,
    permissions: [ecrAuthorization, { actions: readLayers, resources: ["repository"] }],
    neededFor: publishesImage,
  },
  imageOrigin: {
    title: "Read the commit of an image",
    when:
      "the service runs an image of `ecr-repository` (`on-older`), or the tag already has an " +
      "image (`if-image-exists`)",
    whenMissing:
      "a notice; [the tag alone decides](image-tags.md#whose-image-is-it), and whether the " +
      "service runs a newer commit is not checked",
    optional: true,
    permissions: [ecrAuthorization, { actions: readLayers, resources: ["repository"] }],
    neededFor: usesRepositoryImage,
  },
  latestTag: {
    title: "Tag `latest`",
    when: "`latest-tag`, unless it is `none`",
    whenMissing: "a notice; the tag is not moved",
    optional: true,
    permissions: [{ actions: ["ecr:BatchGetImage", "ecr:PutImage"], resources: ["repository"] }],
    neededFor: (inputs) => publishesImage(inputs) && inputs.latestTag !== undefined,
  },
  additionalTags: {
    title: "Additional tags",
    when: "`image-tag` with several lines",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [{ actions: ["ecr:BatchGetImage", "ecr:PutImage"], resources: ["repository"] }],
    neededFor: (inputs) => publishesImage(inputs) && inputs.imageTag.length > 1,
  },
  taskDefinition: {
    title: "Task definition",
    when: "always, except with `rollback`, `to` or `answer-pause`",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [
      { actions: ["ecs:RegisterTaskDefinition"], resources: ["revisions"] },
      passTaskRoles,
    ],
    neededFor: (inputs) => isDeployment(inputs) && !isEcsRollback(inputs) && !isAnswer(inputs),
  },
  update: {
    title: "Update the service",
    when: "always, except with `answer-pause`",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [{ actions: ["ecs:UpdateService"], resources: ["service"] }],
    neededFor: (inputs) => isDeployment(inputs) && !isAnswer(inputs),
  },
  verdict: {
    title: "Verdict",
    when: "`wait-for-service-stability`",
    whenMissing:
      "a notice; the verdict then comes from the service's `deployments` list, which holds " +
      "less detail",
    optional: true,
    permissions: [
      { actions: ["ecs:ListServiceDeployments"], resources: ["service"] },
      { actions: ["ecs:DescribeServiceDeployments"], resources: ["service", "serviceDeployments"] },
      { actions: ["ecs:DescribeServiceRevisions"], resources: ["service", "serviceRevisions"] },
    ],
    neededFor: waitsForStability,
  },
  preflight: {
    title: "Preflight",
    when: "always, except with `answer-pause`",
    whenMissing: "the check is reported as not made",
    optional: true,
    permissions: [
      { actions: ["ecs:DescribeClusters"], resources: ["cluster"] },
      { actions: ["logs:DescribeLogGroups"], resources: ["anything"] },
      // Whether there is a revision to roll back to, if no deployment in the service's own list has
      // completed.
      { actions: ["ecs:ListServiceDeployments"], resources: ["service"] },
      { actions: ["ecs:DescribeServiceRevisions"], resources: ["service", "serviceRevisions"] },
    ],
    neededFor: (inputs) => !isAnswer(inputs),
  },
  secrets: {
    title: "Secrets exist",
    when: "the task definition has `secrets`, `secretOptions` or `repositoryCredentials`",
    whenMissing: "a notice; a secret that does not exist is reported only when the tasks fail",
    optional: true,
    permissions: [
      { actions: ["secretsmanager:DescribeSecret"], resources: ["secret"] },
      { actions: ["ssm:DescribeParameters"], resources: ["anything"] },
    ],
    neededFor: (inputs) => inputs.secrets.length > 0 && !isTerraform(inputs),
  },
  diagnosis: {
    title: "Diagnosis",
    when: "`wait-for-service-stability`, after a failure",
    whenMissing: "log and summary say which part could not be read; the verdict is the same",
    optional: true,
    permissions: [
      { actions: ["ecs:ListTasks"], resources: ["anything"], condition: inCluster },
      { actions: ["ecs:DescribeTasks"], resources: ["tasks"] },
      { actions: ["logs:GetLogEvents"], resources: ["logStreams"] },
    ],
    neededFor: waitsForStability,
  },
  tags: {
    title: "Tags of the task definition",
    when: "`tags`, or a task definition that has tags",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [
      {
        actions: ["ecs:TagResource"],
        resources: ["revisions"],
        condition: onCreateBy("RegisterTaskDefinition"),
      },
    ],
    neededFor: (inputs) => isDeployment(inputs) && !isRollback(inputs) && inputs.tags.length > 0,
  },
  externalImage: {
    title: "An existing image in ECR",
    when:
      "`image` in ECR, also of another account or region; in another account the repository's " +
      "policy must allow it, too ([both sides](promote.md#permissions))",
    whenMissing:
      "PermissionMissing or [ImageUnreadable](errors.md#imageunreadable), nothing is registered",
    permissions: [ecrAuthorization, { actions: readLayers, resources: ["imageRepository"] }],
    neededFor: usesExternalImage,
  },
  cache: {
    title: "Build cache in the registry",
    when: "`cache-from` or `cache-to` with `registry`",
    whenMissing: "BuildKit's own warning, or [BuildFailed](errors.md#buildfailed)",
    permissions: [{ actions: ["ecr:GetDownloadUrlForLayer"], resources: ["repository"] }],
    neededFor: (inputs) => publishesImage(inputs) && usesRegistryCache(inputs),
  },
  baseImage: {
    title: "Base image in your own ECR",
    when: "the Dockerfile's `FROM` names one",
    whenMissing: "[BuildFailed](errors.md#buildfailed)",
    permissions: [{ actions: readLayers, resources: ["baseRepository"] }],
    neededFor: () => false, // only the Dockerfile shows it, no input does
  },
  scan: {
    title: "Scan",
    when: "`scan`",
    whenMissing: "PermissionMissing, nothing is registered",
    permissions: [{ actions: ["ecr:DescribeImageScanFindings"], resources: ["repository"] }],
    neededFor: (inputs) => publishesImage(inputs) && inputs.scan !== "off",
  },
  externalImageScan: {
    title: "Scan of an existing image",
    when: "`scan` with `image`",
    whenMissing: "PermissionMissing, nothing is registered",
    permissions: [{ actions: ["ecr:DescribeImageScanFindings"], resources: ["imageRepository"] }],
    neededFor: (inputs) =>
      isDeployment(inputs) && usesExternalImage(inputs) && inputs.scan !== "off",
  },
  task: {
    title: "Pre-deploy, verification or post-deploy task",
    when: "`pre-deploy-command`, `verify-command`, `post-deploy-command`; the action `run-task`",
    whenMissing: "PermissionMissing; before the update the service is not changed",
    permissions: [
      { actions: ["ecs:RunTask"], resources: ["revisions"], condition: inCluster },
      passTaskRoles,
      { actions: ["ecs:DescribeTasks"], resources: ["tasks"] },
    ],
    neededFor: runsRevision,
  },
  preDeployTask: {
    title: "Pre-deploy task with a definition of its own",
    when:
      "`pre-deploy-task-definition`; it is registered if it is a file or gets the new image. " +
      "TASK_ROLE and EXECUTION_ROLE are also those of that definition",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [
      { actions: ["ecs:RunTask"], resources: ["preDeployRevisions"], condition: inCluster },
      { actions: ["ecs:RegisterTaskDefinition"], resources: ["preDeployRevisions"] },
      passTaskRoles,
      { actions: ["ecs:DescribeTasks"], resources: ["tasks"] },
    ],
    neededFor: runsOwnTask,
  },
  preDeployTaskTags: {
    title: "Tags of that definition",
    when: "`pre-deploy-task-definition` that has tags and is registered",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [
      {
        actions: ["ecs:TagResource"],
        resources: ["preDeployRevisions"],
        condition: onCreateBy("RegisterTaskDefinition"),
      },
    ],
    neededFor: () => false, // only the task definition shows it, no input does
  },
  taskLog: {
    title: "Log of that task",
    when:
      "`pre-deploy-command`, `pre-deploy-task-definition`, `verify-command`, " +
      "`post-deploy-command`; the action `run-task`",
    whenMissing: "a notice; the exit code still counts",
    optional: true,
    permissions: [{ actions: ["logs:GetLogEvents"], resources: ["logStreams"] }],
    neededFor: runsTask,
  },
  taskTags: {
    title: "Tags of that task",
    when:
      "a task definition with tags: `pre-deploy-command`, `pre-deploy-task-definition`, " +
      "`verify-command`, `post-deploy-command`; the action `run-task`",
    whenMissing: "PermissionMissing, the service is not changed",
    permissions: [
      { actions: ["ecs:TagResource"], resources: ["tasks"], condition: onCreateBy("RunTask") },
    ],
    neededFor: (inputs) => runsTask(inputs) && inputs.tags.length > 0,
  },
  stopTask: {
    title: "Stop that task",
    when:
      "`on-cancel: rollback-and-stop-task` (`stop-task` in `run-task`); other containers of the task that would keep running " +
      "after the command",
    whenMissing: "a notice, or the message of the cancelled run says that the task keeps running",
    optional: true,
    permissions: [{ actions: ["ecs:StopTask"], resources: ["tasks"] }],
    neededFor: (inputs) => runsTask(inputs) && inputs.onCancel === "rollback-and-stop-task",
  },
  rollback: {
    title: "Roll back a deployment",
    when:
      "`on-timeout: rollback` or `on-cancel: rollback`; `on-verify-failure: rollback` with " +
      "`wait-until`",
    whenMissing:
      "the step reports that it could not request the rollback, and that the deployment continues",
    optional: true,
    permissions: [
      { actions: ["ecs:StopServiceDeployment"], resources: ["service", "serviceDeployments"] },
    ],
    neededFor: (inputs) =>
      waitsForStability(inputs) &&
      (inputs.onTimeout === "rollback" ||
        inputs.onCancel !== "leave" ||
        rollsBackUnverified(inputs)),
  },
  pausedDeployment: {
    title: "Find the paused deployment",
    when: "`answer-pause`",
    whenMissing: "PermissionMissing, nothing is answered",
    permissions: [
      { actions: ["ecs:ListServiceDeployments"], resources: ["service"] },
      { actions: ["ecs:DescribeServiceDeployments"], resources: ["service", "serviceDeployments"] },
      { actions: ["ecs:DescribeServiceRevisions"], resources: ["service", "serviceRevisions"] },
    ],
    neededFor: isAnswer,
  },
  answerHook: {
    title: "Answer a PAUSE hook",
    when: "`answer-pause`; `verify-url` or `verify-command`, if the service has PAUSE hooks",
    whenMissing: "PermissionMissing; the deployment keeps waiting at its hook",
    permissions: [
      { actions: ["ecs:ContinueServiceDeployment"], resources: ["service", "serviceDeployments"] },
    ],
    neededFor: (inputs) => isDeployment(inputs) && (isAnswer(inputs) || verifies(inputs)),
  },
  rollbackTarget: {
    title: "Find the rollback target",
    when: "`rollback`, or `to` with an image tag",
    whenMissing:
      "[NoRollbackTarget](errors.md#norollbacktarget), which names the missing permission",
    permissions: [
      { actions: ["ecs:ListServiceDeployments"], resources: ["service"] },
      { actions: ["ecs:DescribeServiceRevisions"], resources: ["service", "serviceRevisions"] },
    ],
    neededFor: (inputs) =>
      inputs.rollback || (inputs.to !== undefined && !("revision" in inputs.to)),
  },
  terraformPlan: {
    title: "Terraform: plan",
    when: "`terraform-directory` (for the root of the example, its state in S3)",
    whenMissing:
      "Terraform's own error: the state cannot be read or locked, or a resource cannot be " +
      "refreshed",
    permissions: [
      // For workspaces, and to find out that there is no state yet.
      { actions: ["s3:ListBucket"], resources: ["stateBucket"] },
      { actions: ["s3:GetObject"], resources: ["state"] },
      { actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], resources: ["stateLock"] },
      { actions: ["ecs:DescribeClusters"], resources: ["cluster"] },
      { actions: ["logs:DescribeLogGroups"], resources: ["anything"] },
      { actions: ["logs:ListTagsForResource"], resources: ["logGroup"] },
    ],
    neededFor: isTerraform,
  },
  terraformApply: {
    title: "Terraform: apply",
    when: "`terraform-directory`, without `dry-run`",
    whenMissing: "Terraform's own error; changes made until then remain",
    permissions: [
      { actions: ["s3:PutObject"], resources: ["state"] },
      {
        actions: ["ecs:TagResource"],
        resources: ["revisions"],
        condition: onCreateBy("RegisterTaskDefinition"),
      },
    ],
    neededFor: (inputs) => isTerraform(inputs) && isDeployment(inputs),
  },
  terraformCreate: {
    title: "Terraform: the first apply",
    when: "`terraform-directory`, while cluster, service and log group do not exist yet",
    whenMissing:
      "Terraform's own error. These can be left out if an administrator runs the first apply",
    permissions: [
      { actions: ["ecs:CreateCluster"], resources: ["cluster"] },
      { actions: ["ecs:CreateService"], resources: ["service"] },
      {
        actions: ["ecs:TagResource"],
        resources: ["cluster", "service"],
        condition: onCreateBy("CreateCluster", "CreateService"),
      },
      { actions: ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources: ["wholeLogGroup"] },
      { actions: ["logs:TagResource"], resources: ["logGroup"] },
      createEcsOwnRole,
    ],
    neededFor: () => false, // no input shows whether it is the first time
  },
  express: {
    title: "URL of an Express service",
    when: "a service of ECS Express Mode",
    whenMissing: "a notice; the output `url` is not set",
    optional: true,
    permissions: [{ actions: ["ecs:DescribeExpressGatewayService"], resources: ["service"] }],
    neededFor: () => false, // no input shows that a service is one of Express Mode
  },
  expressCreate: {
    title: "Create an Express service",
    when: "`express`, while the service does not exist",
    whenMissing: "PermissionMissing, nothing is created",
    permissions: [
      { actions: ["ecs:CreateExpressGatewayService"], resources: ["service"] },
      { actions: ["ecs:RegisterTaskDefinition"], resources: ["revisions"] },
      ...passExpressRoles,
      {
        actions: ["ecs:TagResource"],
        resources: ["service"],
        condition: onCreateBy("CreateExpressGatewayService"),
      },
    ],
    neededFor: (inputs) => isDeployment(inputs) && inputs.express !== undefined,
  },
  expressFirst: {
    title: "Create an Express service: the first of the account",
    when: "`express`, while the cluster or ECS's service-linked role does not exist",
    whenMissing:
      "PermissionMissing, nothing is created. These can be left out once the account has both",
    permissions: [{ actions: ["ecs:CreateCluster"], resources: ["cluster"] }, createEcsOwnRole],
    neededFor: () => false, // no input shows whether it is the first time
  },
  preview: {
    title: "Previews",
    when: "the action `preview`",
    whenMissing: "PermissionMissing, nothing is created or deleted",
    permissions: [
      { actions: ["ecs:ListServices"], resources: ["anything"], condition: inCluster },
      {
        actions: ["ecs:DescribeExpressGatewayService"],
        resources: ["service", "previewService"],
      },
      {
        actions: ["ecs:DescribeServices", "ecs:UpdateService", "ecs:ListServiceDeployments"],
        resources: ["previewService"],
      },
      {
        actions: ["ecs:DescribeServiceDeployments", "ecs:StopServiceDeployment"],
        resources: ["previewService", "previewDeployments"],
      },
      {
        actions: ["ecs:DescribeServiceRevisions"],
        resources: ["previewService", "previewServiceRevisions"],
      },
      { actions: ["ecs:DescribeClusters"], resources: ["cluster"] },
      {
        actions: ["ecs:DescribeTaskDefinition", "logs:DescribeLogGroups"],
        resources: ["anything"],
      },
      { actions: ["ecs:RegisterTaskDefinition"], resources: ["previewRevisions"] },
      ...passExpressRoles,
      {
        actions: ["ecs:CreateExpressGatewayService"],
        resources: ["previewService"],
        condition: onPreviews("RequestTag"),
      },
      {
        actions: ["ecs:TagResource"],
        resources: ["previewService"],
        condition: onCreateBy("CreateExpressGatewayService"),
      },
      // The second is for the time at which it expires: each push moves it.
      {
        actions: ["ecs:DeleteExpressGatewayService", "ecs:TagResource"],
        resources: ["previewService"],
        condition: onPreviews("ResourceTag"),
      },
    ],
    neededFor: () => false, // only of the action `preview`: preview-features.ts
  },
  revision: {
    title: "Read a task definition",
    when: "the actions `register` and `run-task`",
    whenMissing: "PermissionMissing, nothing is registered",
    permissions: [{ actions: ["ecs:DescribeTaskDefinition"], resources: ["anything"] }],
    neededFor: () => false, // only of other actions: verb-features.ts
  },
  revisionChecks: {
    title: "Check its log groups",
    when: "the actions `register` and `run-task`",
    whenMissing: "the check is reported as not made",
    optional: true,
    permissions: [{ actions: ["logs:DescribeLogGroups"], resources: ["anything"] }],
    neededFor: () => false, // only of other actions: verb-features.ts
  },
  taskService: {
    title: "Read the network of a service",
    when: "the action `run-task` with `service`",
    whenMissing: "PermissionMissing, no task is started",
    permissions: [{ actions: ["ecs:DescribeServices"], resources: ["service"] }],
    neededFor: () => false, // only of other actions: verb-features.ts
  },
  taskCluster: {
    title: "Check the cluster",
    when: "the action `run-task` with `cluster` and no `service`",
    whenMissing: "the check is reported as not made",
    optional: true,
    permissions: [{ actions: ["ecs:DescribeClusters"], resources: ["cluster"] }],
    neededFor: () => false, // only of other actions: verb-features.ts
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof features;

/**
 * What a run with these inputs needs; the inputs do not show the current tags of a task definition
 * or the contents of the Dockerfile.
 */
export function featuresFor(inputs: Inputs): readonly FeatureName[] {
  return featureNames().filter((name) => features[name].neededFor(inputs));
}

export function featureNames(): readonly FeatureName[] {
  return Object.keys(features) as FeatureName[];
}

/** Only other actions than a deployment need them. */
const ofOtherActions: ReadonlySet<FeatureName> = new Set<FeatureName>([
  "preview",
  "revision",
  "revisionChecks",
  "taskService",
  "taskCluster",
]);

interface ActionUse {
  /** Titles of the features that need the action. */
  readonly features: readonly string[];
  /** ARN patterns of the resources on which they need it. */
  readonly resources: readonly string[];
}

/**
 * Which features need an action, and on which resources; undefined for one that is not in the
 * table.
 */
export function actionUse(action: string): ActionUse | undefined {
  const withAction = featureNames().filter((name) =>
    (features[name] as Feature).permissions.some(({ actions }) => actions.includes(action)),
  );
  const deployment = withAction.filter((name) => !ofOtherActions.has(name));
  const featuresWithAction = (deployment.length > 0 ? deployment : withAction).map(
    (name): Feature => features[name],
  );
  if (featuresWithAction.length === 0) return undefined;
  const resources = featuresWithAction.flatMap(({ permissions }) =>
    permissions
      .filter(({ actions }) => actions.includes(action))
      .flatMap(({ resources }) => resources),
  );
  return {
    features: featuresWithAction.map(({ title }) => title),
    resources: [...new Set(resources)].map((name) => resourcePatterns[name]),
  };
}
