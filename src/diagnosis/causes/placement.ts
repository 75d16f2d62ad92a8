// Where a task can run: container instances, capacity providers, Managed Instances, Fargate, and
// the quotas of an account.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html,
// …/failed-to-start-error.html

import { accessDenied, type KnownCause, textMatches } from "./known-cause.ts";

const agent =
  /doesn't have the agent connected|encountered error "?AGENT\b|(?:^|: )AGENT\b|waiting for Amazon ECS Agent to start|[Aa]gent (?:is |that's )?(?:currently )?disconnected/;
const attribute = /missing (?:an attribute required|(?:a )?required attribute)|(?:^|: )ATTRIBUTE\b/;
const constraint = /placement constraints?\b.{0,60}(?:unsatisfied|not satisfied|not met|violat)/i;
const port = /already using a port required|RESOURCE:PORTS|reserved port limit/i;
const interfaceSlot =
  /RESOURCE:ENI|unused device index|\bENI\b.{0,60}(?:attachment points?|capacity|available)|network interfaces? (?:slots?|attachments?) available/i;
const noInstances =
  /No Container Instances were found|EMPTY CAPACITY PROVIDER|NO ACTIVE INSTANCES|no (?:active )?container instances? (?:is|are) registered/i;
const zone = /(?:^|: )LOCATION\b/;
const managed = /unable to launch instance\(s\)/i;
const managedCapacity = /UnfulfillableCapacity|Insufficient\w*Capacity\w*/i;
const managedLimit =
  /(?:Vcpu|MaxSpotInstanceCount|Instance)\w*(?:Limit)?Exceeded|max spot instance count exceeded/i;
const otherPlacementPatterns = [agent, attribute, constraint, port, interfaceSlot, noInstances];

