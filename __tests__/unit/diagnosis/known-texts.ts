// Texts of ECS that the tables of known causes recognise, each with its source. Ids, accounts and names are replaced.
import type { Symptom } from "../../../src/diagnosis/symptom.ts";

/** Expected cause, what ECS says, and a part of what is reported to the user. */
export type KnownText = readonly [cause: string, said: string | Symptom, reported?: string];

const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:7c2d1f0";
const pull = "CannotPullContainerError: pull image manifest has been retried 7 time(s)";
const resources =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf";
const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/prod/token";
const session = "arn:aws:sts::123456789012:assumed-role/shop-execution/0123456789abcdef";
const logger = "ResourceInitializationError: failed to validate logger args";
const targetGroup =
  "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-blue/0123456789abcdef";
export const exited = "Essential container in task exited";

const instance = "(container-instance 0123456789abcdef0123456789abcdef)";
const noInstance =
  "(service shop) was unable to place a task because no container instance met all of its requirements.";
const unable = "(service shop) was unable to place a task. Reason:";
const startFailed =
  "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process:";
const createFailed = "CannotCreateContainerError: Error response from daemon:";
const efs =
  "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr:";
const hookFailed =
  "Service deployment rolled back because TEST_TRAFFIC_SHIFT lifecycle hook(s) failed.";
const lambda = "arn:aws:lambda:us-west-2:123456789012:function:myHook";
const managed = `${unable} ResourceInitializationError: Unable to launch instance(s) for capacity provider mi-default.`;
const died = (exitCode: number, log: string): Symptom => ({
  text: exited,
  stopCode: "EssentialContainerExited",
  exitCode,
  container: "app",
  log,
});

