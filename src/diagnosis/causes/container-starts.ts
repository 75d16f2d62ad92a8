// Containers that the container runtime could not create or start.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cannot-start-container.html; the
// words are those of Docker, containerd and runc.

import { type KnownCause, textMatches } from "./known-cause.ts";

const gpu =
  /nvidia-container-cli|nvidia-smi|could not select device driver|unknown (?:or invalid )?runtime (?:name|specified)[: "]{1,3}nvidia|\bNVML\b|\bcuda>=|task gpu \S{1,80} not found|for associating GPU/i;
const device = /error gathering device information while adding custom device|\/dev\/neuron/i;
const noUser =
  /unable to find user|unable to find group|no matching entries in (?:passwd|group) file/i;
const workingDirectory =
  /chdir to cwd|working directory .{1,200}(?:invalid|is not|does not|not an absolute)|Cwd must be an absolute path/i;
const ulimit = /error setting rlimit|setrlimit|\brlimits?\b|invalid ulimit/i;
const memoryLimit =
  /minimum memory limit|memory limit.{0,60}(?:too (?:low|small)|greater than task memory)|can not be less than memory (?:limit|reservation)|memory reservation .{0,40}larger/i;
const outOfMemory = /OutOfMemory(?:Error)?|OOM-?killed/i;
const seccomp = /seccomp|apparmor|no new privileges/i;
const kernel =
  /sysctl|unknown capability|invalid Cap(?:Add|Drop)|not a valid capability|\/proc\/sys\/|oom_score_adj|linuxParameters/i;
const readOnly = /read-only file system/i;
const cgroup = /cgroup/i;
const portTaken =
  /port is already allocated|address already in use|ports are not available|host port \d+ .{0,20}(?:in use|already)/i;
const badMount =
  /error mounting|mounting \\?"[^"]{1,300}" to rootfs|failed to mount|invalid mount config|bind source path does not exist|error while creating mount source path/i;
const format = /exec format error/i;
const commandNotFound =
  /exec: \\?"[^"]*": (?:executable file not found|stat [^:]*: no such file)|exec: \\?"[^"]*".{0,300}(?:not found|no such file)|exec \S{1,200}: no such file or directory/i;
const notExecutable =
  /exec: \\?"[^"]*".{0,300}permission denied|exec \S{1,200}: permission denied/i;
const dependency =
  /Task dependencies cannot be resolved|TaskDependencyError|container ordering dependency|dependency graph: failed to resolve/i;
const dependencyFailed =
  /dependency did not exit successfully|dependency will never start|\bfor target .{1,300}has timed out/i;
const specificStartErrors = [
  gpu,
  device,
  noUser,
  workingDirectory,
  ulimit,
  memoryLimit,
  outOfMemory,
  seccomp,
  kernel,
  badMount,
  format,
];

