// Containers that exited and thereby stopped their task: what their exit codes mean, where ECS
// gives no reason.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resolve-stopped-errors.html

import type { KnownCause, Pattern } from "./known-cause.ts";

const serviceConnectProxy = /^ecs-service-connect-/;

type ExitCodePattern = NonNullable<Pattern["exitCodes"]>;

const exitPatterns = (
  exitCodes: ExitCodePattern,
  extra: Partial<Pattern> = { notContainer: serviceConnectProxy },
): readonly Pattern[] => [
  { stopCode: "EssentialContainerExited", exitCodes, ...extra },
  { stopCode: "", text: [/essential container in task exited/i], exitCodes, ...extra },
  { sidecar: true, exitCodes, ...extra },
];

const codes = {
  ended: [0],
  runtimeFailed: [125],
  notExecutable: [126],
  notFound: [127],
  crashed: [139],
  aborted: [134],
  killed: [137],
  stoppedBySignal: [130, 143],
};

const exitCodeRows: readonly Omit<KnownCause, "precedence">[] = [
  {
    name: "ended-by-itself",
    patterns: exitPatterns(codes.ended),
    priority: "usual",
    cause:
      "{Container} ended by itself with exit code 0: its process finished, but a service's " +
      "container must keep running.",
    remedy:
      "Check `command` and `entryPoint`: the server must run in the foreground (nginx: `daemon " +
      "off;`), and not as a background process.",
    isExplainedInLog: true,
  },
  {
    name: "runtime-failed",
    patterns: exitPatterns(codes.runtimeFailed),
    priority: "usual",
    cause:
      "{Container} exited with code 125, by convention: the container runtime could not run it.",
    remedy:
      "Check the container's settings (user, ulimits, linuxParameters, volumes) against the image.",
    isExplainedInLog: true,
  },
  {
    name: "exit-not-executable",
    patterns: exitPatterns(codes.notExecutable),
    priority: "usual",
    cause:
      "{Container} exited with code 126, by convention: a command was found but may not be " +
      "executed.",
    remedy:
      "Make the file executable in the image (`COPY --chmod=755`), for the user that the " +
      "container runs as.",
    isExplainedInLog: true,
  },
  {
    name: "exit-command-not-found",
    patterns: exitPatterns(codes.notFound),
    priority: "usual",
    cause: "{Container} exited with code 127, by convention: a command was not found.",
    remedy:
      "Check `command`, `entryPoint` and the start script: the program must be in the image " +
      "and on its PATH.",
    isExplainedInLog: true,
  },
  {
    name: "crashed",
    patterns: exitPatterns(codes.crashed),
    priority: "usual",
    cause: "{Container} crashed (exit code 139, segmentation fault).",
    remedy:
      "Usually a native library or the base image does not fit (musl or glibc, CPU " +
      "architecture): run the image locally.",
    isExplainedInLog: true,
  },
  {
    name: "aborted",
    patterns: exitPatterns(codes.aborted),
    priority: "usual",
    cause:
      "{Container} aborted itself (exit code 134, SIGABRT): a failed assertion, or a runtime " +
      "out of its own limits.",
    remedy:
      "Its last log lines usually name the assertion or the limit (Node and the JVM abort when " +
      "their heap is full).",
    isExplainedInLog: true,
  },
  {
    name: "killed",
    patterns: exitPatterns(codes.killed),
    priority: "usual",
    cause: "{Container} was killed (exit code 137, SIGKILL); ECS does not say by what.",
    remedy:
      "Look at the task's memory in CloudWatch (out of memory is not always reported), and " +
      "whether it ends within stopTimeout when it is asked to.",
    isExplainedInLog: true,
  },
  {
    name: "told-to-stop",
    patterns: exitPatterns(codes.stoppedBySignal),
    priority: "weak",
    cause: "{Container} was stopped by a signal ({exitCode}: {signal}).",
    remedy:
      "By itself that is no failure: something inside the task sent the signal, or another " +
      "container ended first.",
    isExplainedInLog: true,
  },
  {
    name: "application-error",
    patterns: exitPatterns("failure", {
      notContainer: serviceConnectProxy,
      notExitCodes: Object.values(codes).flat(),
    }),
    priority: "usual",
    cause: "{Container} exited with code {exitCode}: the application itself ended with an error.",
    remedy:
      "Run the image locally with the command, the variables and the secrets of the task " +
      "definition, and see how it ends.",
    isExplainedInLog: true,
    remedyWithLog: "Its last log lines, shown with this error, say why.",
  },
  {
    name: "service-connect-proxy-exited",
    patterns: exitPatterns("any", {
      container: serviceConnectProxy,
      notExitCodes: codes.stoppedBySignal,
    }),
    priority: "usual",
    cause: "{Container} exited with code {exitCode}, and ECS does not let a task go on without it.",
    remedy:
      "ECS adds this proxy to the tasks of a service with Service Connect, and it needs about " +
      "256 CPU units and 64 MiB of the task's own: raise `cpu` and `memory` of the task. Give " +
      "serviceConnectConfiguration a logConfiguration to see its log, and check its namespace " +
      "and port names; on EC2 update the ECS agent or replace the instance.",
  },
];

export const exitCodeCauses: readonly KnownCause[] = exitCodeRows.map((cause) => ({
  ...cause,
  precedence: "exit-code",
}));
