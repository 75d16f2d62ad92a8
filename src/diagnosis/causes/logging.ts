// Log drivers and log routers: a container that cannot log is not started.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html, …/using_firelens.html

import { type KnownCause, noConnection, refused, says, throttled, wayOut } from "./known-cause.ts";

const logSetUp = /failed to validate logger args|initiali[sz]e logging driver|log stream/i;
const noGroup = /log group does not exist/i;
const groupNotFound = /cannot find the (?:amazon )?cloudwatch log group/i;
const router = /\bfluent|\b24224\b|splunk|gelf|syslog/i;
const option =
  /unknown log opt|missing.{0,40}\boptions?\b|must specify|invalid (?:value for )?log opt/i;
const firelens = /firelens/i;
const createGroup =
  'Create the log group in the region of `awslogs-region`, or set `awslogs-create-group: "true"` and allow logs:CreateLogGroup to the task\'s execution role.';

export const logging: readonly KnownCause[] = [
  {
    name: "log-group-missing",
    clues: says(logSetUp, noGroup),
    weight: "strong",
    cause: "{LogGroup} does not exist, and a container that cannot log is not started.",
    next: createGroup,
  },
  {
    name: "log-refused",
    clues: [{ text: [logSetUp, refused], without: [router, noGroup] }],
    weight: "strong",
    cause: "{Role} may not write to {logGroup}, and a container that cannot log is not started.",
    next: "Allow logs:CreateLogStream and logs:PutLogEvents (with `awslogs-create-group` also logs:CreateLogGroup) to the task's execution role.",
  },
  {
    name: "log-throttled",
    clues: [{ text: [logSetUp, throttled], without: [refused] }],
    weight: "usual",
    cause:
      "CloudWatch Logs throttled the creation of log streams, and a container that cannot log is not started.",
    next: "Deploy again, with fewer tasks at a time (maximumPercent).",
  },
  // AWS has one sentence for "cannot find the log group" and "there is a connection issue"; published cases of it were the network.
  {
    name: "log-unreachable",
    clues: [{ text: [logSetUp, noConnection], without: [router, refused, noGroup] }],
    weight: "strong",
    cause:
      "The task's network has no way to CloudWatch Logs, and a container that cannot log is not started.",
    next: `Give its subnets ${wayOut} (logs), with port 443 open in the security groups. Then check that {logGroup} exists.`,
  },
  {
    name: "log-group-not-found",
    clues: [{ text: [groupNotFound], without: [noConnection] }],
    weight: "strong",
    cause: "ECS could not find {logGroup}, and a container that cannot log is not started.",
    next: createGroup,
  },
  {
    name: "log-router-unreachable",
    clues: [{ text: [logSetUp, router, noConnection] }],
    weight: "strong",
    cause:
      "{Container} was not started: the log router or log server that its logConfiguration names does not answer.",
    next: "Let the container start after the router (`dependsOn`, condition START or HEALTHY), and check the address in logConfiguration.options; for FireLens the router needs `firelensConfiguration`.",
  },
  {
    name: "log-option-invalid",
    clues: [{ text: [logSetUp, option], without: [noConnection, refused] }],
    weight: "strong",
    cause: "{Container} was not started: its log driver does not accept logConfiguration.options.",
    next: "ECS's words name the option: correct it in logConfiguration.options of the task definition.",
    quoted: true,
  },
  {
    name: "log-driver-failed",
    precedence: "class",
    clues: says(
      /failed to (?:initiali[sz]e logging driver|validate logger args)|failed to create task for container: failed to initialize logging|no log driver named/i,
    ),
    weight: "strong",
    cause: "{Container} was not started: its log driver could not be set up.",
    next: "ECS's words say why: check logConfiguration of the container (driver, options, and that log group or server are there).",
    quoted: true,
  },
  {
    name: "firelens-file-unread",
    clues: [
      {
        text: [/unable to (?:download (?:firelens )?s3 config|parse bucket and key from s3 arn)/i],
        without: [/environment ?file/i],
      },
    ],
    weight: "strong",
    cause: "FireLens could not get its configuration file from S3.",
    next: "Check `config-file-value` in firelensConfiguration.options, and allow s3:GetObject on the file and s3:GetBucketLocation on its bucket to the task's execution role.",
  },
  {
    name: "firelens-failed",
    precedence: "class",
    clues: says(firelens, /fail|unable|invalid|unsupported|doesn't exist|can't find/i),
    weight: "strong",
    cause: "{Container} was not started: FireLens could not be set up.",
    next: "Check that one container of the task has `firelensConfiguration` (type fluentbit or fluentd), that it is essential, and logConfiguration.options of the containers that log to it. ECS's words say more.",
    quoted: true,
  },
];