export const startCauses: readonly KnownCause[] = [
  {
    name: "out-of-memory",
    patterns: textMatches(outOfMemory),
    priority: "strong",
    cause: "{Container} ran out of memory and was killed{withExitCode}.",
    remedy:
      "Raise `memory` of the container or the task, or let the application take less (JVM: " +
      "-XX:MaxRAMPercentage, Node: --max-old-space-size).",
  },
  {
    name: "memory-limits-invalid",
    patterns: [{ text: [memoryLimit], notText: [outOfMemory] }],
    priority: "strong",
    cause: "{Container} was not started: its memory limits are invalid.",
    remedy:
      "A container needs at least 6 MiB, its `memory` may not be above the task's, and " +
      "`memoryReservation` not above `memory`.",
  },
  {
    name: "exec-format-error",
    patterns: [
      ...textMatches(format),
      { log: /\bexec\b.{0,300}: exec format error/i, exitCodes: "failure" },
    ],
    priority: "strong",
    cause:
      "{Container} could not be executed (exec format error): its image is built for another " +
      "CPU architecture, or its start script has no #! line.",
    remedy:
      "Build for the CPU architecture that the task runs on (`platforms`, " +
      "runtimePlatform.cpuArchitecture); a script must begin with #!/bin/sh or the like.",
  },
  {
    name: "interpreter-missing",
    patterns: [{ log: /^exec \S{1,200}: no such file or directory/im, exitCodes: "failure" }],
    priority: "strong",
    cause:
      "{Container} could not be executed: its start script, or the interpreter in the script's " +
      "#! line, is not in the image.",
    remedy:
      "Check that the file is copied into the last stage, that /bin/bash or whatever the #! " +
      "line names is in the base image, and that the script has no Windows line ends (CRLF).",
  },
  {
    name: "port-taken",
    patterns: [{ text: [portTaken] }],
    priority: "strong",
    cause: "{Port} is already in use on the instance.",
    remedy:
      "Use hostPort 0 (dynamic ports) behind the load balancer, or let minimumHealthyPercent " +
      "be below 100 so that the old task goes first.",
  },
  {
    name: "port-taken-in-task",
    patterns: [{ log: /EADDRINUSE|address already in use/i, exitCodes: "failure" }],
    priority: "strong",
    cause: "{Container} could not listen on its port: another process already listens there.",
    remedy:
      "Containers of one task share a network (awsvpc, Fargate): give each a port of its own, " +
      "also the sidecars. In host mode, another task on the instance may have the port.",
  },
  {
    name: "root-read-only",
    patterns: [
      { text: [readOnly], notText: [...specificStartErrors, workingDirectory] },
      { log: readOnly, exitCodes: "failure" },
    ],
    priority: "strong",
    cause: "{Container} writes to a file system that is read-only.",
    remedy:
      "With readonlyRootFilesystem the container writes only to its volumes: mount one where " +
      "it writes (often /tmp), or set readonlyRootFilesystem to false. A mount point may be " +
      "readOnly, too.",
  },
  {
    name: "gpu-unusable",
    patterns: textMatches(gpu),
    priority: "strong",
    cause: "{Container} was not started: the host cannot give it the GPU that it asks for.",
    remedy:
      "The instance needs the GPU-optimized ECS AMI with a driver that the image's CUDA " +
      "version accepts; ask for GPUs by `resourceRequirements` of type GPU. Fargate has none.",
  },
  {
    name: "device-missing",
    patterns: [{ text: [device], notText: [gpu] }],
    priority: "strong",
    cause: "{Container} was not started: a device of its linuxParameters is not on the host.",
    remedy:
      "Check linuxParameters.devices, and that the tasks are placed on instances that have the " +
      "device (/dev/neuron0: Inferentia or Trainium with the Neuron driver).",
  },
  {
    name: "user-missing",
    patterns: textMatches(noUser),
    priority: "strong",
    cause:
      "{Container} was not started: the user or group that it is to run as is not in the image.",
    remedy:
      "Correct `user` in the task definition or USER in the Dockerfile, create the user in the " +
      "image, or name it by its number.",
  },
  {
    name: "working-directory-missing",
    patterns: textMatches(workingDirectory),
    priority: "strong",
    cause:
      "{Container} was not started: its working directory is not in the image, or its user may " +
      "not enter it.",
    remedy:
      "Check `workingDirectory` in the task definition and WORKDIR in the Dockerfile, and the " +
      "rights of `user` on that folder.",
  },
  {
    name: "limit-refused",
    patterns: textMatches(ulimit),
    priority: "strong",
    cause: "{Container} was not started: the host does not grant one of its `ulimits`.",
    remedy:
      "Lower `ulimits` in the task definition (hard limits above the host's are refused; " +
      "Fargate takes nofile only), or raise the limits of Docker on the instance.",
  },
  {
    name: "kernel-setting-refused",
    patterns: [{ text: [kernel], notText: [seccomp, ulimit] }],
    priority: "strong",
    cause: "{Container} was not started: the host does not grant one of its kernel settings.",
    remedy:
      "Check `systemControls` and `linuxParameters` (capabilities, devices, tmpfs) in the task " +
      "definition: Fargate takes few of them, and with networkMode host none of net.*.",
  },
  {
    name: "security-profile-refused",
    patterns: textMatches(seccomp),
    priority: "strong",
    cause:
      "{Container} was not started: its security profile (seccomp, AppArmor) cannot be used on " +
      "the host.",
    remedy:
      "Check `dockerSecurityOptions` in the task definition: the profile must be on the " +
      "instance, and the kernel must have what it needs. Fargate has none of them.",
  },
  {
    name: "command-missing",
    patterns: [
      { text: [commandNotFound], notText: [...specificStartErrors, notExecutable, /\.efs\./i] },
    ],
    priority: "strong",
    cause: "{Container} was not started: its command {command} is not in the image.",
    remedy:
      "Check `entryPoint` and `command` in the task definition, and ENTRYPOINT and CMD in the " +
      "Dockerfile: path, spelling, and that the file is copied into the last stage.",
  },
  {
    name: "command-not-executable",
    patterns: [{ text: [notExecutable], notText: specificStartErrors }],
    priority: "strong",
    cause: "{Container} was not started: its command {command} may not be executed.",
    remedy:
      "Make the file executable in the image (`COPY --chmod=755`), for the user that the " +
      "container runs as.",
  },
  {
    name: "container-name-taken",
    patterns: textMatches(/container name .{1,200} is already in use/i),
    priority: "usual",
    cause:
      "{Container} was not started: the container engine of the instance still has one of the " +
      "same name.",
    remedy: "Remove the old container on the instance, or replace the instance; then deploy again.",
  },
  {
    name: "command-not-given",
    patterns: textMatches(/no command specified/i),
    priority: "strong",
    cause: "{Container} was not started: neither its image nor the task definition has a command.",
    remedy: "Add CMD or ENTRYPOINT to the Dockerfile, or `command` to the container definition.",
  },
  {
    name: "dependency-did-not-succeed",
    patterns: textMatches(dependency, dependencyFailed),
    priority: "strong",
    cause:
      "{Container} was not started: a container that it depends on ended in error, never " +
      "started, or took too long.",
    remedy:
      "Look at the reasons and the log of the containers that `dependsOn` names; raise their " +
      "startTimeout if they are only slow.",
  },
  {
    name: "dependencies-unresolvable",
    patterns: [{ text: [dependency], notText: [dependencyFailed] }],
    priority: "strong",
    cause:
      "The containers of the task wait for each other, or for one that is not there: ECS found " +
      "no order to start them in.",
    remedy:
      "Check `dependsOn`, `links` and `volumesFrom` in the task definition: each must name a " +
      "container of the task, without a circle, and a condition that can be met.",
  },
  {
    name: "credential-spec-failed",
    patterns: textMatches(/credential ?specs?\b|\bgMSA\b/i),
    priority: "strong",
    cause: "{Container} was not started: its credential spec (gMSA) could not be used.",
    remedy:
      "Check `credentialSpecs` in the task definition: the file in S3 or the parameter in SSM " +
      "exists, the task's execution role may read it, and the instance reaches the domain.",
  },
  {
    name: "exec-agent-failed",
    patterns: textMatches(/ExecuteCommandAgent|execute command agent|ssmmessages:[A-Z]\w+/i),
    priority: "usual",
    cause: "The agent of ECS Exec could not be started in {container}.",
    remedy:
      "Allow ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and " +
      "OpenDataChannel to the task role (not the execution role), and let the container's root " +
      "be writable; or set enableExecuteCommand to false.",
  },
  {
    name: "cgroup-failed",
    precedence: "class",
    patterns: [
      { text: [cgroup, /fail|unable|error|cannot|not found/i], notText: specificStartErrors },
    ],
    priority: "usual",
    cause: "The host could not set up the resource limits (cgroup) of the task.",
    remedy:
      "Deploy again; if the error persists, replace the instance, and check `memory`, `cpu` " +
      "and `linuxParameters` of the containers.",
    quotesEcs: true,
  },
  {
    name: "host-too-slow",
    patterns: [{ text: [/Could not transition to (?!stop)[\w ]{1,40}[;,.]? timed out/i] }],
    priority: "usual",
    cause: "The host was too slow to start or stop {container} in time.",
    remedy: "On EC2 look at the instance's CPU and disk (burst credits); on Fargate deploy again.",
  },
  {
    name: "container-not-stopped",
    patterns: textMatches(
      /Could not transition to stop|CannotStopContainerError|could not progress task's state to stopped/i,
    ),
    priority: "weak",
    cause:
      "The host could not stop {container} in time. That does not explain why it was to be " +
      "stopped.",
    remedy: "Check the stopped reasons of the other containers and tasks: one of them came first.",
  },
  {
    name: "container-lost",
    patterns: textMatches(/ContainerVanishedError|No container matching saved ID/i),
    priority: "usual",
    cause:
      "The container instance has lost {container}: another user or process removed it from " +
      "the container engine.",
    remedy:
      "Look for scripts on the instance that clean up containers; replace the instance, and " +
      "deploy again.",
  },
  {
    name: "container-status-unknown",
    patterns: [
      {
        text: [/failed to get container status/i],
        notText: [...specificStartErrors, commandNotFound, notExecutable],
      },
    ],
    priority: "usual",
    cause:
      "{Container} was not started, and ECS could not read why. A memory limit that is too low " +
      "for the start causes the same error.",
    remedy:
      "Raise `memory` of the container or the task. If that does not help, deploy again; ECS's " +
      "message may say more.",
    quotesEcs: true,
  },
  {
    name: "runtime-in-trouble",
    precedence: "class",
    patterns: [
      {
        text: [/\bContainerRuntimeError\b|CannotInspectContainerError/i],
        notText: [/OCI runtime|runc create/i],
      },
    ],
    priority: "usual",
    cause: "The container runtime of the host had an internal error.",
    remedy:
      "Deploy again. If the error persists: on EC2 replace the instance and update its AMI; on " +
      "Fargate contact AWS Support.",
    quotesEcs: true,
  },
  {
    name: "container-not-started",
    precedence: "class",
    patterns: [
      {
        text: [
          /runc create failed|OCI runtime create failed|\bhcs(?:shim)?::|failed to create (?:new container runtime )?task/i,
        ],
        notText: [cgroup],
      },
    ],
    priority: "usual",
    cause: "{Container} was not started: the container runtime could not create its process.",
    remedy:
      "ECS's message names what failed: compare it with the container definition " +
      "(`entryPoint`, `command`, `workingDirectory`, `user`, `mountPoints`, `linuxParameters`) " +
      "and with what is in the image.",
    quotesEcs: true,
  },
];

