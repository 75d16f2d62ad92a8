// What ECS's words mean to a user: the table of known causes, PURE data. The first row that fits wins, so the order is part of it.
//
// Texts: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html (and the pages below it),
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html, the ECS agent's source, published reports.

/** One way to recognise a cause; everything that is given must fit. */
export interface Clue {
  /** All are found in ECS's words: stopped reason and container reason, or a service event. */
  readonly text?: readonly RegExp[];
  readonly stopCode?: string;
  readonly exitCodes?: readonly number[] | "failure";
  /** Found in the container's own last lines, where ECS itself says nothing. */
  readonly log?: RegExp;
  /** The task runs, and its container health check says UNHEALTHY. */
  readonly unhealthy?: true;
}

export interface KnownCause {
  readonly name: string;
  /** Row of the list of texts that this table was written from; absent for what we met beside it. */
  readonly row?: number;
  readonly clues: readonly Clue[];
  /**
   * Which of several causes is told first: a `strong` one names what to mend; `usual` ones need the log or the circumstances; a `weak` one
   * mostly follows from another; `normal` is no failure at all. Among equals the most frequent.
   */
  readonly weight: "strong" | "usual" | "weak" | "normal";
  /** `{image}` and the like are filled from ECS's text (signs.ts), or with "the image". */
  readonly cause: string;
  readonly next: string;
  /** The reason stands in the container's own log: when that cannot be shown, the next step says why. */
  readonly inLog?: true;
}

const says = (...text: readonly RegExp[]): readonly Clue[] => [{ text }];

/** A container ended by itself, and took its task along. */
const exited = (exitCodes: NonNullable<Clue["exitCodes"]>): readonly Clue[] => [
  { stopCode: "EssentialContainerExited", exitCodes },
  { text: [/essential container in task exited/i], exitCodes },
];

const refused = /AccessDenied|not authorized to perform|doesn't have (?:the )?permissions?/i;
const noConnection =
  /connection issue|i\/o timeout|deadline exceeded|request send failed|send request failed|no such host|dial tcp|signal: killed/i;
