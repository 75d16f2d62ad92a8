// Every row of the table against a text as AWS writes it, and texts that look alike but say something else.

import { describe, expect, test } from "vitest";
import { knownCauses } from "../../../src/rollout/causes.ts";
import { fill, findCause, type Sign } from "../../../src/rollout/signs.ts";

const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:7c2d1f0";
const pull = "CannotPullContainerError: pull image manifest has been retried 7 time(s)";
const resources =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf";
const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/prod/token";
const session = "arn:aws:sts::123456789012:assumed-role/shop-execution/0123456789abcdef";
const logger = "ResourceInitializationError: failed to validate logger args";
const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-blue/0123456789abcdef";
const exited = "Essential container in task exited";

/** Row of the list, expected cause, what ECS says, and what the user is told among other things. */
const rows: readonly (readonly [number, string, string | Sign, string?])[] = [
  [
    1,
    "wrong-platform",
    `${pull}: image Manifest does not contain descriptor matching platform 'linux/arm64'`,
    "nothing for linux/arm64",
  ],
  [1, "wrong-platform", `${pull}: failed to resolve ref ${image}: no match for platform in manifest: not found`, image],
  [
    1,
    "wrong-platform",
    "CannotPullContainerError: no matching manifest for linux/amd64 in the manifest list entries",
    "linux/amd64",
  ],
  [2, "attestation-deployed", `CannotPullContainerError: failed to unpack image: no processor for media-type: unknown`],
  [
    2,
    "attestation-deployed",
    "CannotPullContainerError: mismatched image rootfs: unexpected media type application/vnd.in-toto+json",
  ],
  [3, "image-missing", `${pull}: failed to resolve ref ${image}: ${image}: not found`, `Image ${image} does not exist`],
  [3, "image-missing", "CannotPullContainerError: API error (404): repository shop not found"],
  [
    3,
    "image-missing",
    `CannotPullContainerError: The task can’t pull the image. Check whether the image exists. Error response from daemon: pull access denied for some/nonsense, repository does not exist or may require 'docker login'`,
    "some/nonsense",
  ],
  [
    3,
    "image-missing",
    `CannotPullContainerError: Error response from daemon: manifest for ${image} not found: manifest unknown: Requested image not found`,
    image,
  ],
  [
    4,
    "image-refused",
    `${pull}: failed to resolve ref ${image}: pulling from host 123456789012.dkr.ecr.eu-west-1.amazonaws.com failed with status code [manifests 7c2d1f0]: 403 Forbidden`,
    image,
  ],
  [
    4,
    "image-refused",
    `CannotPullContainerError: The task can’t pull the image. Check that the role has the permissions to pull images from the registry. Error response from daemon: pull access denied for ${image}, repository does not exist or may require 'docker login': denied: User: ${session} is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/shop`,
    "Role shop-execution may not pull",
  ],
  [
    4,
    "image-refused-or-missing",
    `CannotPullContainerError: Error response from daemon: pull access denied for team/shop, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    "team/shop",
  ],
  [
    5,
    "registry-unreachable",
    `${pull}: failed to resolve ref ${image}: failed to do request: Head "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/manifests/7c2d1f0": dial tcp 10.0.3.17:443: i/o timeout`,
    image,
  ],
  [
    5,
    "registry-unreachable",
    "CannotPullContainerError: Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
  ],
  [
    5,
    "registry-unreachable",
    `CannotPullContainerError: The task cannot pull ${image} from the registry ${image}. There is a connection issue between the task and the registry. Check your task network configuration. : failed to copy: httpReadSeeker: failed open: failed to do request: Get ${image}: dial tcp 16.15.180.104:443: i/o timeout.`,
    image,
  ],
  [
    6,
    "pull-rate-limit",
    "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:0a: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
  ],
  [
    7,
    "disk-full",
    `CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0a: write /usr/lib/x: no space left on device: unknown`,
  ],
  [
    8,
    "layer-refused",
    `CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: unexpected status code https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/blobs/sha256:0a: 403 Forbidden`,
    "layers of the image were refused",
  ],
  [
    8,
    "layer-refused",
    `CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/blobs/sha256:0a: 403 Forbidden`,
  ],
  [
    9,
    "pull-cancelled",
    `CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://prod-eu-west-1-starport-layer-bucket.s3.amazonaws.com/0a": context canceled`,
  ],
  [
    10,
    "registry-auth-unreachable",
    `${resources}: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 44.213.79.104:443: i/o timeout`,
  ],
  [
    10,
    "registry-auth-refused",
    `${resources}: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: ${session} is not authorized to perform: ecr:GetAuthorizationToken on resource: *`,
    "Role shop-execution may not sign in to ECR",
  ],
  [
    11,
    "secret-refused",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${secret} from secrets manager: AccessDeniedException: User: ${session} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${secret} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    "Role shop-execution may not read secret prod/db-AbCdEf",
  ],
  [
    11,
    "secret-key-refused",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${secret} from secrets manager: AccessDeniedException: Access to KMS is not allowed`,
    "decrypt secret prod/db-AbCdEf",
  ],
  [
    12,
    "secrets-unreachable",
    `${resources}: unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. failed to fetch secret ${secret} from secrets manager: operation error Secrets Manager: GetSecretValue, canceled, context deadline exceeded`,
    "prod/db-AbCdEf",
  ],
  [
    12,
    "secrets-unreachable",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded`,
  ],
  [
    13,
    "secret-missing",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${secret} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    "Secret prod/db-AbCdEf does not exist",
  ],
  [
    13,
    "secret-missing",
    `ResourceInitializationError: The task can't retrieve the secret with ARN '${secret}' from AWS Secrets Manager. Check whether the secret exists in the specified Region.`,
    "prod/db-AbCdEf",
  ],
  [
    14,
    "parameter-missing",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /prod/token`,
    "Parameter /prod/token does not exist",
  ],
  [
    14,
    "parameter-refused",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: ${session} is not authorized to perform: ssm:GetParameters on resource: ${parameter}`,
    "Role shop-execution may not read parameter /prod/token",
  ],
  [
    14,
    "parameters-unread",
    `${resources}: unable to retrieve secrets from ssm: service call has been retried 2 time(s): ValidationException: 1 validation error detected`,
  ],
  [
    15,
    "secret-key-missing",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key DB_PASSWORD`,
    'no JSON key "DB_PASSWORD"',
  ],
  [
    16,
    "role-not-assumed",
    "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    "role shop-task",
  ],
  [
    16,
    "role-not-assumed",
    "(service shop) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/path/shop-task' that was provided for this task.).",
    "role shop-task",
  ],
  [
    17,
    "log-group-missing",
    `${logger}: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1`,
  ],
  [
    17,
    "log-group-missing",
    {
      text: "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
      logGroup: "/ecs/shop",
    },
    "Log group /ecs/shop does not exist",
  ],
  [
    17,
    "log-group-not-found",
    `${logger}: The task cannot find the Amazon CloudWatch log group defined in the task definition.`,
  ],
  [
    18,
    "log-unreachable",
    `${logger}: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed`,
  ],
  [18, "log-unreachable", `${logger}: signal: killed`],
  [
    19,
    "secrets-timed-out",
    "ResourceInitializationError: unable to pull secrets or registry auth: pull command failed: : signal: killed",
  ],
  [
    20,
    "efs-path-missing",
    "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: mounting fs-e5645f66.efs.eu-west-1.amazonaws.com:/data failed, reason given by server: No such file or directory : unsuccessful EFS utils command execution; code: 32",
  ],
  [
    20,
    "efs-refused",
    "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
  ],
  [
    20,
    "efs-not-mounted",
    'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "fs-e5645f66.efs.eu-west-1.amazonaws.com"',
  ],
  [
    21,
    "out-of-memory",
    {
      text: `${exited} OutOfMemoryError: Container killed due to memory usage`,
      stopCode: "EssentialContainerExited",
      exitCode: 137,
      container: "app",
    },
    'Container "app" ran out of memory and was killed (exit code 137)',
  ],
  [21, "out-of-memory", "OutOfMemoryError: Container killed due to memory usage"],
  [
    22,
    "ended-by-itself",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 0, container: "app" },
    'Container "app" ended by itself with exit code 0',
  ],
  [
    23,
    "application-error",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 1, container: "app" },
    "code 1",
  ],
  [23, "application-error", { text: exited, exitCode: 2, container: "app" }, "code 2"],
  [
    23,
    "application-error",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 255, container: "app" },
    "code 255",
  ],
  [24, "runtime-failed", { text: exited, stopCode: "EssentialContainerExited", exitCode: 125 }],
  [24, "exit-not-executable", { text: exited, stopCode: "EssentialContainerExited", exitCode: 126 }],
  [24, "exit-command-not-found", { text: exited, stopCode: "EssentialContainerExited", exitCode: 127 }],
  [
    25,
    "killed",
    { text: exited, stopCode: "EssentialContainerExited", exitCode: 137, container: "app" },
    "does not say by what",
  ],
  [26, "crashed", { text: exited, stopCode: "EssentialContainerExited", exitCode: 139 }],
  [26, "aborted", { text: exited, stopCode: "EssentialContainerExited", exitCode: 134 }],
  [27, "told-to-stop", { text: exited, stopCode: "EssentialContainerExited", exitCode: 143 }, "143: SIGTERM"],
  [27, "told-to-stop", { text: exited, stopCode: "EssentialContainerExited", exitCode: 130 }, "130: SIGINT"],
  [
    28,
    "exec-format-error",
    "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec /app/start.sh: exec format error: unknown",
  ],
  [
    28,
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
    29,
    "command-missing",
    'CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown',
    'its command "serve" is not in the image',
  ],
  [
    29,
    "command-missing",
    'CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/run": stat /app/run: no such file or directory: unknown',
    '"/app/run"',
  ],
  [
    29,
    "command-not-executable",
    'CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/run.sh": permission denied: unknown',
    '"/app/run.sh"',
  ],
  [
    29,
    "container-not-started",
    "CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: error during container init: mkdir /srv: read-only file system: unknown",
  ],
  [
    30,
    "port-taken",
    "CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint app: Bind for 0.0.0.0:8080 failed: port is already allocated",
    "Port 8080 is taken",
  ],
  [31, "target-unhealthy", `Task failed ELB health checks in (target-group ${targetGroup})`, "target group shop-blue"],
  [
    31,
    "target-unhealthy",
    `(service shop) (port 8080) is unhealthy in (target-group ${targetGroup}) due to (reason Health checks failed with these codes: [404]).`,
    "Health checks failed with these codes: [404]",
  ],
  [32, "container-unhealthy", "Task failed container health checks"],
  [32, "container-unhealthy", "(service shop) (task 0123456789abcdef0123456789abcdef) failed container health checks."],
  [32, "container-unhealthy", { text: "", unhealthy: true, container: "app" }, 'Container "app" runs'],
  [33, "network-interface-late", "Timeout waiting for network interface provisioning to complete."],
  [
    34,
    "network-interface-throttled",
    "Rate limit exceeded while preparing network interface to be attached to instance.",
  ],
  [35, "storage-late", "Timeout waiting for EphemeralStorage provisioning to complete."],
  [36, "host-too-slow", "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s"],
  [36, "host-too-slow", "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m"],
  [37, "spot-interrupted", { text: "Your Spot Task was interrupted.", stopCode: "SpotInterruption", exitCode: 143 }],
  [37, "spot-interrupted", { text: "", stopCode: "SpotInterruption" }],
  [
    38,
    "no-capacity",
    "(service shop) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
  ],
  [
    39,
    "no-instance-fits",
    "(service shop) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123456789abcdef0123456789abcdef) has insufficient memory available. For more information, see the Troubleshooting section.",
    "has insufficient memory available",
  ],
  [
    39,
    "no-instance-fits",
    "(service shop) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.",
    "No Container Instances were found in your cluster",
  ],
  [
    40,
    "task-limit",
    "(service shop) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.",
  ],
  [40, "task-limit", "You’ve reached the limit on the number of tasks you can run concurrently"],
  [
    41,
    "cpu-limit",
    "(service shop) was unable to place a task. Reason: The requested CPU configuration is above your limit.",
  ],
  [
    42,
    "normal-replacement",
    {
      text: "Scaling activity initiated by (deployment ecs-svc/1047245031403391889)",
      stopCode: "ServiceSchedulerInitiated",
      exitCode: 137,
    },
  ],
  [
    43,
    "target-group-unusable",
    `(service shop) failed to launch a task with (error The target group with targetGroupArn ${targetGroup} does not have an associated load balancer.).`,
    "target group shop-blue",
  ],
  [
    43,
    "target-group-unusable",
    `(service shop) was unable to register targets in (target-group ${targetGroup}): TARGET GROUP IS NOT FOUND`,
  ],
  [44, "stopped-by-user", { text: "Task stopped by user", stopCode: "UserInitiated", exitCode: 0 }],
  [44, "stopped-by-user", { text: "making room", stopCode: "UserInitiated" }],
  [
    45,
    "host-terminated",
    { text: "Host EC2 (instance i-0123456789abcdef0) terminated.", stopCode: "TerminationNotice" },
    "i-0123456789abcdef0",
  ],
  [45, "host-terminated", "Host EC2 (instance i-0123456789abcdef0) terminated."],
];

/** Beside the 45: met in AWS's pages on deployments and in published reports. */
const additions: readonly (readonly [string, string])[] = [
  [
    "secret-not-json",
    `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): invalid character 'p' looking for beginning of value`,
  ],
  [
    "log-refused",
    `${logger}: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: ${session} is not authorized to perform: logs:CreateLogStream`,
  ],
  [
    "percents-leave-no-room",
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

const signOf = (said: string | Sign): Sign => (typeof said === "string" ? { text: said } : said);

describe("a known text is recognised", () => {
  const cases = rows.map(([row, name, said, told = ""]) => ({ row, name, said, told }));
  test.each(cases)("row $row: $name", ({ row, name, said, told }) => {
    const sign = signOf(said);
    const cause = findCause(sign);
    expect(cause?.name).toBe(name);
    expect(cause?.row).toBe(row);
    expect(fill(cause?.cause ?? "", sign)).toContain(told);
  });

  test.each(additions)("%s", (name, text) => {
    expect(findCause({ text })?.name).toBe(name);
  });

  test("in capitals, in small letters and over several lines as well", () => {
    expect(findCause({ text: "TASK FAILED ELB\n  HEALTH CHECKS in (target-group x)" })?.name).toBe("target-unhealthy");
    expect(findCause({ text: "outofmemoryerror: container killed" })?.name).toBe("out-of-memory");
  });
});

describe("the table is whole", () => {
  const numbers = Array.from({ length: 45 }, (_, index) => index + 1);

  test.each(numbers)("row %i of the list is in it, and has a text here", (row) => {
    expect(knownCauses.some((cause) => cause.row === row)).toBe(true);
    expect(rows.some(([number]) => number === row)).toBe(true);
  });

  test("every cause has a text here, and a name of its own", () => {
    const names = knownCauses.map(({ name }) => name);
    const tested = new Set([...rows.map(([, name]) => name), ...additions.map(([name]) => name)]);
    expect(names.filter((name) => !tested.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(knownCauses)("$name is told in whole sentences, without a gap", ({ name, cause, next }) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const template of [cause, next]) {
      const sentence = fill(template, { text: "" });
      expect(sentence).toMatch(/^[A-Z].*[.)]$/);
      expect(sentence).not.toMatch(/[{}]|undefined| {2}| \./);
    }
  });
});

describe("a text that only looks alike is not", () => {
  const strangers: readonly (readonly [string, Sign])[] = [
    [
      "exit 137 without the reason is no lack of memory",
      { text: exited, stopCode: "EssentialContainerExited", exitCode: 137 },
    ],
    [
      "memory in a log is not ECS's reason",
      { text: exited, exitCode: 1, log: "java.lang.OutOfMemoryError: Java heap space" },
    ],
  ];
  test.each(strangers)("%s", (_, sign) => {
    expect(findCause(sign)?.name).not.toBe("out-of-memory");
  });

  const unknown: readonly (readonly [string, Sign])[] = [
    [
      "an exit code alone, when the scheduler stopped the task",
      { text: "Some new reason", stopCode: "ServiceSchedulerInitiated", exitCode: 143 },
    ],
    ["an essential container without an exit code", { text: exited, stopCode: "EssentialContainerExited" }],
    ["a failed start without a reason", { text: "Task failed to start", stopCode: "TaskFailedToStart" }],
    ["'not found' that is no pull", { text: "InternalError: session not found" }],
    ["a log group that is missing elsewhere", { text: "The specified log group does not exist" }],
    [
      "a secret error of a new kind",
      { text: `${resources}: unable to retrieve secret from asm: InvalidParameterException: try again` },
    ],
    [
      "a manifest that is no JSON",
      { text: "CannotPullContainerError: invalid character '<' looking for beginning of value" },
    ],
    [
      "ResourceNotFoundException that is no secret",
      { text: "ResourceNotFoundException: The specified capacity provider was not found." },
    ],
    [
      "the end of a deployment",
      { text: "(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start." },
    ],
    ["ELB in another sentence", { text: "(service shop) registered 1 targets in (target-group arn)" }],
    [
      "a breaker's sentence",
      { text: "Service deployment rolled back because the circuit breaker threshold was exceeded." },
    ],
    [
      "exec format error in the log of a container that ended well",
      { text: "", exitCode: 0, log: "exec /x: exec format error" },
    ],
  ];
  test.each(unknown)("%s is not explained", (_, sign) => {
    expect(findCause(sign)?.name).toBeUndefined();
  });

  test("a task that a check stopped is not blamed on its exit code", () => {
    const sign = { text: "Task failed container health checks", stopCode: "ServiceSchedulerInitiated", exitCode: 137 };
    expect(findCause(sign)?.name).toBe("container-unhealthy");
  });

  test("a stop that somebody asked for is not explained by its free text", () => {
    expect(findCause({ text: "OutOfMemoryError drill", stopCode: "UserInitiated" })?.name).toBe("stopped-by-user");
  });
});
