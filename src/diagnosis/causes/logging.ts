// Log drivers and log routers: a container that cannot log is not started.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html,
// …/using_firelens.html

import {
  accessDenied,
  connectionFailed,
  type KnownCause,
  outboundAccess,
  requestThrottled,
  textMatches,
} from "./known-cause.ts";

const logSetUp = /failed to validate logger args|initiali[sz]e logging driver|log stream/i;
const noGroup = /log group does not exist/i;
const groupNotFound = /cannot find the (?:amazon )?cloudwatch log group/i;
const router = /\bfluent|\b24224\b|splunk|gelf|syslog/i;
const option =
  /unknown log opt|missing.{0,40}\boptions?\b|must specify|invalid (?:value for )?log opt/i;
const firelens = /firelens/i;
const createGroup =
  "Create the log group in the region of `awslogs-region`, or set `awslogs-create-group: " +
  '"true"` and allow logs:CreateLogGroup to the task\'s execution role.';

export const loggingCauses: readonly KnownCause[] = [
  {
    name: "log-group-missing",
    patterns: textMatches(logSetUp, noGroup),
    priority: "strong",
    cause: "{LogGroup} does not exist, and a container that cannot log is not started.",
    remedy: createGroup,
  },
  {
    name: "log-refused",
    patterns: [{ text: [logSetUp, accessDenied], notText: [router, noGroup] }],
    priority: "strong",
    cause: "{Role} may not write to {logGroup}, and a container that cannot log is not started.",
    remedy:
      "Allow logs:CreateLogStream and logs:PutLogEvents (with `awslogs-create-group` also " +
      "logs:CreateLogGroup) to the task's execution role.",
  },
  {
    name: "log-throttled",
    patterns: [{ text: [logSetUp, requestThrottled], notText: [accessDenied] }],
    priority: "usual",
    cause:
      "CloudWatch Logs throttled the creation of log streams, and a container that cannot log " +
      "is not started.",
    remedy: "Deploy again, with fewer tasks at a time (maximumPercent).",
  },
  // AWS has one sentence for "cannot find the log group" and "there is a connection issue"; in the
  // published cases the network was the cause.
  {
    name: "log-unreachable",
    patterns: [{ text: [logSetUp, connectionFailed], notText: [router, accessDenied, noGroup] }],
    priority: "strong",
    cause:
      "The task's network cannot reach CloudWatch Logs, and a container that cannot log is not " +
      "started.",
    remedy:
      `Give its subnets ${outboundAccess} (logs), with port 443 open in the security groups. ` +
      "Then check that {logGroup} exists.",
  },
  {
    name: "log-group-not-found",
    patterns: [{ text: [groupNotFound], notText: [connectionFailed] }],
    priority: "strong",
    cause: "ECS could not find {logGroup}, and a container that cannot log is not started.",
    remedy: createGroup,
  },
  {
    name: "log-router-unreachable",
    patterns: [{ text: [logSetUp, router, connectionFailed] }],
    priority: "strong",
    cause:
      "{Container} was not started: the log router or log server that its logConfiguration " +
      "names does not answer.",
    remedy:
      "Let the container start after the router (`dependsOn`, condition START or HEALTHY), and " +
      "check the address in logConfiguration.options; for FireLens the router needs " +
      "`firelensConfiguration`.",
  },
  {
    name: "log-option-invalid",
    patterns: [{ text: [logSetUp, option], notText: [connectionFailed, accessDenied] }],
    priority: "strong",
    cause: "{Container} was not started: its log driver does not accept logConfiguration.options.",
    remedy:
      "ECS's message names the option: correct it in logConfiguration.options of the task " +
      "definition.",
    quotesEcs: true,
  },
  {
    name: "log-driver-failed",
    precedence: "class",
    patterns: textMatches(
      /failed to (?:initiali[sz]e logging driver|validate logger args)|failed to create task for container: failed to initialize logging|no log driver named/i,
    ),
    priority: "strong",
    cause: "{Container} was not started: its log driver could not be set up.",
    remedy:
      "ECS's message says why: check logConfiguration of the container (driver, options, and " +
      "that log group or server are there).",
    quotesEcs: true,
  },
  {
    name: "firelens-file-unread",
    patterns: [
      {
        text: [/unable to (?:download (?:firelens )?s3 config|parse bucket and key from s3 arn)/i],
        notText: [/environment ?file/i],
      },
    ],
    priority: "strong",
    cause: "FireLens could not get its configuration file from S3.",
    remedy:
      "Check `config-file-value` in firelensConfiguration.options, and allow s3:GetObject on " +
      "the file and s3:GetBucketLocation on its bucket to the task's execution role.",
  },
  {
    name: "firelens-failed",
    precedence: "class",
    patterns: textMatches(firelens, /fail|unable|invalid|unsupported|doesn't exist|can't find/i),
    priority: "strong",
    cause: "{Container} was not started: FireLens could not be set up.",
    remedy:
      "Check that one container of the task has `firelensConfiguration` (type fluentbit or " +
      "fluentd), that it is essential, and logConfiguration.options of the containers that log " +
      "to it. ECS's message says more.",
    quotesEcs: true,
  },
];