/** AWS's pages on stopped tasks and service events, the ECS agent's source, published reports. */
export const firstTexts: readonly KnownText[] = [
  [
    "wrong-platform",
    `${pull}: image Manifest does not contain descriptor matching platform 'linux/arm64'`,
    "nothing for linux/arm64",
  ],
  [
    "wrong-platform",
    `${pull}: failed to resolve ref ${image}: no match for platform in manifest: not found`,
    image,
  ],
  [
    "wrong-platform",
    "CannotPullContainerError: no matching manifest for linux/amd64 in the manifest list entries",
    "linux/amd64",
  ],
  [
    "attestation-deployed",
    `CannotPullContainerError: failed to unpack image: no processor for media-type: unknown`,
  ],
  [
    "attestation-deployed",
    "CannotPullContainerError: mismatched image rootfs: unexpected media type application/vnd.in-toto+json",
  ],
  [
    "image-missing",
    `${pull}: failed to resolve ref ${image}: ${image}: not found`,
    `Image ${image} does not exist`,
  ],
  ["image-missing", "CannotPullContainerError: API error (404): repository shop not found"],
  [
    "image-missing",
    `CannotPullContainerError: The task can’t pull the image. Check whether the image exists. Error response from daemon: pull access denied for some/nonsense, repository does not exist or may require 'docker login'`,
    "some/nonsense",
  ],
  [
    "image-missing",
    `CannotPullContainerError: Error response from daemon: manifest for ${image} not found: manifest unknown: Requested image not found`,
    image,
  ],
  [
    "image-refused",
    `${pull}: failed to resolve ref ${image}: pulling from host 123456789012.dkr.ecr.eu-west-1.amazonaws.com failed with status code [manifests 7c2d1f0]: 403 Forbidden`,
    image,
  ],
  [
    "image-refused",
    `CannotPullContainerError: The task can’t pull the image. Check that the role has the permissions to pull images from the registry. Error response from daemon: pull access denied for ${image}, repository does not exist or may require 'docker login': denied: User: ${session} is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/shop`,
    "Role shop-execution may not pull",
  ],
  [
    "image-refused-or-missing",
    `CannotPullContainerError: Error response from daemon: pull access denied for team/shop, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    "team/shop",
  ],
  [
    "registry-unreachable",
    `${pull}: failed to resolve ref ${image}: failed to do request: Head "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/manifests/7c2d1f0": dial tcp 10.0.3.17:443: i/o timeout`,
    image,
  ],
  [
    "registry-unreachable",
    "CannotPullContainerError: Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
  ],
  [
    "registry-unreachable",
    `CannotPullContainerError: The task cannot pull ${image} from the registry ${image}. There is a connection issue between the task and the registry. Check your task network configuration. : failed to copy: httpReadSeeker: failed open: failed to do request: Get ${image}: dial tcp 16.15.180.104:443: i/o timeout.`,
    image,
  ],
  [
    "pull-rate-limit",
    "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:0a: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
  ],
  [
    "disk-full",
    `CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0a: write /usr/lib/x: no space left on device: unknown`,
  ],
  [
    "layer-refused",
    `CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: unexpected status code https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/blobs/sha256:0a: 403 Forbidden`,
    "layers of the image were refused",
  ],
  [
    "layer-refused",
    `CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/blobs/sha256:0a: 403 Forbidden`,
  ],
  [
    "pull-cancelled",
    `CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://prod-eu-west-1-starport-layer-bucket.s3.amazonaws.com/0a": context canceled`,
  ],
  [
    "registry-auth-unreachable",
    `${resources}: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 44.213.79.104:443: i/o timeout`,
  ],
  [
    "registry-auth-refused",
    `${resources}: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: ${session} is not authorized to perform: ecr:GetAuthorizationToken on resource: *`,
    "Role shop-execution may not sign in to ECR",
  ],
  [
    "secret-refused",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${secret} from secrets manager: AccessDeniedException: User: ${session} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${secret} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    "Role shop-execution may not read secret prod/db-AbCdEf",
  ],
  [
    "secret-key-refused",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${secret} from secrets manager: AccessDeniedException: Access to KMS is not allowed`,
    "decrypt secret prod/db-AbCdEf",
  ],
  [
    "secrets-unreachable",
    `${resources}: unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. failed to fetch secret ${secret} from secrets manager: operation error Secrets Manager: GetSecretValue, canceled, context deadline exceeded`,
    "prod/db-AbCdEf",
  ],
  [
    "secrets-unreachable",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded`,
  ],
  [
    "secret-missing",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${secret} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    "Secret prod/db-AbCdEf does not exist",
  ],
  [
    "secret-missing",
    `ResourceInitializationError: The task can't retrieve the secret with ARN '${secret}' from AWS Secrets Manager. Check whether the secret exists in the specified Region.`,
    "prod/db-AbCdEf",
  ],
  [
    "parameter-missing",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /prod/token`,
    "Parameter /prod/token does not exist",
  ],
  [
    "parameter-refused",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: ${session} is not authorized to perform: ssm:GetParameters on resource: ${parameter}`,
    "Role shop-execution may not read parameter /prod/token",
  ],
  [
    "parameters-unread",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 2 time(s): ValidationException: 1 validation error detected`,
  ],
  [
    "secret-key-missing",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key DB_PASSWORD`,
    'no JSON key "DB_PASSWORD"',
  ],
  [
    "role-not-assumed",
    "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    "role shop-task",
  ],
  [
    "role-not-assumed",
    "(service shop) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/path/shop-task' that was provided for this task.).",
    "role shop-task",
  ],
  [
    "log-group-missing",
    `${logger}: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1`,
  ],
  [
    "log-group-missing",
    {
      text: "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
      logGroup: "/ecs/shop",
    },
    "Log group /ecs/shop does not exist",
  ],
  [
    "log-group-not-found",
    `${logger}: The task cannot find the Amazon CloudWatch log group defined in the task definition.`,
  ],
  [
    "log-unreachable",
    `${logger}: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed`,
  ],
  ["log-unreachable", `${logger}: signal: killed`],
  [
    "secrets-timed-out",
    "ResourceInitializationError: unable to pull secrets or registry auth: pull command failed: : signal: killed",
  ],
  [
    "efs-path-missing",
    "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: mounting fs-e5645f66.efs.eu-west-1.amazonaws.com:/data failed, reason given by server: No such file or directory : unsuccessful EFS utils command execution; code: 32",
  ],
  [
    "efs-refused",
    "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
  ],
  [
    "efs-not-resolved",
    'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "fs-e5645f66.efs.eu-west-1.amazonaws.com"',
  ],
  [
    "out-of-memory",
    {
      text: `${exited} OutOfMemoryError: Container killed due to memory usage`,
      stopCode: "EssentialContainerExited",
      exitCode: 137,
      container: "app",
    },
    'Container "app" ran out of memory and was killed (exit code 137)',
  ],
  ["out-of-memory", "OutOfMemoryError: Container killed due to memory usage"],
  [
    "ended-by-itself",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 0, container: "app" },
    'Container "app" ended by itself with exit code 0',
  ],
  [
    "application-error",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 1, container: "app" },
    "code 1",
  ],
  ["application-error", { text: exited, exitCode: 2, container: "app" }, "code 2"],
  [
    "application-error",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 255, container: "app" },
    "code 255",
  ],
  ["runtime-failed", { text: exited, stopCode: "EssentialContainerExited", exitCode: 125 }],
  ["exit-not-executable", { text: exited, stopCode: "EssentialContainerExited", exitCode: 126 }],
  ["exit-command-not-found", { text: exited, stopCode: "EssentialContainerExited", exitCode: 127 }],
  [
    "killed",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 137, container: "app" },
    "does not say by what",
  ],
  ["crashed", { text: exited, stopCode: "EssentialContainerExited", exitCode: 139 }],
  ["aborted", { text: exited, stopCode: "EssentialContainerExited", exitCode: 134 }],
  [
    "told-to-stop",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 143 },
    "143: SIGTERM",
  ],
  [
    "told-to-stop",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 130 },
    "130: SIGINT",
  ],
  [
    "exec-format-error",
    "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec /app/start.sh: exec format error: unknown",
  ],
  [
    "exec-format-error",
    {
      text: exited,
      stopCode: "EssentialContainerExited",
      exitCode: 255,
      container: "app",
      log: "exec /usr/local/bin/python: exec format error",
    },
    'Container "app" could not be executed',
  ],
  [
    "command-missing",
    'CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown',
    'its command "serve" is not in the image',
  ],
  [
    "command-missing",
    'CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/run": stat /app/run: no such file or directory: unknown',
    '"/app/run"',
  ],
  [
    "command-not-executable",
    'CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/run.sh": permission denied: unknown',
    '"/app/run.sh"',
  ],
  [
    "root-read-only",
    "CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: error during container init: mkdir /srv: read-only file system: unknown",
  ],
  [
    "port-taken",
    "CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint app: Bind for 0.0.0.0:8080 failed: port is already allocated",
    "Port 8080 is already in use",
  ],
  [
    "target-unhealthy",
    `Task failed ELB health checks in (target-group ${targetGroup})`,
    "target group shop-blue",
  ],
  [
    "target-unhealthy",
    `(service shop) (port 8080) is unhealthy in (target-group ${targetGroup}) due to (reason Health checks failed with these codes: [404]).`,
    "Health checks failed with these codes: [404]",
  ],
  ["container-unhealthy", "Task failed container health checks"],
  [
    "container-unhealthy",
    "(service shop) (task 0123456789abcdef0123456789abcdef) failed container health checks.",
  ],
  ["container-unhealthy", { text: "", unhealthy: true, container: "app" }, 'Container "app" runs'],
  ["network-interface-late", "Timeout waiting for network interface provisioning to complete."],
  [
    "network-interface-throttled",
    "Rate limit exceeded while preparing network interface to be attached to instance.",
  ],
  ["storage-late", "Timeout waiting for EphemeralStorage provisioning to complete."],
  [
    "host-too-slow",
    "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s",
  ],
  [
    "host-too-slow",
    "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m",
  ],
  [
    "spot-interrupted",
    { text: "Your Spot Task was interrupted.", stopCode: "SpotInterruption", exitCode: 143 },
  ],
  ["spot-interrupted", { text: "", stopCode: "SpotInterruption" }],
  [
    "no-capacity",
    "(service shop) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
  ],
  [
    "no-instance-fits",
    "(service shop) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) has insufficient memory available. For more information, see the Troubleshooting section.",
    "has insufficient memory available",
  ],
  [
    "no-instances",
    "(service shop) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.",
    "No Container Instances were found in your cluster",
  ],
  [
    "task-limit",
    "(service shop) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.",
  ],
  ["task-limit", "You’ve reached the limit on the number of tasks you can run concurrently"],
  [
    "cpu-limit",
    "(service shop) was unable to place a task. Reason: The requested CPU configuration is above your limit.",
  ],
  [
    "normal-replacement",
    {
      text: "Scaling activity initiated by (deployment ecs-svc/1047245031403391889)",
      stopCode: "ServiceSchedulerInitiated",
      exitCode: 137,
    },
  ],
  [
    "target-group-unusable",
    `(service shop) failed to launch a task with (error The target group with targetGroupArn ${targetGroup} does not have an associated load balancer.).`,
    "target group shop-blue",
  ],
  [
    "target-group-unusable",
    `(service shop) was unable to register targets in (target-group ${targetGroup}): TARGET GROUP IS NOT FOUND`,
  ],
  ["stopped-by-user", { text: "Task stopped by user", stopCode: "UserInitiated", exitCode: 0 }],
  ["stopped-by-user", { text: "making room", stopCode: "UserInitiated" }],
  [
    "host-terminated",
    { text: "Host EC2 (instance i-0123456789abcdef0) terminated.", stopCode: "TerminationNotice" },
    "i-0123456789abcdef0",
  ],
  ["host-terminated", "Host EC2 (instance i-0123456789abcdef0) terminated."],
  [
    "instance-impaired",
    { text: "(instance i-0123456789abcdef0) is impaired", stopCode: "InfrastructureHealth" },
    "i-0123456789abcdef0",
  ],
  ["instance-impaired", { text: "", stopCode: "InfrastructureHealth" }],
];

