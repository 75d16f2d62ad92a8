// Network interfaces and storage that AWS creates for a task before its containers start.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/failed-to-start-error.html

import { type KnownCause, requestThrottled, textMatches } from "./known-cause.ts";

const ec2Error = /Unexpected EC2 error while attempting to/i;
const noAddress =
  /InsufficientFreeAddressesInSubnet|(?:not enough|insufficient|no) free (?:IP )?addresses|in subnet '?[\w-]{1,40}'?\.?$/i;
const tagPolicy = /TagPolicyViolation|tag polic(?:y|ies)/i;
const interfaceLimit =
  /NetworkInterfaceLimitExceeded|AttachmentLimitExceeded|SecurityGroupsPerInterfaceLimitExceeded/i;
const resourceNotFound =
  /Invalid(?:Subnet|Group|SecurityGroup|NetworkInterface|Vpc)\w*\.?(?:NotFound|Malformed)/i;
const interfaceRefused = /AuthFailure|UnauthorizedOperation|not authorized/i;

export const networkCauses: readonly KnownCause[] = [
  {
    name: "network-interface-late",
    patterns: textMatches(/timeout waiting for network interface provisioning/i),
    priority: "usual",
    cause: "The task's network interface was not ready in time.",
    remedy:
      "Deploy again. If the error persists: the subnets need free addresses, and the account " +
      "room for network interfaces (Service Quotas).",
  },
  {
    name: "network-interface-throttled",
    patterns: [
      ...textMatches(/rate limit exceeded while preparing network interface/i),
      { text: [ec2Error, requestThrottled] },
    ],
    priority: "usual",
    cause: "EC2 throttled the account while the task's network interface was prepared.",
    remedy: "Deploy again, with fewer tasks at a time (maximumPercent).",
  },
  {
    name: "subnet-full",
    patterns: [
      {
        text: [
          /InsufficientFreeAddressesInSubnet|(?:not enough|insufficient|no) free (?:IP )?addresses/i,
        ],
      },
      {
        text: [/Create Network Interface\b/i, noAddress],
        notText: [/InsufficientFree|free (?:IP )?addresses/i],
      },
    ],
    priority: "strong",
    cause: "The subnet{subnet} has no free address for the task's network interface.",
    remedy:
      "Give the service bigger or more subnets, or free addresses (old interfaces, other " +
      "tasks). A rollout runs old and new tasks side by side: maximumPercent 100 needs fewer.",
  },
  {
    name: "tag-policy-violated",
    patterns: textMatches(tagPolicy),
    priority: "strong",
    cause:
      "A tag policy of the AWS organization forbids the task's network interface, because it " +
      "lacks tags or has wrong ones.",
    remedy:
      "Give the service the tags that the policy asks for and set propagateTags to SERVICE; or " +
      "remove ec2:network-interface from the policy's enforcement.",
  },
  {
    name: "network-interface-limit",
    patterns: textMatches(interfaceLimit),
    priority: "strong",
    cause: "The account's limit for network interfaces is reached.",
    remedy:
      "Request an increase in Service Quotas (Amazon VPC, network interfaces per region), or " +
      "delete unused network interfaces.",
  },
  {
    name: "network-gone",
    patterns: textMatches(resourceNotFound),
    priority: "strong",
    cause: "A subnet or security group of the service does not exist, or no longer exists.",
    remedy:
      "Correct awsvpcConfiguration of the service (subnets, security groups, all of one VPC).",
  },
  {
    name: "network-interface-refused",
    patterns: textMatches(ec2Error, interfaceRefused),
    priority: "usual",
    cause: "EC2 refused ECS the task's network interface.",
    remedy:
      "Check that the role AWSServiceRoleForECS exists and no service control policy denies " +
      "ec2:CreateNetworkInterface; shared subnets must be shared with this account. Otherwise " +
      "deploy again: EC2 sometimes reports this temporarily.",
  },
  {
    name: "network-interface-failed",
    precedence: "class",
    patterns: textMatches(ec2Error),
    priority: "usual",
    cause: "EC2 could not create or attach the task's network interface.",
    remedy:
      "Deploy again. If the error persists, ECS's message names EC2's error; the subnets need " +
      "free addresses, and the account room for network interfaces.",
    quotesEcs: true,
  },
  {
    name: "network-without-address",
    patterns: textMatches(
      /IPv6-only but has no IPv6 subnet gateway|no ipv[46] address(?:es)? in the message|no subnet gateway ipv[46] address/i,
    ),
    priority: "strong",
    cause:
      "The task's network interface has no address or gateway of the kind (IPv4, IPv6) that " +
      "the host needs.",
    remedy:
      "Check the subnet's IPv4 and IPv6 ranges and its route table; IPv6-only subnets need an " +
      "instance and an ECS agent that support them, and dual-stack endpoints of ECR, S3 and " +
      "CloudWatch Logs.",
  },
  {
    name: "network-not-set-up",
    patterns: [
      {
        text: [
          /failed to configure ENI|failed to setup regular eni|netplugin failed|cni (?:plugin|setup)|ContainerNetworkingError|add network failed/i,
        ],
        notText: [/IPv6-only but has no/i],
      },
    ],
    priority: "usual",
    cause: "The host could not set up the task's network.",
    remedy:
      "Deploy again. If the error persists: on EC2 replace the instance and update its AMI; on " +
      "Fargate contact AWS Support.",
  },
  {
    name: "storage-late",
    patterns: textMatches(/timeout waiting for ephemeralstorage provisioning/i),
    priority: "usual",
    cause: "Fargate did not have the task's storage ready in time.",
    remedy:
      "Deploy again; if the error persists, the AWS Health Dashboard or AWS Support has details.",
  },
  {
    name: "aws-internal-error",
    precedence: "class",
    patterns: textMatches(/\bInternalError\b/),
    priority: "usual",
    cause: "AWS had an internal error while it prepared the task (usually its network interface).",
    remedy:
      "Deploy again; if the error persists, the AWS Health Dashboard or AWS Support has details.",
    quotesEcs: true,
  },
];
