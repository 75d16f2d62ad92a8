// The inputs of aws-actions/amazon-ecs-render-task-definition.

import type { Patch, Row, Rows } from "./row.ts";

function joined(to: readonly string[], sample: string, note: string): Row {
  return { treatment: { kind: "joined", to }, note, sample };
}

function patch(
  inContainer: boolean,
  sample: string,
  note: string,
  patchOf: (value: string) => Patch | undefined,
): Row {
  return {
    treatment: { kind: "task-definition-patch", inContainer, patch: patchOf },
    note,
    sample,
  };
}

export const renderRows: Rows = {
  "task-definition": joined(
    ["task-definition"],
    "task-definition.json",
    "Also JSON with comments, YAML, or the raw answer of `aws ecs describe-task-definition`. " +
      "Left out: the revision that the service runs.",
  ),
  "task-definition-arn": joined(["task-definition"], arn(), "The same input."),
  "task-definition-family": joined(
    ["task-definition"],
    "web",
    "The same input. Our `task-definition-family` is where to register.",
  ),
  "task-definition-revision": joined(
    ["task-definition"],
    "7",
    "The same input: `family:revision`.",
  ),
  "container-name": joined(
    ["container-name"],
    "web",
    "May be left out if one container alone has the image.",
  ),
  image: joined(["image", "ecr-repository", "image-tag"], "nginx:1.27", "Or it is built."),
  "environment-variables": joined(
    ["environment-variables"],
    "LOG_LEVEL=debug",
    "The same for all named containers. Besides: `-NAME` removes one.",
  ),
  "env-files": patch(
    true,
    "arn:aws:s3:::bucket/app.env",
    "As `environmentFiles`, whose list is replaced.",
    (value) => ({
      environmentFiles: linesOf(value).map((file) => ({ value: file, type: "s3" })),
    }),
  ),
  "log-configuration-log-driver": patch(true, "awslogs", "As `logConfiguration`.", (value) => ({
    logConfiguration: { logDriver: value },
  })),
  "log-configuration-options": patch(
    true,
    "awslogs-group=/ecs/web",
    "As `logConfiguration`.",
    (value) => {
      const options = pairsOf(value);
      return options && { logConfiguration: { options } };
    },
  ),
  "docker-labels": patch(true, "team=a", "As `dockerLabels`.", (value) => {
    const dockerLabels = pairsOf(value);
    return dockerLabels && { dockerLabels };
  }),
  command: patch(
    true,
    "node server.js",
    "As `command`, a list of words; there it is split at blanks.",
    (value) => {
      if (value.includes("${{")) return undefined;
      return { command: value.split(/\s+/).filter(Boolean) };
    },
  ),
  secrets: joined(["secrets"], "KEY=arn:aws:ssm:us-east-1:123456789012:parameter/key", ""),
  "task-role-arn": patch(false, role(), "As `taskRoleArn`.", (value) => ({ taskRoleArn: value })),
  "execution-role-arn": patch(false, role(), "As `executionRoleArn`.", (value) => ({
    executionRoleArn: value,
  })),
};

function arn(): string {
  return "arn:aws:ecs:us-east-1:123456789012:task-definition/web:7";
}

function role(): string {
  return "arn:aws:iam::123456789012:role/task";
}

function linesOf(value: string): readonly string[] {
  return value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Undefined: a line has no `=`, for example because one expression holds all of them. */
function pairsOf(value: string): Readonly<Record<string, string>> | undefined {
  const pairs = linesOf(value).map((line) => line.match(/^([^=\s]+)\s*=\s*(.*)$/));
  if (pairs.some((pair) => !pair)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