const containerInstanceCauses: readonly KnownCause[] = [
  {
    name: "agent-disconnected",
    patterns: textMatches(agent),
    priority: "strong",
    cause:
      "The ECS agent of the container instance is not connected, so ECS cannot start tasks " +
      "there{closest}.",
    remedy:
      "On the instance: sudo systemctl restart ecs, then /var/log/ecs/ecs-agent.log. It needs " +
      "the instance role (AmazonEC2ContainerServiceforEC2Role) and network access to ECS; or " +
      "replace the instance.",
  },
  {
    name: "attribute-missing",
    patterns: [{ text: [attribute], notText: [agent, /RunTask/] }],
    priority: "strong",
    cause:
      "No container instance of the cluster has the attributes that the task definition " +
      "requires{closest}.",
    remedy:
      "Compare `requiresAttributes` of the task definition with the instances: networkMode " +
      "awsvpc (ecs.capability.task-eni, an instance in the service's subnets), log driver, " +
      "GPU, CPU architecture, version of the ECS agent.",
  },
  {
    name: "constraint-unsatisfied",
    patterns: [{ text: [constraint], notText: [agent, attribute] }],
    priority: "strong",
    cause: "No container instance of the cluster satisfies the placement constraints{closest}.",
    remedy:
      "Compare `placementConstraints` of the task definition and of the service with the " +
      "attributes of the instances (distinctInstance: one task per instance).",
  },
  {
    name: "host-port-taken",
    patterns: [{ text: [port], notText: [agent] }],
    priority: "strong",
    cause:
      "On every container instance the host port of the task is in use, or no port is " +
      "left{closest}.",
    remedy:
      "Use hostPort 0 (dynamic ports) behind the load balancer or networkMode awsvpc, let " +
      "minimumHealthyPercent be below 100 so that the old task goes first, or add instances.",
  },
  {
    name: "no-interface-slot",
    patterns: [{ text: [interfaceSlot], notText: [agent, attribute] }],
    priority: "strong",
    cause:
      "No container instance can take one more network interface, and with networkMode awsvpc " +
      "each task needs one{closest}.",
    remedy:
      "Add instances or use a bigger instance type, or turn on the account setting " +
      "awsvpcTrunking and launch new instances. A task that asks for more CPU lets fewer tasks " +
      "share an instance.",
  },
  {
    name: "no-instances",
    patterns: [{ text: [noInstances], notText: [agent, attribute] }],
    priority: "strong",
    cause:
      "The cluster, or the capacity provider of the service, has no container instance{closest}.",
    remedy:
      "Look at the Auto Scaling group of the capacity provider: its desired and maximum size, " +
      "why launches fail (Activity), and that the instances' user data sets ECS_CLUSTER to " +
      "this cluster. For Fargate, the service's launch type or capacity provider strategy must " +
      "say so.",
  },
  {
    name: "no-instance-fits",
    patterns: [
      {
        text: [
          /no container instances? met all of its requirements|(?:^|: )RESOURCE:(?!PORTS|ENI)|insufficient (?:memory|CPU units|GPU)/i,
        ],
        notText: otherPlacementPatterns,
      },
    ],
    priority: "usual",
    cause: "No container instance of the cluster has room for the task{closest}{resource}.",
    remedy:
      "Compare what the task asks for (CPU, memory, GPU, ports, placement constraints) with " +
      "the instances; add instances or let a capacity provider scale.",
  },
  {
    name: "instance-in-another-zone",
    patterns: textMatches(zone),
    priority: "strong",
    cause:
      "The container instance is in another availability zone than the subnets of " +
      "awsvpcConfiguration.",
    remedy: "Give the service subnets in the zones of its instances.",
  },
  {
    name: "provisioning-limit",
    patterns: textMatches(/tasks? provisioning capacity limit (?:was |is )?exceeded/i),
    priority: "usual",
    cause:
      "The cluster has as many tasks in PROVISIONING as ECS allows (500, of all its services " +
      "together).",
    remedy:
      "Wait until they are placed, then deploy again; scale services more slowly, and let the " +
      "capacity provider keep room (targetCapacity below 100).",
  },
  {
    name: "capacity-provider-missing",
    patterns: textMatches(
      /capacity provider\b.{0,120}(?:not found|does not exist|not associated)/i,
    ),
    priority: "strong",
    cause:
      "The capacity provider of the service does not exist, or does not belong to its cluster.",
    remedy:
      "Correct the service's capacityProviderStrategy, or add the provider to the cluster " +
      "(PutClusterCapacityProviders).",
  },
  {
    name: "launch-type-unfit",
    patterns: textMatches(
      /not compatible with the selected compute strategy|does not support launch_?type/i,
    ),
    priority: "strong",
    cause: "The task definition does not fit the kind of capacity that the service uses.",
    remedy:
      "Let `requiresCompatibilities` of the task definition name what the service's launch " +
      "type or capacity provider strategy is: FARGATE, EC2, EXTERNAL or MANAGED_INSTANCES.",
  },
  {
    name: "tasks-protected",
    patterns: textMatches(
      /protected tasks|tasks? under protection|task(?: scale-in)? protection|DEPLOYMENT_BLOCKED/i,
    ),
    priority: "strong",
    cause: "Tasks of the old version are under scale-in protection, and ECS may not stop them.",
    remedy:
      "Wait until the protection ends, or remove it: aws ecs update-task-protection " +
      "--no-protection-enabled; or raise the desired count above the number of protected tasks.",
  },
  {
    name: "tasks-not-launched",
    precedence: "class",
    patterns: [
      { text: [/could not launch \d+ tasks? for deployment/i] },
      { text: [/failed to launch a task with \(error/i] },
    ],
    priority: "usual",
    cause: "ECS could not launch all tasks of the deployment.",
    remedy:
      "ECS's message names what is missing (CPU, memory, capacity): add it, or lower what the " +
      "task asks for.",
    quotesEcs: true,
  },
];

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html; seen in
 * published reports.
 */
const managedInstanceCauses: readonly KnownCause[] = [
  {
    name: "managed-instance-refused",
    patterns: [
      ...textMatches(managed, accessDenied),
      { text: [managed, /assume .{0,40}infrastructure role/i], notText: [accessDenied] },
    ],
    priority: "strong",
    cause:
      "{Role}, the infrastructure role of the capacity provider{capacityProvider}, may not " +
      "launch instances ({action}).",
    remedy:
      "Allow {action} to the infrastructure role: the managed policy " +
      "AmazonECSInfrastructureRolePolicyForManagedInstances has it, but iam:PassRole only for " +
      "instance roles whose name begins with ecsInstanceRole.",
  },
  {
    name: "managed-instance-no-capacity",
    patterns: [{ text: [managed, managedCapacity], notText: [accessDenied] }],
    priority: "usual",
    cause:
      "AWS has no instance for the capacity provider{capacityProvider} right now that fits its " +
      "requirements.",
    remedy:
      "Deploy again later, or widen the provider's instance requirements (types, sizes, CPU " +
      "architecture) and its subnets to more availability zones; for Spot, let it use " +
      "on-demand capacity.",
  },
  {
    name: "managed-instance-limit",
    patterns: [{ text: [managed, managedLimit], notText: [accessDenied, managedCapacity] }],
    priority: "strong",
    cause:
      "The account's limit for EC2 instances is reached, so the capacity " +
      "provider{capacityProvider} cannot launch one.",
    remedy:
      "Request an increase in Service Quotas (Amazon EC2: running on-demand instances, or Spot " +
      "requests), or stop what is not needed.",
  },
  {
    name: "managed-instance-not-launched",
    precedence: "class",
    patterns: textMatches(managed),
    priority: "usual",
    cause: "ECS could not launch an instance for the capacity provider{capacityProvider}.",
    remedy:
      "ECS's message says why: check the capacity provider's subnets, security groups, " +
      "instance profile and instance requirements. Right after the provider was made, deploy " +
      "again.",
    quotesEcs: true,
  },
];

const limitCauses: readonly KnownCause[] = [
  {
    name: "no-capacity",
    patterns: [
      ...textMatches(/capacity is unavailable at this time/i),
      ...textMatches(/unable to place a task in \(?[\w-]{1,60}\)?\.?$/i),
    ],
    priority: "usual",
    cause: "AWS has no capacity for this task right now.",
    remedy:
      "Deploy again later, or let the service use subnets in more availability zones (Spot: " +
      "add FARGATE to the strategy).",
  },
  {
    name: "task-limit",
    patterns: [
      {
        text: [
          /reached the limit on the number of [\w ]{1,80} you can run concurrently|\bvcpu limit\b/i,
        ],
        notText: [managed],
      },
    ],
    priority: "usual",
    cause: "The account may not run more Fargate tasks at once: its limit is reached.",
    remedy:
      "Request an increase in Service Quotas (AWS Fargate, vCPU resource count), or stop what " +
      "is not needed. A rollout runs old and new tasks side by side.",
  },
  {
    name: "cpu-limit",
    patterns: textMatches(/requested CPU configuration is above your limit/i),
    priority: "usual",
    cause:
      "The task asks for more CPU than this account may use at once; new accounts have low limits.",
    remedy:
      "Request an increase in Service Quotas (AWS Fargate), or lower `cpu` of the task definition.",
  },
  {
    name: "memory-limit",
    patterns: textMatches(/requested MEMORY configuration is above your limit/i),
    priority: "usual",
    cause:
      "The task asks for more memory than this account may use at once; new accounts have low " +
      "limits.",
    remedy:
      "Request an increase in Service Quotas (AWS Fargate), or lower `memory` of the task " +
      "definition.",
  },
  {
    name: "configuration-limit",
    patterns: textMatches(/requested (?!CPU|MEMORY)[\w ]{1,60} configuration is above your limit/i),
    priority: "usual",
    cause:
      "The task asks for more than this account may use at once; new accounts have low limits.",
    remedy:
      "Request an increase in Service Quotas (AWS Fargate), or lower what ECS's message names " +
      "in the task definition.",
    quotesEcs: true,
  },
  {
    name: "account-blocked",
    patterns: textMatches(
      /account is (?:currently )?(?:blocked|suspended|closed)|BlockedException|account (?:is )?pending verification/i,
    ),
    priority: "strong",
    cause: "AWS has blocked this account, or not verified it yet.",
    remedy: "Open a case in the AWS Support Center (account and billing).",
  },
  {
    name: "platform-refused",
    patterns: textMatches(/do not have authorization to access the specified platform/i),
    priority: "strong",
    cause:
      "The account may not use this Fargate platform (Windows, or this platform version, in " +
      "this region).",
    remedy:
      "Check runtimePlatform.operatingSystemFamily of the task definition, `platformVersion` " +
      "of the service (LATEST), and that Fargate has Windows in this region; otherwise AWS " +
      "Support can enable it.",
  },
  {
    name: "platform-unfit",
    patterns: textMatches(
      /platform version .{0,60}(?:not (?:exist|found|supported|available)|does not)|specified platform does(?: not|n't) (?:exist|satisfy)|Platform\w*(?:Unknown|Incompatibility)\w*Exception/i,
    ),
    priority: "strong",
    cause:
      "The Fargate platform version of the service does not exist, or lacks what the task " +
      "definition asks for.",
    remedy:
      "Set `platformVersion` of the service to LATEST (1.4.0 has EFS, ephemeral storage, ARM64 " +
      "and the rest).",
  },
  {
    name: "zone-unsupported",
    patterns: textMatches(/unable to place a task\b.{0,40}Reason: Internal error/i),
    priority: "usual",
    cause:
      "ECS names only an internal error. One cause is known: a subnet of the service is in an " +
      "availability zone that Fargate does not serve.",
    remedy:
      "Compare the zone ids of the service's subnets with AWS's list (Supported Regions for " +
      "Amazon ECS on AWS Fargate), and use subnets in other zones. If they are right, deploy " +
      "again later.",
  },
  {
    name: "scheduler-throttled",
    patterns: [
      { text: [/operations are being throttled/i], notText: [/registry|discovery|cloud ?map/i] },
    ],
    priority: "weak",
    cause:
      "ECS is throttled: the account makes more calls (to ECS, EC2 or the load balancer) than " +
      "AWS allows, and tasks start later.",
    remedy:
      "Wait, or raise wait-for-minutes: ECS goes on by itself. Deploy fewer services and tasks " +
      "at a time; AWS support raises the limits of the APIs.",
  },
  {
    name: "service-linked-role-missing",
    patterns: textMatches(
      /unable to assume the service[- ]linked role|service[- ]linked role\b.{0,60}(?:does not exist|not found|missing)/i,
    ),
    priority: "strong",
    cause:
      "ECS's own role in this account (AWSServiceRoleForECS) does not exist, or may not be used.",
    remedy: "Create it: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
  },
  {
    name: "service-role-refused",
    patterns: textMatches(/IAM permissions policies have been misconfigured/i),
    priority: "strong",
    cause:
      "A role of the service or of its tasks lacks permissions that ECS needs to keep the " +
      "service running.",
    remedy:
      "See which role was changed last (CloudTrail), and give the service role, the " +
      "infrastructure role or the execution role its managed policy back.",
  },
  {
    name: "service-role-not-trusted",
    patterns: textMatches(/IAM trust relationship has been misconfigured/i),
    priority: "strong",
    cause: "A role of the service or of its tasks no longer trusts ECS.",
    remedy:
      "Trust policies: task role and execution role name ecs-tasks.amazonaws.com, " +
      "infrastructure and service roles ecs.amazonaws.com.",
  },
];

export const placementCauses: readonly KnownCause[] = [
  ...containerInstanceCauses,
  ...managedInstanceCauses,
  ...limitCauses,
];