const secretsManager = /\basm\b|secrets ?manager/i;
const parameterStore = /\bssm\b|parameter store/i;
const cannotPull = /CannotPull\w*|can(?:'t|not) pull/i;
const logSetUp = /failed to validate logger args|initiali[sz]e logging driver|log stream/i;
const efs = /EFS utils commands/i;

const wayOut = "a NAT gateway, a public IP (assignPublicIp), or VPC endpoints";

// A stop code is ECS's own statement: it comes before any text.
const askedToStop: readonly KnownCause[] = [
  {
    name: "normal-replacement",
    row: 42,
    clues: says(/scaling activity initiated by \(?deployment/i),
    weight: "normal",
    cause: "ECS replaced the task, as deployments and scaling do.",
    next: "Nothing is to be done.",
  },
  {
    name: "stopped-by-user",
    row: 44,
    clues: [{ stopCode: "UserInitiated" }, ...says(/task stopped by user/i)],
    weight: "usual",
    cause: "Somebody stopped the task, by the console or a StopTask call.",
    next: "CloudTrail has who called StopTask; deploy again when they are done.",
  },
  {
    name: "spot-interrupted",
    row: 37,
    clues: [{ stopCode: "SpotInterruption" }, ...says(/your spot task was interrupted/i)],
    weight: "usual",
    cause: "AWS took the Spot capacity back on which the task ran.",
    next: "Deploy again. For tasks that must stay, give the service's capacity provider strategy a `base` on FARGATE.",
  },
  {
    name: "host-terminated",
    row: 45,
    clues: [{ stopCode: "TerminationNotice" }, ...says(/host ec2 \(instance [^)]*\) (?:terminated|stopped)/i)],
    weight: "usual",
    cause: "The EC2 instance under the task went away{instance}.",
    next: "The Auto Scaling group's activity history says why. Managed draining of the capacity provider lets tasks move first.",
  },
];

const images: readonly KnownCause[] = [
  {
    name: "wrong-platform",
    row: 1,
    clues: says(
      /does not contain descriptor matching platform|no match(?:ing manifest)? for (?:platform|linux\/|windows\/)/i,
    ),
    weight: "strong",
    cause: "{Image} is built for another kind of processor: it has nothing for {platform}.",
    next: "Build with `platforms: {platformOnly}`, or set runtimePlatform.cpuArchitecture in the task definition to what the image is built for.",
  },
  {
    name: "attestation-deployed",
    row: 2,
    clues: says(/no processor for media-?type|application\/vnd\.in-toto\+json/i),
    weight: "strong",
    cause: "{Image} is no image but its build attestation: the digest of the attestation was deployed.",
    next: "Deploy the digest of the whole image index, or build with `provenance: false` so that there is one digest only.",
  },
  {
    name: "pull-rate-limit",
    row: 6,
    clues: says(/toomanyrequests|reached your (?:unauthenticated )?pull rate limit/i),
    weight: "strong",
    cause: "The registry limits how often {image} may be pulled, and the limit is reached (Docker Hub does so).",
    next: "Pull through ECR's pull-through cache, or give the container `repositoryCredentials`.",
  },
  {
    name: "disk-full",
    row: 7,
    clues: says(/no space left on device/i),
    weight: "strong",
    cause: "The disk was full before {image} was unpacked or its container started.",
    next: "Raise ephemeralStorage.sizeInGiB in the task definition (Fargate), free the instance's disk (EC2), or make the image smaller.",
  },
  {
    name: "layer-refused",
    row: 8,
    clues: says(/httpRead(?:er)?Seeker: failed open: unexpected status (?:code|from)/i),
    weight: "strong",
    cause: "The layers of {image} were refused, although the image itself was found.",
    next: "Allow ecr:GetDownloadUrlForLayer and ecr:BatchCheckLayerAvailability to the task's execution role. Layers come from S3: the S3 VPC endpoint's policy must allow s3:GetObject on arn:aws:s3:::prod-REGION-starport-layer-bucket/*. Check the repository's KMS key too.",
  },
];

const secrets: readonly KnownCause[] = [
  {
    name: "secret-key-missing",
    row: 15,
    clues: says(/did not contain json key/i),
    weight: "strong",
    cause: "{Secret} has no JSON key {key}, but the task definition asks for it.",
    next: "Put the key into the secret, or correct the key in the container's `secrets[].valueFrom` (ARN:KEY::). {Role} could read it.",
  },
  {
    name: "secret-not-json",
    clues: says(/unable to retrieve secrets? from asm/i, /invalid character .+ looking for beginning of value/i),
    weight: "strong",
    cause: "{Secret} is no JSON, but the task definition asks for a key in it.",
    next: "Leave the key out of the container's `secrets[].valueFrom` (the ARN alone is the whole secret), or make the secret a JSON object. {Role} could read it.",
  },
  {
    name: "secret-missing",
    row: 13,
    clues: [
      ...says(secretsManager, /ResourceNotFoundException|can't find the specified secret|marked for deletion/i),
      ...says(/check whether the secret exists/i),
    ],
    weight: "strong",
    cause: "{Secret} does not exist in this region (any more), or lacks the version that is asked for.",
    next: "Correct the container's `secrets[].valueFrom`, or create the secret in the region of the service; {role} looks for it there.",
  },
  {
    name: "secret-key-refused",
    row: 11,
    clues: says(secretsManager, /access to kms is not allowed|kms:Decrypt/i),
    weight: "strong",
    cause: "{Role} may not decrypt {secret}.",
    next: "Allow kms:Decrypt on the secret's KMS key, in the role's policy and in the key's own.",
  },
  {
    name: "secret-refused",
    row: 11,
    clues: says(secretsManager, refused),
    weight: "strong",
    cause: "{Role} may not read {secret}.",
    next: "Allow secretsmanager:GetSecretValue on the secret to the task's *execution* role (not the task role), and kms:Decrypt if the secret has a key of its own. An ARN without its six last characters matches nothing.",
  },
  {
    name: "secrets-unreachable",
    row: 12,
    clues: [...says(secretsManager, noConnection), ...says(parameterStore, noConnection)],
    weight: "strong",
    cause: "The task's network has no way to the store that {secret} comes from.",
    next: `Give its subnets ${wayOut} (secretsmanager, or ssm for parameters); the security group must let port 443 out, and the endpoint's let it in.`,
  },
  {
    name: "parameter-missing",
    row: 14,
    clues: says(/invalid ssm parameters/i),
    weight: "strong",
    cause: "{Parameter} does not exist in Parameter Store in this region.",
    next: "Correct the container's `secrets[].valueFrom`, or create the parameter in the region of the service.",
  },
  {
    name: "parameter-refused",
    row: 14,
    clues: says(parameterStore, refused),
    weight: "strong",
    cause: "{Role} may not read {parameter} from Parameter Store.",
    next: "Allow ssm:GetParameters on the parameter to the task's *execution* role (not the task role), and kms:Decrypt if it is a SecureString with a key of its own.",
  },
  {
    name: "parameters-unread",
    row: 14,
    clues: says(/unable to retrieve secrets? from ssm/i),
    weight: "strong",
    cause: "ECS could not read {parameter} from Parameter Store.",
    next: "Check name and region in `secrets[].valueFrom`, and that the task's execution role has ssm:GetParameters.",
  },
  {
    name: "role-not-assumed",
    row: 16,
    clues: says(/ECS was unable to assume the role/i),
    weight: "strong",
    cause: "ECS may not use {role}, or the role does not exist.",
    next: "The role's trust policy must let the principal ecs-tasks.amazonaws.com do sts:AssumeRole; check the role's name in the task definition.",
  },
  {
    name: "secrets-timed-out",
    row: 19,
    clues: says(/pull command failed: ?:? ?signal: killed/i),
    weight: "strong",
    cause: "Getting secrets and the sign-in to the registry took so long that ECS gave up.",
    next: `That is mostly the network: the subnets need ${wayOut} for Secrets Manager, SSM and ECR, with port 443 open.`,
  },
  {
    name: "registry-auth-refused",
    row: 10,
    clues: says(/pull secrets or registry auth|ecr registry auth/i, refused),
    weight: "strong",
    cause: "{Role} may not sign in to ECR, so the image was not even asked for.",
    next: "Allow ecr:GetAuthorizationToken on * to the task's execution role: the managed policy AmazonECSTaskExecutionRolePolicy has it.",
  },
  {
    name: "registry-auth-unreachable",
    row: 10,
    clues: says(/pull secrets or registry auth|ecr registry auth/i, noConnection),
    weight: "strong",
    cause: "The task's network has no way to ECR, so the image was not even asked for.",
    next: `Give its subnets ${wayOut} (ecr.api, ecr.dkr, and the S3 gateway); the security group must let port 443 out, and the endpoint's let it in.`,
  },
];

const logging: readonly KnownCause[] = [
  {
    name: "log-group-missing",
    row: 17,
    clues: says(logSetUp, /log group does not exist/i),
    weight: "strong",
    cause: "{LogGroup} does not exist, and a container that cannot log is not started.",
    next: 'Create the log group in the region of `awslogs-region`, or set `awslogs-create-group: "true"` and allow logs:CreateLogGroup to the task\'s execution role.',
  },
  {
    name: "log-refused",
    clues: says(logSetUp, refused),
    weight: "strong",
    cause: "{Role} may not write to {logGroup}, and a container that cannot log is not started.",
    next: "Allow logs:CreateLogStream and logs:PutLogEvents (with `awslogs-create-group` also logs:CreateLogGroup) to the task's execution role.",
  },
  // AWS has one sentence for "cannot find the log group" and "there is a connection issue"; published cases of it were the network.
  {
    name: "log-unreachable",
    row: 18,
    clues: says(logSetUp, noConnection),
    weight: "strong",
    cause: "The task's network has no way to CloudWatch Logs, and a container that cannot log is not started.",
    next: `Give its subnets ${wayOut} (logs), with port 443 open in the security groups. Then check that {logGroup} exists.`,
  },
  {
    name: "log-group-not-found",
    row: 17,
    clues: says(/cannot find the (?:amazon )?cloudwatch log group/i),
    weight: "strong",
    cause: "ECS could not find {logGroup}, and a container that cannot log is not started.",
    next: 'Create the log group in the region of `awslogs-region`, or set `awslogs-create-group: "true"` and allow logs:CreateLogGroup to the task\'s execution role.',
  },
];

const pulls: readonly KnownCause[] = [
  {
    name: "image-missing",
    row: 3,
    clues: [
      ...says(
        cannotPull,
        /: not found|manifest unknown|manifest for \S+ not found|API error \(404\)|name unknown|RepositoryNotFound/i,
      ),
      ...says(/check whether the image exists/i),
    ],
    weight: "strong",
    cause: "{Image} does not exist: no such repository, tag or digest (any more).",
    next: "Check account, region, repository and tag in the image's name, and whether a lifecycle policy of the repository has removed it.",
  },
  {
    name: "image-refused",
    row: 4,
    clues: [
      ...says(cannotPull, /403 forbidden|ecr:\w+|not authorized/i),
      ...says(/check that the role has the permissions to pull/i),
    ],
    weight: "strong",
    cause: "{Role} may not pull {image}.",
    next: "Allow ecr:BatchGetImage, ecr:GetDownloadUrlForLayer and ecr:GetAuthorizationToken to the task's execution role (on EC2: the instance role); for another account's repository its policy must allow it too. VPC endpoint policies and the repository's KMS key count as well.",
  },
  {
    name: "image-refused-or-missing",
    row: 4,
    clues: says(/pull access denied/i),
    weight: "strong",
    cause:
      "The registry does not hand out {image}: it does not exist, or may not be pulled (the registry says the same for both).",
    next: "Check the image's name and tag; then that the task's execution role has ecr:BatchGetImage, or that the container has `repositoryCredentials` for a registry outside AWS.",
  },
  {
    name: "pull-cancelled",
    row: 9,
    clues: says(cannotPull, /context canceled/i),
    weight: "weak",
    cause: "The pull of {image} was broken off because the task was already stopping.",
    next: "Look at the reasons of the other containers and tasks: one of them came first.",
  },
  {
    name: "registry-unreachable",
    row: 5,
    clues: [
      ...says(
        cannotPull,
        /i\/o timeout|failed to do request|request canceled while waiting for connection|check your network configuration|deadline exceeded|no such host/i,
      ),
      ...says(/connection issue between the task and (?:amazon ecr|the registry)/i),
    ],
    weight: "strong",
    cause: "The task's network has no way to the registry of {image}.",
    next: `Give its subnets ${wayOut} (ecr.api, ecr.dkr, and the S3 gateway for layers); the security group must let port 443 out, and the endpoint's let it in.`,
  },
];

const volumes: readonly KnownCause[] = [
  {
    name: "efs-path-missing",
    row: 20,
    clues: says(efs, /no such file or directory/i),
    weight: "strong",
    cause: "The folder of the EFS volume does not exist on the file system.",
    next: "Create the folder, or correct rootDirectory; an access point can create its own.",
  },
  {
    name: "efs-refused",
    row: 20,
    clues: says(efs, /access denied/i),
    weight: "strong",
    cause: "The EFS file system refused the mount.",
    next: "Its file system policy and the task role must allow elasticfilesystem:ClientMount (and ClientWrite); with IAM authorisation set transitEncryption to ENABLED, and check the access point.",
  },
  {
    name: "efs-not-mounted",
    row: 20,
    clues: says(efs),
    weight: "strong",
    cause: "The EFS volume could not be mounted.",
    next: "It needs a mount target in every availability zone of the service, port 2049 open from the task's security group, and DNS in the VPC.",
  },
];

const starts: readonly KnownCause[] = [
  {
    name: "out-of-memory",
    row: 21,
    clues: says(/OutOfMemory(?:Error)?|OOM-?killed/i),
    weight: "strong",
    cause: "{Container} ran out of memory and was killed{withExitCode}.",
    next: "Raise `memory` of the container or the task, or let the application take less (JVM: -XX:MaxRAMPercentage, Node: --max-old-space-size).",
  },
  {
    name: "exec-format-error",
    row: 28,
    clues: [...says(/exec format error/i), { log: /\bexec\b.*: exec format error/i, exitCodes: "failure" }],
    weight: "strong",
    cause:
      "{Container} could not be executed (exec format error): its image is built for another kind of processor, or its start script has no #! line.",
    next: "Build for the processor that the task runs on (`platforms`, runtimePlatform.cpuArchitecture); a script must begin with #!/bin/sh or the like.",
  },
  {
    name: "port-taken",
    row: 30,
    clues: says(/port is already allocated/i),
    weight: "strong",
    cause: "{Port} is taken already on the instance.",
    next: "Use hostPort 0 (dynamic ports) behind the load balancer, or let minimumHealthyPercent be below 100 so that the old task goes first.",
  },
  {
    name: "command-missing",
    row: 29,
    clues: says(
      /exec: "[^"]*": (?:executable file not found|stat [^:]*: no such file)|exec: "[^"]*".*(?:not found|no such file)/i,
    ),
    weight: "strong",
    cause: "{Container} was not started: its command {command} is not in the image.",
    next: "Check `entryPoint` and `command` in the task definition, and ENTRYPOINT and CMD in the Dockerfile: path, spelling, and that the file is copied into the last stage.",
  },
  {
    name: "command-not-executable",
    row: 29,
    clues: says(/(?:exec: "[^"]*".*|exec )permission denied/i),
    weight: "strong",
    cause: "{Container} was not started: its command {command} may not be executed.",
    next: "Make the file executable in the image (`COPY --chmod=755`), for the user that the container runs as.",
  },
  {
    name: "container-not-started",
    row: 29,
    clues: says(/runc create failed|OCI runtime create failed/i),
    weight: "strong",
    cause: "{Container} was not started: the container runtime could not create its process.",
    next: "Check `entryPoint`, `command` and `workingDirectory` against what is in the image; ECS's words below name the one.",
  },
];

const health: readonly KnownCause[] = [
  {
    name: "target-unhealthy",
    row: 31,
    clues: says(/failed ELB health checks|is unhealthy in \(?target-group/i),
    weight: "usual",
    cause: "The task runs, but the load balancer finds it unhealthy{targetGroup}{healthReason}.",
    next: "Check the target group's health check (path, port, success codes), that the load balancer's security group reaches the container's port, that the server listens on 0.0.0.0, and whether healthCheckGracePeriodSeconds is long enough for its start.",
  },
  {
    name: "container-unhealthy",
    row: 32,
    clues: [...says(/failed container health checks/i), { unhealthy: true }],
    weight: "usual",
    cause: "{Container} runs, but its health check does not pass.",
    next: "Check `healthCheck` in the task definition: its command (curl, wget) must be in the image and exit with 0, and startPeriod be long enough for the start.",
  },
];

const infrastructure: readonly KnownCause[] = [
  {
    name: "network-interface-late",
    row: 33,
    clues: says(/timeout waiting for network interface provisioning/i),
    weight: "usual",
    cause: "The task's network interface was not ready in time.",
    next: "Deploy again. If it stays: the subnets need free addresses, and the account room for network interfaces (Service Quotas).",
  },
  {
    name: "network-interface-throttled",
    row: 34,
    clues: says(/rate limit exceeded while preparing network interface/i),
    weight: "usual",
    cause: "EC2 throttled the account while the task's network interface was prepared.",
    next: "Deploy again, with fewer tasks at a time (maximumPercent).",
  },
  {
    name: "storage-late",
    row: 35,
    clues: says(/timeout waiting for ephemeralstorage provisioning/i),
    weight: "usual",
    cause: "Fargate did not have the task's storage ready in time.",
    next: "Deploy again; if it stays, the AWS Health Dashboard or AWS support knows more.",
  },
  {
    name: "host-too-slow",
    row: 36,
    clues: says(/(?:Docker|ContainerRuntime)TimeoutError: Could not transition to/i),
    weight: "usual",
    cause: "The host was too slow to start or stop {container} in time.",
    next: "On EC2 look at the instance's CPU and disk (burst credits); on Fargate deploy again.",
  },
  {
    name: "no-capacity",
    row: 38,
    clues: says(/capacity is unavailable at this time/i),
    weight: "usual",
    cause: "AWS has no capacity for this task right now.",
    next: "Deploy again later, or let the service use subnets in more availability zones (Spot: add FARGATE to the strategy).",
  },
  {
    name: "no-instance-fits",
    row: 39,
    clues: says(/no container instances? met all of its requirements/i),
    weight: "usual",
    cause: "No container instance of the cluster has room for the task{closest}.",
    next: "Compare what the task asks for (CPU, memory, ports, attributes, placement constraints) with the instances; add instances or let a capacity provider scale.",
  },
  {
    name: "task-limit",
    row: 40,
    clues: says(/limit on the number of (?:tasks|vcpus) you can run concurrently|vcpu limit/i),
    weight: "usual",
    cause: "The account may not run more Fargate tasks at once: its limit is reached.",
    next: "Ask for more in Service Quotas (AWS Fargate, vCPU resource count), or stop what is not needed. A rollout runs old and new tasks side by side.",
  },
  {
    name: "cpu-limit",
    row: 41,
    clues: says(/requested CPU configuration is above your limit/i),
    weight: "usual",
    cause: "The task asks for more CPU than this account may use at once, as new accounts meet it.",
    next: "Ask for more in Service Quotas (AWS Fargate), or lower `cpu` of the task definition.",
  },
  {
    name: "target-group-unusable",
    row: 43,
    clues: says(
      /target group is not found|target ?group\S* .*does not have an associated load balancer|TargetGroupNotFound/i,
    ),
    weight: "strong",
    cause: "The service's target group is gone, or no load balancer uses it{targetGroup}.",
    next: "Attach the target group to a listener of the load balancer, or correct the service's loadBalancers (EC2 console → Target groups).",
  },
  {
    name: "percents-leave-no-room",
    clues: says(/unable to stop or start tasks during a deployment because of the service deployment configuration/i),
    weight: "strong",
    cause:
      "The rollout cannot move: minimumHealthyPercent forbids to stop an old task, and maximumPercent forbids to start a new one.",
    next: "Let maximumPercent be 200, or minimumHealthyPercent below 100: together they must leave room for at least one task.",
  },
  {
    name: "hook-failed",
    clues: says(/lifecycle hook\(s\) failed/i),
    weight: "strong",
    cause: "A lifecycle hook of the service said no, or failed.",
    next: "The log of the hook's Lambda function says why: CloudWatch Logs, /aws/lambda/NAME.",
  },
  {
    name: "networking-invalid",
    clues: says(/because of invalid networking configuration/i),
    weight: "strong",
    cause: "The load balancer is not set up for this kind of deployment.",
    next: "Target group and alternate target group must both hang on the listener rules that the service names.",
  },
];

const exits: readonly KnownCause[] = [
  {
    name: "ended-by-itself",
    row: 22,
    clues: exited([0]),
    weight: "usual",
    cause:
      "{Container} ended by itself with exit code 0: its process was done, but a service's container must keep running.",
    next: "Check `command` and `entryPoint`: the server must run in the foreground (nginx: `daemon off;`), and not as a child that goes on alone.",
    inLog: true,
  },
  {
    name: "runtime-failed",
    row: 24,
    clues: exited([125]),
    weight: "usual",
    cause: "{Container} exited with code 125, by convention: the container runtime could not run it.",
    next: "Check the container's settings (user, ulimits, linuxParameters, volumes) against the image.",
    inLog: true,
  },
  {
    name: "exit-not-executable",
    row: 24,
    clues: exited([126]),
    weight: "usual",
    cause: "{Container} exited with code 126, by convention: a command was found but may not be executed.",
    next: "Make the file executable in the image (`COPY --chmod=755`), for the user that the container runs as.",
    inLog: true,
  },
  {
    name: "exit-command-not-found",
    row: 24,
    clues: exited([127]),
    weight: "usual",
    cause: "{Container} exited with code 127, by convention: a command was not found.",
    next: "Check `command`, `entryPoint` and the start script: the program must be in the image and on its PATH.",
    inLog: true,
  },
  {
    name: "crashed",
    row: 26,
    clues: exited([139]),
    weight: "usual",
    cause: "{Container} crashed (exit code 139, segmentation fault).",
    next: "Mostly a native library or a base image that does not fit (musl or glibc, processor): try the image by hand.",
    inLog: true,
  },
  {
    name: "aborted",
    row: 26,
    clues: exited([134]),
    weight: "usual",
    cause:
      "{Container} aborted itself (exit code 134, SIGABRT): a failed assertion, or a runtime out of its own limits.",
    next: "Its last lines mostly name the assertion or the limit (Node and the JVM abort when their heap is full).",
    inLog: true,
  },
  {
    name: "killed",
    row: 25,
    clues: exited([137]),
    weight: "usual",
    cause: "{Container} was killed (exit code 137, SIGKILL); ECS does not say by what.",
    next: "Look at the task's memory in CloudWatch (out of memory is not always told), and whether it ends within stopTimeout when it is asked to.",
    inLog: true,
  },
  {
    name: "told-to-stop",
    row: 27,
    clues: exited([130, 143]),
    weight: "weak",
    cause: "{Container} was asked to end ({exitCode}: {signal}), and did.",
    next: "By itself that is no failure: something inside the task sent the signal, or another container ended first.",
    inLog: true,
  },
  {
    name: "application-error",
    row: 23,
    clues: exited("failure"),
    weight: "usual",
    cause: "{Container} exited with code {exitCode}: the application itself ended with an error.",
    next: "Its log says why.",
    inLog: true,
  },
];

export const knownCauses: readonly KnownCause[] = [
  ...askedToStop,
  ...images,
  ...secrets,
  ...logging,
  ...pulls,
  ...volumes,
  ...starts,
  ...health,
  ...infrastructure,
  ...exits,
];
