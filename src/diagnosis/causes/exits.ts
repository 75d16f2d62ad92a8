// Containers that ended by themselves and took their task along: what their exit codes say, where ECS has no words.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resolve-stopped-errors.html

import type { Clue, KnownCause } from "./known-cause.ts";

const proxy = /^ecs-service-connect-/;

type Exits = NonNullable<Clue["exitCodes"]>;

const exited = (
  exitCodes: Exits,
  more: Partial<Clue> = { notContainer: proxy },
): readonly Clue[] => [
  { stopCode: "EssentialContainerExited", exitCodes, ...more },
  { stopCode: "", text: [/essential container in task exited/i], exitCodes, ...more },
  { companion: true, exitCodes, ...more },
];

const codes = {
  ended: [0],
  runtimeFailed: [125],
  notExecutable: [126],
  notFound: [127],
  crashed: [139],
  aborted: [134],
  killed: [137],
  toldToStop: [130, 143],
};

const rows: readonly Omit<KnownCause, "precedence">[] = [
  {
    name: "ended-by-itself",
    clues: exited(codes.ended),
    weight: "usual",
    cause:
      "{Container} ended by itself with exit code 0: its process was done, but a service's container must keep running.",
    next: "Check `command` and `entryPoint`: the server must run in the foreground (nginx: `daemon off;`), and not as a child that goes on alone.",
    inLog: true,
  },
  {
    name: "runtime-failed",
    clues: exited(codes.runtimeFailed),
    weight: "usual",
    cause:
      "{Container} exited with code 125, by convention: the container runtime could not run it.",
    next: "Check the container's settings (user, ulimits, linuxParameters, volumes) against the image.",
    inLog: true,
  },
  {
    name: "exit-not-executable",
    clues: exited(codes.notExecutable),
    weight: "usual",
    cause:
      "{Container} exited with code 126, by convention: a command was found but may not be executed.",
    next: "Make the file executable in the image (`COPY --chmod=755`), for the user that the container runs as.",
    inLog: true,
  },
  {
    name: "exit-command-not-found",
    clues: exited(codes.notFound),
    weight: "usual",
    cause: "{Container} exited with code 127, by convention: a command was not found.",
    next: "Check `command`, `entryPoint` and the start script: the program must be in the image and on its PATH.",
    inLog: true,
  },
  {
    name: "crashed",
    clues: exited(codes.crashed),
    weight: "usual",
    cause: "{Container} crashed (exit code 139, segmentation fault).",
    next: "Mostly a native library or a base image that does not fit (musl or glibc, processor): try the image by hand.",
    inLog: true,
  },
  {
    name: "aborted",
    clues: exited(codes.aborted),
    weight: "usual",
    cause:
      "{Container} aborted itself (exit code 134, SIGABRT): a failed assertion, or a runtime out of its own limits.",
    next: "Its last lines mostly name the assertion or the limit (Node and the JVM abort when their heap is full).",
    inLog: true,
  },
  {
    name: "killed",
    clues: exited(codes.killed),
    weight: "usual",
    cause: "{Container} was killed (exit code 137, SIGKILL); ECS does not say by what.",
    next: "Look at the task's memory in CloudWatch (out of memory is not always told), and whether it ends within stopTimeout when it is asked to.",
    inLog: true,
  },
  {
    name: "told-to-stop",
    clues: exited(codes.toldToStop),
    weight: "weak",
    cause: "{Container} was asked to end ({exitCode}: {signal}), and did.",
    next: "By itself that is no failure: something inside the task sent the signal, or another container ended first.",
    inLog: true,
  },
  {
    name: "application-error",
    clues: exited("failure", { notContainer: proxy, notExitCodes: Object.values(codes).flat() }),
    weight: "usual",
    cause: "{Container} exited with code {exitCode}: the application itself ended with an error.",
    next: "Run the image by hand with the command, the variables and the secrets of the task definition, and see how it ends.",
    inLog: true,
    nextWithLog: "Its last log lines, shown with this error, say why.",
  },
  {
    name: "service-connect-proxy-exited",
    clues: exited("any", { container: proxy, notExitCodes: codes.toldToStop }),
    weight: "usual",
    cause: "{Container} exited with code {exitCode}, and ECS does not let a task go on without it.",
    next: "ECS adds this proxy to the tasks of a service with Service Connect, and it needs about 256 CPU units and 64 MiB of the task's own: raise `cpu` and `memory` of the task. Give serviceConnectConfiguration a logConfiguration to see its log, and check its namespace and port names; on EC2 update the ECS agent or replace the instance.",
  },
];

export const exits: readonly KnownCause[] = rows.map((row) => ({
  ...row,
  precedence: "exit-code",
}));