export const deploymentTexts: readonly KnownText[] = [
  [
    "secret-not-json",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): invalid character 'p' looking for beginning of value`,
  ],
  [
    "log-refused",
    `${logger}: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: ${session} is not authorized to perform: logs:CreateLogStream`,
  ],
  [
    "healthy-percent-leaves-no-capacity",
    "(service shop) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
  ],
  [
    "hook-failed",
    "Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target arn:aws:lambda:eu-west-1:123456789012:function:gate returned FAILED status.",
  ],
  [
    "networking-invalid",
    "Service deployment rolled back because of invalid networking configuration: Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or testListenerRule.",
  ],
];

/** Word for word on AWS's pages, checked there: service events, stopped task errors, API failure reasons, EBS, blue/green, AZ rebalancing. */
export const documentedTexts: readonly KnownText[] = [
  [
    "agent-disconnected",
    `${noInstance} The closest matching ${instance} encountered error "AGENT".`,
  ],
  ["agent-disconnected", { text: "TaskFailedToStart: AGENT", stopCode: "TaskFailedToStart" }],
  ["agent-disconnected", { text: "AGENT", stopCode: "TaskFailedToStart" }],
  [
    "agent-disconnected",
    '(service shop) Timed out waiting for Amazon ECS Agent to start. Please check logs at /var/log/ecs/ecs-agent.log".',
  ],
  [
    "no-instance-fits",
    `${noInstance} The closest matching ${instance} has insufficient CPU units available.`,
    "insufficient CPU units",
  ],
  ["no-instance-fits", "TaskFailedToStart: RESOURCE:MEMORY", "it lacks MEMORY"],
  ["no-instance-fits", "TaskFailedToStart: RESOURCE:CPU", "it lacks CPU"],
  ["no-instance-fits", "RESOURCE:GPU", "it lacks GPU"],
  [
    "no-instance-fits",
    "service (shop) is unable to place a task in us-east-1a because no container instance met all of its requirements.",
  ],
  [
    "host-port-taken",
    `${noInstance} The closest matching container-instance is already using a port required by your task.`,
  ],
  ["no-interface-slot", "RESOURCE:ENI"],
  ["no-interface-slot", "Unable to attach network interface to unused device index"],
  ["attribute-missing", "TaskFailedToStart: ATTRIBUTE"],
  ["constraint-unsatisfied", "TaskFailedToStart: MemberOf placement constraint unsatisfied"],
  ["no-instances", "TaskFailedToStart: NO ACTIVE INSTANCES"],
  ["no-instances", "TaskFailedToStart: EMPTY CAPACITY PROVIDER"],
  [
    "no-instances",
    "(service shop) was unable to reach steady state. Reason: No Container Instances were found in your capacity provider.",
  ],
  ["instance-in-another-zone", "LOCATION"],
  [
    "provisioning-limit",
    "(service shop) was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded.",
  ],
  [
    "tasks-not-launched",
    "(service shop) could not launch 3 tasks for deployment ecs-svc/123.",
    "ECS says: (service shop) could not launch 3 tasks",
  ],
  ["no-capacity", "service (shop) is unable to place a task in us-east-1a."],
  [
    "zone-unsupported",
    `${unable} Internal error.`,
    "availability zone that Fargate does not serve",
  ],
  ["memory-limit", `${unable} The requested MEMORY configuration is above your limit.`],
  ["scheduler-throttled", "(service shop) operations are being throttled. Will try again later."],
  [
    "target-unhealthy",
    "(service shop) (task 0123456789abcdef) (instance i-0123456789abcdef0) is unhealthy in (elb my-elb) due to (reason Instance has failed at least the UnhealthyThreshold number of health checks consecutively.)",
    "UnhealthyThreshold",
  ],
  [
    "target-unhealthy",
    `(service shop, taskSet ecs-svc/123) (task 0123456789abcdef) (port 8080) is unhealthy in (target-group ${targetGroup}) due to (reason Request timed out)`,
    "Request timed out",
  ],
  [
    "target-group-unusable",
    `(service shop) task set (ecs-svc/123) (task 0123456789abcdef) is not healthy in target-group (${targetGroup}) due to TARGET GROUP IS NOT FOUND.`,
  ],
  [
    "target-not-registered",
    `(service shop) task set (ecs-svc/123) (task 0123456789abcdef) is not healthy in target-group (${targetGroup}) due to TARGET IS NOT FOUND.`,
  ],
  [
    "tasks-protected",
    "(service shop) was unable to reach steady state because task set (ecs-svc/123) was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks",
  ],
  [
    "tasks-protected",
    "(service shop) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection)",
  ],
  [
    "tasks-protected",
    "(service shop) was unable to AZ Rebalance because (taskSet ecs-svc/1) was unable to scale in due to (reason 1 tasks under protection)",
  ],
  [
    "service-role-refused",
    "IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service",
  ],
  [
    "service-role-not-trusted",
    "IAM trust relationship has been misconfigured or changed, and ECS can no longer maintain your service",
  ],
  [
    "subnet-full",
    {
      text: "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0a1b2c3d",
      stopCode: "TaskFailedToStart",
    },
    "subnet-0a1b2c3d",
  ],
  [
    "launch-type-unfit",
    "The selected task definition is not compatible with the selected compute strategy",
  ],
  [
    "aws-internal-error",
    "InternalError: the network interface did not come up",
    "ECS says: InternalError",
  ],
  ["instance-deregistered", "Container instance deregistration forced by user"],
  ["host-terminated", "Host EC2 (instance i-0123456789abcdef0) stopped"],
  [
    "aws-maintenance",
    {
      text: "ECS is performing maintenance on the underlying infrastructure hosting the task",
      stopCode: "ServiceSchedulerInitiated",
      exitCode: 137,
    },
  ],
  [
    "container-status-unknown",
    "CannotStartContainerError: failed to get container status: unknown",
  ],
  [
    "container-not-stopped",
    "CannotStopContainerError: failed sending SIGTERM to container: not running",
  ],
  ["runtime-in-trouble", "CannotInspectContainerError: no such container"],
  ["runtime-in-trouble", "ContainerRuntimeError: unexpected error from containerd"],
  [
    "registry-unreachable",
    "CannotPullContainerError: pull command failed: panic: runtime error: invalid memory address or nil pointer dereference",
  ],
  [
    "registry-unreachable",
    "CannotPullContainerError: API error (500): Get https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection",
  ],
  [
    "disk-full",
    "CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob111111111: no space left on device",
  ],
  [
    "secret-missing",
    `ResourceNotFoundException: Fetching secret data from AWS Secrets Manager in region us-east-1: secret ${secret}: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    "prod/db-AbCdEf",
  ],
  [
    "ebs-role-not-assumed",
    "ECS was unable to assume the configured ECS Infrastructure Role 'arn:aws:iam::111122223333:role/ecsInfrastructureRole'. Please verify that the role being passed has the proper trust relationship with Amazon ECS",
    "role ecsInfrastructureRole",
  ],
  [
    "ebs-key-unusable",
    'ECS failed to set up the EBS volume. Encountered IdempotentParameterMismatch"; "The client token you have provided is associated with a resource that is already deleted. Please use a different client token."',
  ],
  ["ebs-format-unfit", "ECS timed out while configuring the EBS volume attachment to your Task."],
  [
    "hook-role-not-assumed",
    `${hookFailed} ECS was unable to assume role arn:aws:iam::123456789012:role/Admin`,
    "role Admin",
  ],
  [
    "hook-failed",
    `${hookFailed} Lifecycle hook target ${lambda} returned FAILED status.`,
    "function myHook",
  ],
  [
    "hook-not-allowed",
    `${hookFailed} ECS was unable to invoke hook target ${lambda} due to User: arn:aws:sts::123456789012:assumed-role/myLambdaRole/ECS-Lambda-Execution is not authorized to perform: lambda:InvokeFunction on resource: ${lambda} because no identity-based policy allows the lambda:InvokeFunction action`,
    "role myLambdaRole lacks lambda:InvokeFunction",
  ],
  [
    "hook-answer-invalid",
    `${hookFailed} ECS was unable to parse the response from ${lambda} due to HookStatus must not be null`,
  ],
  [
    "load-balancer-role-refused",
    `${hookFailed} User: arn:aws:sts::123456789012:assumed-role/myELBRole/ECSNetworkingWithELB is not authorized to perform: elasticloadbalancing:ModifyListener on resource: arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/my-alb/abc123/def456 because no identity-based policy allows the elasticloadbalancing:ModifyListener action`,
    "Role myELBRole may not do elasticloadbalancing:ModifyListener",
  ],
  [
    "load-balancer-role-refused",
    "(service shop) failed to describe target health on target-group myTargetGroup with (error User: arn:aws:sts::123456789012:assumed-role/myELBRole/ecs-service-scheduler is not authorized to perform: elasticloadbalancing:DescribeTargetHealth because no identity-based policy allows the elasticloadbalancing:DescribeTargetHealth action)",
    "DescribeTargetHealth",
  ],
  [
    "load-balancer-role-refused",
    `(service shop) failed to register targets in target-group myTargetGroup with (error User: arn:aws:sts::123456789012:assumed-role/myELBRole/ecs-service-scheduler is not authorized to perform: elasticloadbalancing:RegisterTargets on resource: ${targetGroup} because no identity-based policy allows the elasticloadbalancing:RegisterTargets action)`,
  ],
  [
    "load-balancer-role-not-assumed",
    "Service deployment rolled back because of invalid networking configuration. ECS was unable to manage the ELB resources due to missing permissions on ECS Infrastructure Role 'arn:aws:iam::123456789012:role/Admin'.",
    "role Admin",
  ],
  [
    "networking-invalid",
    `Service deployment rolled back because of invalid networking configuration: Target group ${targetGroup} is not associated with either productionListenerRule or testListenerRule.`,
  ],
  [
    "listener-splits-traffic",
    "Service deployment rolled back because of invalid networking configuration. productionListenerRule arn:aws:elasticloadbalancing:us-west-2:123456789012:listener-rule/app/my-alb/abc123/def456/ghi789 should have exactly one target group serving traffic but found 2 target groups which are serving traffic",
  ],
  [
    "listener-serves-others",
    `Service deployment rolled back because of invalid networking configuration. Production listener rule is forwarding traffic to unexpected target group ${targetGroup}. Expected traffic to be forwarded to either targetGroupArn: ${targetGroup} or alternateTargetGroupArn: ${targetGroup}`,
  ],
];