/**
 * What another container of the same task waits for; these texts are our own, because ECS
 * reports none.
 */
export const dependencyCauses: readonly KnownCause[] = [
  {
    name: "dependency-failed",
    patterns: [{ dependencyState: "failed" }],
    priority: "strong",
    cause: "{Waiting} has not started{becauseOf} {ended}.",
    remedy:
      "Correct {container}, or the condition in `dependsOn` of {waiting}: SUCCESS asks for " +
      "exit code 0, COMPLETE for any, HEALTHY for a health check that passes while it runs.",
    isExplainedInLog: true,
  },
  {
    name: "dependency-unhealthy",
    patterns: [{ dependencyState: "unhealthy" }],
    priority: "strong",
    cause: "{Waiting} has not started{becauseOf} is UNHEALTHY.",
    remedy:
      "Check `healthCheck` of {container}: its command (curl, wget) must be in the image and " +
      "exit with 0, and startPeriod be long enough for the start.",
    isExplainedInLog: true,
  },
  {
    name: "dependency-not-met",
    patterns: [{ dependencyState: "not-yet" }],
    priority: "usual",
    cause: "{Waiting} has not started{becauseOf} {state}.",
    remedy:
      "See in the log of {container} what it is doing. A container for SUCCESS or COMPLETE " +
      "must end by itself; one for HEALTHY needs a `healthCheck` in the task definition.",
    isExplainedInLog: true,
  },
];