/** The words are in the ECS agent's source, checked there; what it wraps (Docker, runc, the SDK) as these write it. */
export const agentTexts: readonly KnownText[] = [
  [
    "dependencies-unresolvable",
    "TaskDependencyError: Task dependencies cannot be resolved, taskArn: arn:aws:ecs:us-east-1:123456789012:task/prod/0123456789abcdef0123456789abcdef",
  ],
  [
    "dependency-did-not-succeed",
    "dependency graph: failed to resolve container ordering dependency [init] for target [app] as dependency did not exit successfully.",
  ],
  [
    "dependency-did-not-succeed",
    "dependency graph: container ordering dependency [init] for target [app] has timed out.",
  ],
  [
    "host-too-slow",
    "CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s",
  ],
  [
    "host-too-slow",
    "DockerTimeoutError: Could not transition to creating volume; timed out after waiting 5m0s",
  ],
  [
    "container-not-stopped",
    "DockerTimeoutError: Could not transition to stopped; timed out after waiting 2m30s",
  ],
  ["container-not-stopped", "TaskStateError: Agent could not progress task's state to stopped"],
  ["container-lost", "ContainerVanishedError: No container matching saved ID found"],
  [
    "pull-not-begun",
    "TaskStoppedBeforePullBeginError: Task stopped before image pull could begin for task: arn:aws:ecs:us-east-1:123456789012:task/prod/0a",
  ],
  [
    "parameter-missing",
    "fetching secret data from SSM Parameter Store in us-east-1: invalid parameters: /prod/token",
    "Parameter /prod/token",
  ],
  [
    "parameter-refused",
    `fetching secret data from SSM Parameter Store in us-east-1: AccessDeniedException: User: ${session} is not authorized to perform: ssm:GetParameters on resource: ${parameter}`,
  ],
  [
    "secret-arn-invalid",
    "an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again.",
  ],
  ["execution-role-unusable", "ssm secret resource: unable to find execution role credentials"],
  ["execution-role-unusable", "CannotPullECRContainerError: engine ecr credentials: not found"],
  [
    "registry-credentials-malformed",
    "CannotPullContainerAuthError: asm fetching username: AuthorizationData is malformed, empty field",
  ],
  [
    "registry-credentials-malformed",
    "CannotPullContainerAuthError: asm fetching authorization data: unable to unmarshal secret value, invalid schema",
  ],
  [
    "environment-file-refused",
    "unable to download env file with key prod.env from bucket shop, error: operation error S3: GetObject, https response error StatusCode: 403, AccessDenied: Access Denied",
  ],
  [
    "environment-file-missing",
    "unable to download env file with key prod.env from bucket shop, error: operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey: The specified key does not exist.",
  ],
  [
    "environment-file-unread",
    "unable to parse bucket and key from s3 ARN specified in environmentFile shop/prod.env, error: invalid ARN",
  ],
  [
    "firelens-failed",
    "CannotCreateContainerError: failed to create container - container uses awsfirelens log driver and we failed to generate the Firelens log config: missing",
  ],
  [
    "firelens-failed",
    "unable to generate firelens config file: unable to apply log options of container app to firelens config: invalid",
  ],
  [
    "firelens-file-unread",
    "unable to download firelens s3 config file: unable to download s3 config fluent.conf from bucket shop: AccessDenied",
  ],
  [
    "memory-limits-invalid",
    "cgroup resource: unable to build resource spec for task: task memory spec builder: container memory limit(1024) greater than task memory limit(512)",
  ],
  [
    "cgroup-failed",
    "cgroup resource: setup cgroup: unable to create cgroup taskARN=arn:aws:ecs:us-east-1:1:task/a cgroupPath=/ecs/a cgroupV2=true err=busy",
  ],
  ["credential-spec-failed", "credentialspec resource: unable to find credentialspec mapping"],
  [
    "fsx-not-mounted",
    "invalid credentials for mounting fsxwindowsfileserver volume on the container instance",
  ],
  [
    "volume-missing",
    "initialize volume: volume detection failed, volume 'data' does not exist and autoprovision is set to false",
  ],
  [
    "network-not-set-up",
    "ContainerNetworkingError: startContainer: cni plugin invocation failed: add network failed",
  ],
  [
    "network-without-address",
    "cni setup: task ENI is IPv6-only but has no IPv6 subnet gateway address",
  ],
  ["gpu-unusable", "could not find container with name app for associating GPU GPU-0a1b"],
  ["exec-agent-failed", "unable to start ExecuteCommandAgent [pre-start]: exec failed"],
  [
    "volume-not-created",
    "CannotCreateVolumeError: Error response from daemon: create data: VolumeDriver.Create: failed: error getting volume",
  ],
  [
    "image-missing",
    "CannotPullImageManifestError: Error response from daemon: manifest unknown: manifest unknown",
  ],
];

/** Seen in public reports (issues, notes, public code that handles these words). */
export const reportedTexts: readonly KnownText[] = [
  [
    "agent-disconnected",
    `${noInstance} The closest matching ${instance} doesn't have the agent connected. For more information, see the Troubleshooting section.`,
    "agent",
  ],
  [
    "attribute-missing",
    `${noInstance} The closest matching ${instance} is missing an attribute required by your task. For more information, see the Troubleshooting section.`,
  ],
  ["no-instance-fits", `${unable} TaskFailedToStart: RESOURCE:GPU.`],
  [
    "instance-draining",
    {
      text: "Service shop: Task 0a stopped because its container instance is in DRAINING state",
      stopCode: "ServiceSchedulerInitiated",
      exitCode: 143,
    },
  ],
  [
    "aws-maintenance",
    {
      text: "Service shop: ECS is performing maintenance on the underlying infrastructure hosting the task",
      stopCode: "ServiceSchedulerInitiated",
    },
  ],
  [
    "scheduler-throttled",
    "service shop operations are being throttled on elb. Will try again later.",
  ],
  [
    "load-balancer-api-failed",
    "(service shop) failed to describe target health on target-group shop with (error Internal failure)",
  ],
  [
    "subnet-full",
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0a1b2c3d': InsufficientFreeAddressesInSubnet",
    "subnet-0a1b2c3d",
  ],
  [
    "tag-policy-violated",
    "Unexpected EC2 error while attempting to tag the network interface: TagPolicyViolation",
  ],
  [
    "network-interface-refused",
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-0a1b2c3d': AuthFailure",
  ],
  [
    "network-interface-failed",
    "Unexpected EC2 error while attempting to attach network interface to instance",
    "ECS says: Unexpected EC2 error",
  ],
  [
    "network-not-set-up",
    "ResourceInitializationError: failed to configure ENI: failed to setup regular eni: netplugin failed with no error message",
  ],
  [
    "managed-instance-refused",
    `${managed} UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/ecsInfrastructureRole/ECSManagedInstances is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/ecsInstanceRole because no identity-based policy allows the iam:PassRole action.`,
    "Role ecsInfrastructureRole, the infrastructure role of the capacity provider mi-default, may not launch instances (iam:PassRole)",
  ],
  [
    "managed-instance-no-capacity",
    `${managed} UnfulfillableCapacity: Unable to fulfill capacity due to your request configuration. Please adjust your request and try again.`,
    "mi-default",
  ],
  ["managed-instance-no-capacity", `${managed} InsufficientInstanceCapacity: no capacity`],
  [
    "managed-instance-limit",
    `${managed} MaxSpotInstanceCountExceeded: Max spot instance count exceeded. RequestId: 3495893a-0a`,
  ],
  [
    "managed-instance-limit",
    `${managed} VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit allows`,
  ],
  ["managed-instance-not-launched", managed, "ECS says: (service shop) was unable"],
  [
    "service-linked-role-missing",
    "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
  ],
  [
    "platform-refused",
    "AccessDeniedException: You do not have authorization to access the specified platform.",
  ],
  [
    "account-blocked",
    "BlockedException: Your account is currently blocked. Please contact AWS Support.",
  ],
  [
    "environment-file-refused",
    "ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): operation error S3: HeadObject, https response error StatusCode: 403, RequestID: ABC, HostID: DEF, api error Forbidden: Forbidden.",
  ],
  [
    "environment-file-unreachable",
    "ResourceInitializationError: failed to download env files: file download command: non empty error stream: RequestCanceled: request context canceled caused by: context deadline exceeded",
  ],
  [
    "layers-mixed",
    "CannotPullContainerError: ref pull has been retried 1 time(s): number of layers and diffIDs don't match: 3 != 15",
  ],
  ["layers-mixed", "CannotPullContainerError: mismatched image rootfs and manifest layers"],
  [
    "layers-broken",
    'CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: failed to extract layer sha256:0a: wrong diff id "sha256:0a" calculated on extraction',
  ],
  [
    "layers-broken",
    'CannotPullContainerError: failed to copy: failed commit on ref "layer-sha256:0a": unexpected commit digest sha256:0b, expected sha256:0a: failed precondition',
  ],
  [
    "layers-not-understood",
    "CannotPullContainerError: failed to register layer: Error processing tar file(exit status 1): archive/tar: invalid tar header",
  ],
  [
    "layers-not-unpacked",
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0a: mount callback failed: operation not permitted",
    "ECS says: CannotPull",
  ],
  [
    "manifest-not-understood",
    'CannotPullContainerError: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1',
  ],
  [
    "registry-account-invalid",
    "CannotPullECRContainerError: InvalidParameterException: Invalid parameter at 'registryIds' failed to satisfy constraint: 'Member must satisfy constraint: [Member must satisfy regular expression pattern: [0-9]{12}]' status code: 400, request id: 1b7cd3ab",
  ],
  ["image-name-invalid", "CannotPullContainerError: invalid reference format"],
  [
    "registry-login-refused",
    "CannotPullContainerError: Error response from daemon: Get https://registry.example/v2/shop/manifests/1: unauthorized: authentication required",
  ],
  [
    "registry-login-refused",
    'CannotPullContainerError: Error response from daemon: Head "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/shop/manifests/1": no basic auth credentials',
  ],
  [
    "registry-certificate",
    `CannotPullContainerError: Error response from daemon: Get "https://registry.example/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ],
  [
    "registry-in-trouble",
    "CannotPullContainerError: failed to resolve ref: unexpected status from HEAD request to https://registry.example/v2/shop/manifests/1: 503 Service Unavailable",
  ],
  [
    "layer-missing",
    "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry.example/v2/shop/blobs/sha256:0a: 404 Not Found",
  ],
  [
    "registry-unreachable",
    'CannotPullContainerError: failed to do request: Head "https://shop.example/v2/": dial tcp [2600:1f18::1]:443: connect: network is unreachable',
  ],
  [
    "disk-full",
    "CannotCreateContainerError: API error (500): devmapper: Thin Pool has 4350 free data blocks which is less than minimum required 4454 free data blocks. Create more free space in thin pool or use dm.min_free_space option to change behavior",
  ],
  [
    "wrong-windows-version",
    "CannotCreateContainerError: hcsshim::CreateComputeSystem app: The container operating system does not match the host operating system.",
  ],
  [
    "command-missing",
    'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: OCI runtime create failed: container_linux.go:370: starting container process caused: exec: "/opt/sonarqube/bin/run.sh": stat /opt/sonarqube/bin/run.sh...no such file or direct...',
    "/opt/sonarqube/bin/run.sh",
  ],
  [
    "command-missing",
    'CannotStartContainerError: oci runtime error: container_linux.go: starting container process caused "exec: \\"npm\\": executable file not found in $PATH"',
    'its command "npm"',
  ],
  [
    "volume-not-mounted",
    'CannotStartContainerError: Error response from daemon: OCI runtime create failed: container init caused: mounting "/etc/x" to rootfs at "/etc/y" caused: not a directory',
  ],
  [
    "exec-agent-failed",
    `AccessDeniedException: User: ${session} is not authorized to perform: ssmmessages:CreateControlChannel on resource: *`,
  ],
  [
    "log-driver-failed",
    "CannotCreateContainerError: Error response from daemon: logger: no log driver named 'awsfirelens' is registered",
  ],
  [
    "image-refused",
    `CannotPullContainerError: failed to resolve ref ${image}: AccessDeniedException: KMS key may not be used`,
  ],
  [
    "registry-in-trouble",
    'CannotPullContainerError: Error response from daemon: Get "https://registry.example/v2/": Service Unavailable',
  ],
  [
    "secret-unread",
    `${resources}: unable to retrieve secret from asm: InvalidParameterException: try again`,
    "ECS says",
  ],
  [
    "container-not-started",
    "CannotStartContainerError: Error response from daemon: hcs::System::Start: The virtual machine or container exited unexpectedly.",
  ],
  [
    "container-name-taken",
    `${createFailed} Conflict. The container name "/ecs-shop-2-app" is already in use by container "0a"`,
  ],
  [
    "launch-type-unfit",
    "(service shop) failed to launch a task with (error Task definition does not support launch_type FARGATE.).",
  ],
  [
    "tasks-not-launched",
    "(service shop) failed to launch a task with (error something new).",
    "ECS says",
  ],
  [
    "registry-unreachable",
    'CannotPullContainerError: Error response from daemon: Get "https://registry-1.docker.io/v2/": EOF',
  ],
  [
    "layers-not-understood",
    "CannotPullContainerError: failed to unpack image on snapshotter overlayfs: unexpected media type application/vnd.oci.image.layer.v1.tar+zstd",
  ],
  [
    "managed-instance-refused",
    "ResourceInitializationError: Unable to launch instance(s) for capacity provider mi-default. ECS was unable to assume the infrastructure role",
  ],
  [
    "target-group-unusable",
    `Service deployment rolled back because of invalid networking configuration: The target group ${targetGroup} does not have an associated load balancer.`,
  ],
  [
    "command-missing",
    `${startFailed} exec /app/start.sh: no such file or directory: unknown`,
    "/app/start.sh",
  ],
  ["command-not-given", `${createFailed} no command specified`],
  [
    "gpu-unusable",
    `${startFailed} error during container init: error running hook #0: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy' nvidia-container-cli: initialization error: nvml error: driver not loaded: unknown`,
  ],
  [
    "gpu-unusable",
    'CannotStartContainerError: Error response from daemon: could not select device driver "nvidia" with capabilities: [[gpu]]',
  ],
  [
    "gpu-unusable",
    `${startFailed} nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.4, please update your driver to a newer version`,
  ],
  [
    "device-missing",
    'CannotStartContainerError: Error response from daemon: error gathering device information while adding custom device "/dev/neuron0": no such file or directory',
  ],
  [
    "user-missing",
    "CannotStartContainerError: Error response from daemon: unable to find user shop: no matching entries in passwd file",
  ],
  [
    "working-directory-missing",
    `${startFailed} chdir to cwd ("/srv/app") set in config.json failed: no such file or directory: unknown`,
  ],
  [
    "working-directory-missing",
    `${startFailed} chdir to cwd ("/root/app") set in config.json failed: permission denied: unknown`,
  ],
  [
    "limit-refused",
    `${startFailed} error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: unknown`,
  ],
  [
    "kernel-setting-refused",
    `${startFailed} error during container init: sysctl "net.core.somaxconn" not allowed in host network namespace`,
  ],
  [
    "security-profile-refused",
    `${startFailed} error during container init: unable to init seccomp: error loading seccomp filter into kernel: invalid argument`,
  ],
  ["root-read-only", `${createFailed} mkdir /var/lib/docker/x: read-only file system`],
  [
    "root-read-only",
    died(1, "OSError: [Errno 30] Read-only file system: '/app/cache'"),
    "read-only",
  ],
  ["port-taken-in-task", died(1, "Error: listen EADDRINUSE: address already in use :::8080")],
  [
    "port-taken",
    "CannotStartContainerError: Error response from daemon: driver failed programming external connectivity: failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use",
  ],
  ["interpreter-missing", died(255, "exec /entrypoint.sh: no such file or directory")],
  ["memory-limits-invalid", `${createFailed} Minimum memory limit allowed is 6MB`],
  [
    "out-of-memory",
    `${startFailed} container init was OOM-killed (memory limit too low?): unknown`,
  ],
  [
    "volume-not-mounted",
    `${startFailed} error mounting "/host/app.conf" to rootfs at "/etc/app.conf": mount /host/app.conf:/etc/app.conf: not a directory: unknown: Are you trying to mount a directory onto a file?`,
  ],
  [
    "volume-not-mounted",
    `${createFailed} invalid mount config for type "bind": bind source path does not exist: /data`,
  ],
  [
    "volume-plugin-missing",
    `${createFailed} error looking up volume plugin rexray/ebs: plugin "rexray/ebs" not found`,
  ],
  [
    "log-router-unreachable",
    "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: connection refused",
  ],
  [
    "log-option-invalid",
    "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: unknown log opt 'awslogs-grp' for awslogs log driver",
  ],
  [
    "log-throttled",
    `${logger}: create stream has been retried 1 times: failed to create Cloudwatch log stream: ThrottlingException: Rate exceeded`,
  ],
  [
    "log-driver-failed",
    "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: logentries token is wrong",
    "ECS says",
  ],
  [
    "efs-not-resolved",
    `${efs} Failed to resolve "fs-0123456789abcdef0.efs.us-east-1.amazonaws.com" - check that your file system ID is correct, and ensure that the VPC has an EFS mount target for this file system ID.`,
  ],
  [
    "efs-unreachable",
    `${efs} Mount attempt 1/3 failed due to timeout after 15 sec, wait 0 sec before next attempt. b'mount.nfs4: mount system call failed'`,
  ],
  [
    "efs-unreachable",
    `${efs} b'mount.nfs4: Connection reset by peer' : unsuccessful EFS utils command execution; code: 32`,
  ],
  [
    "efs-not-mounted",
    `${efs} b'mount.nfs4: an incorrect mount option was specified' : unsuccessful EFS utils command execution; code: 32`,
    "ECS says",
  ],
  [
    "secrets-throttled",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 5 time(s): ThrottlingException: Rate exceeded`,
  ],
  [
    "hook-failed",
    "(service shop) (deployment ecs-svc/1234567890123456789) deployment failed: hook execution failure(s) detected.",
    "lifecycle hook",
  ],
  [
    "capacity-provider-missing",
    "ResourceNotFoundException: The specified capacity provider was not found.",
  ],
  [
    "wrong-platform",
    "CannotPullContainerError: no matching manifest for windows/amd64 10.0.17763 in the manifest list entries",
  ],
];

const user =
  "User: arn:aws:sts::123456789012:assumed-role/ecsInfrastructureRole/ECS is not authorized to perform:";

/** Error codes and actions are those of the services' API references; the sentences around them are put together. */
export const composedTexts: readonly KnownText[] = [
  [
    "container-not-started",
    `${startFailed} something new happened: unknown`,
    "ECS says: CannotStartContainerError",
  ],
  [
    "ebs-snapshot-missing",
    "ECS failed to set up the EBS volume. InvalidSnapshot.NotFound: The snapshot 'snap-0a1b' does not exist.",
  ],
  [
    "ebs-limit",
    "ECS failed to set up the EBS volume. VolumeLimitExceeded: The maximum number of volumes is reached",
  ],
  [
    "ebs-refused",
    `ECS failed to set up the EBS volume. UnauthorizedOperation: ${user} ec2:CreateVolume on resource: *`,
    "Role ecsInfrastructureRole, the infrastructure role, may not create or attach the task's EBS volume (ec2:CreateVolume)",
  ],
  [
    "lattice-target-unhealthy",
    "(service shop) (task 0a) is unhealthy in (VPC Lattice target-group-id tg-0123456789abcdef0)",
  ],
  [
    "registry-instance-unhealthy",
    "(service shop) (instance 0a) is unhealthy in (service-registry srv-0a)",
  ],
  [
    "service-connect-proxy-unhealthy",
    {
      text: "Task failed container health checks",
      stopCode: "ServiceSchedulerInitiated",
      container: "ecs-service-connect-a1b2",
    },
    "The Service Connect proxy",
  ],
  [
    "service-connect-proxy-unhealthy",
    { text: "", unhealthy: true, container: "ecs-service-connect-a1b2" },
  ],
  [
    "service-connect-proxy-exited",
    {
      text: exited,
      stopCode: "EssentialContainerExited",
      exitCode: 1,
      container: "ecs-service-connect-a1b2",
    },
    'The Service Connect proxy (container "ecs-service-connect-a1b2") exited with code 1',
  ],
  [
    "service-connect-proxy-exited",
    {
      text: exited,
      stopCode: "EssentialContainerExited",
      exitCode: 0,
      container: "ecs-service-connect-a1b2",
    },
  ],
  [
    "configuration-limit",
    `${unable} The requested EPHEMERAL STORAGE configuration is above your limit.`,
  ],
  ["platform-unfit", "PlatformUnknownException: The specified platform does not exist."],
  [
    "platform-unfit",
    "PlatformTaskDefinitionIncompatibilityException: The specified platform doesn't satisfy the required capabilities of the task definition.",
  ],
  [
    "network-interface-limit",
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0a1b2c3d': NetworkInterfaceLimitExceeded",
  ],
  [
    "network-gone",
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0a1b2c3d': InvalidSubnetID.NotFound",
  ],
  [
    "network-gone",
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0a1b2c3d': InvalidGroup.NotFound",
  ],
  [
    "network-interface-throttled",
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0a1b2c3d': RequestLimitExceeded",
  ],
  [
    "hook-not-called",
    `${hookFailed} ECS was unable to invoke hook target ${lambda} due to ResourceNotFoundException: Function not found: ${lambda}`,
    "function myHook",
  ],
  [
    "hook-not-called",
    `${hookFailed} ECS was unable to invoke hook target ${lambda} due to Rate exceeded`,
  ],
  [
    "discovery-refused",
    `(service shop) was unable to register a task: ${user} servicediscovery:RegisterInstance on resource: *`,
    "servicediscovery:RegisterInstance",
  ],
  [
    "discovery-throttled",
    "(service shop) operations are being throttled on service discovery. Will try again later.",
  ],
  [
    "lattice-refused",
    `(service shop) failed to register targets: ${user} vpc-lattice:RegisterTargets on resource: *`,
  ],
  [
    "secret-key-refused",
    `${resources}: unable to retrieve secret from asm: failed to fetch secret ${secret} from secrets manager: AccessDeniedException: User: ${session} is not authorized to perform: kms:Decrypt on resource: *`,
  ],
  [
    "express-infrastructure-role-refused",
    "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/ecsInfrastructureRole/ECSGateway is not authorized to perform: ec2:DescribeAccountAttributes because no identity-based policy allows the ec2:DescribeAccountAttributes action",
    "may not do ec2:DescribeAccountAttributes",
  ],
];

/**
 * Words from memory: neither AWS's pages nor the agent's source have them as they are here, so only rows for a whole class of errors may
 * recognise them, which show ECS's own words with the cause.
 */
export const unconfirmedTexts: readonly KnownText[] = [
  [
    "volume-not-created",
    "CannotCreateVolumeError: Error response from daemon: create app-data: VolumeDriver.Create: mounting volume failed: Specified port [2049] is unavailable. Try selecting a different port.",
    "ECS says",
  ],
  ["ebs-not-attached", "Timeout waiting for EBS volume to be attached to your Task", "ECS says"],
  [
    "discovery-failed",
    "(service shop) was unable to register instances in (service-registry srv-0123456789abcdef) because of invalid instance attributes.",
    "ECS says",
  ],
  [
    "lattice-failed",
    "(service shop) failed to register targets in VPC Lattice target group tg-0123456789abcdef",
    "ECS says",
  ],
  [
    "service-connect-failed",
    "Service Connect configuration is invalid: the port name web does not exist",
    "ECS says",
  ],
];
