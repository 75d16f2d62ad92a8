// The deployment as a whole: lifecycle hooks, load balancers of blue/green deployments, service
// discovery.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html

import { accessDenied, type KnownCause, requestThrottled, textMatches } from "./known-cause.ts";

const hooksFailed = /lifecycle hook\(s\) failed|hook execution failure/i;
const notInvoked = /unable to invoke hook target/i;
const hookRole = /ECS was unable to assume role/i;
const badAnswer = /unable to parse the response from|HookStatus must not be null/i;
/** ECS uses the infrastructure role of an Express Mode service under this session name. */
const expressRole = /assumed-role\/[^/ ]{1,64}\/ECSGateway\b/;
const elbAction = /elasticloadbalancing:[A-Z]\w+/;
const elbRole = /unable to manage the ELB resources/i;
const networking = /invalid networking configuration/i;
const splitTraffic = /exactly one target group serving traffic/i;
const foreignTarget = /forwarding traffic to unexpected target group/i;
const noTargetGroup =
  /target group is not found|target ?group\S{0,300} .{0,300}does not have an associated load balancer|TargetGroupNotFound/i;
const registry = /service[- ]registr|service ?discovery|cloud ?map/i;
const lattice = /vpc[- ]lattice/i;
const serviceConnect = /service connect\b/i;
const trouble = /fail|unable|error|not found|invalid|does not exist|denied/i;

const lifecycleHookCauses: readonly KnownCause[] = [
  {
    name: "hook-failed",
    patterns: [{ text: [hooksFailed], notText: [notInvoked, hookRole, badAnswer, elbAction] }],
    priority: "strong",
    cause: "A deployment lifecycle hook failed or rejected the deployment{hookTarget}.",
    remedy: "{HookStep}",
  },
  {
    name: "hook-not-allowed",
    patterns: textMatches(notInvoked, accessDenied),
    priority: "strong",
    cause:
      "ECS may not call the Lambda function of a lifecycle hook{hookTarget}: {role} lacks " +
      "{action}. The function has not run.",
    remedy: "Allow {action} on the function to the role that the hook names as `roleArn`.",
  },
  {
    name: "hook-not-called",
    patterns: [{ text: [notInvoked], notText: [accessDenied] }],
    priority: "strong",
    cause:
      "ECS could not call the Lambda function of a lifecycle hook{hookTarget}. The function " +
      "has not run.",
    remedy:
      "ECS's message says why: check that the function exists in this region, is active, and " +
      "is not throttled (reserved concurrency).",
    quotesEcs: true,
  },
  {
    name: "hook-role-not-assumed",
    patterns: textMatches(hookRole),
    priority: "strong",
    cause:
      "ECS may not use {role}, the role of a lifecycle hook, so the hook's function has not run.",
    remedy:
      "The role's trust policy must let the principal ecs.amazonaws.com do sts:AssumeRole; " +
      "check `roleArn` of the hook.",
  },
  {
    name: "hook-answer-invalid",
    patterns: textMatches(badAnswer),
    priority: "strong",
    cause:
      "The Lambda function of a lifecycle hook{hookTarget} gave no valid answer: it ended in " +
      "an error or ran out of its time, or `hookStatus` is missing.",
    remedy:
      'Let it return {"hookStatus": "SUCCEEDED"}, "FAILED" or "IN_PROGRESS", and finish within ' +
      "its own timeout. Its log is in CloudWatch Logs, {hookLog}.",
  },
];

const loadBalancerCauses: readonly KnownCause[] = [
  {
    name: "load-balancer-role-refused",
    patterns: [{ text: [elbAction, accessDenied], notText: [notInvoked, expressRole] }],
    priority: "strong",
    cause: "{Role} may not do {action}, so ECS cannot manage the load balancer.",
    remedy:
      "Allow {action} to that role: the infrastructure role has it by " +
      "AmazonECSInfrastructureRolePolicyForLoadBalancers, a service role by " +
      "AmazonEC2ContainerServiceRole.",
  },
  {
    name: "express-infrastructure-role-refused",
    patterns: textMatches(expressRole, accessDenied),
    priority: "strong",
    cause: "{Role}, the infrastructure role of the Express Mode service, may not do {action}.",
    remedy:
      "Allow {action} to that role; it needs the managed policy " +
      "AmazonECSInfrastructureRoleforExpressGatewayServices and ec2:DescribeAccountAttributes. " +
      "ECS does not try again by itself: delete the service " +
      "(`aws ecs delete-express-gateway-service`) and create it again. Its URL will be a " +
      "different one.",
  },
  {
    name: "load-balancer-role-not-assumed",
    patterns: [{ text: [elbRole], notText: [elbAction] }],
    priority: "strong",
    cause:
      "ECS may not use {role}, the infrastructure role for the load balancer, or the role " +
      "lacks permissions.",
    remedy:
      "The role's trust policy must let the principal ecs.amazonaws.com do sts:AssumeRole, and " +
      "the role needs the managed policy AmazonECSInfrastructureRolePolicyForLoadBalancers.",
  },
  {
    name: "load-balancer-api-failed",
    patterns: [
      {
        text: [/failed to describe target health|failed to (?:de)?register targets/i],
        notText: [accessDenied, /lattice/i, /not ?found/i],
      },
    ],
    priority: "weak",
    cause: "The load balancer's API answered ECS with an error.",
    remedy:
      "ECS tries again by itself. If the error persists, ECS's message names the error; check " +
      "the AWS Health Dashboard.",
    quotesEcs: true,
  },
  {
    name: "target-group-unusable",
    patterns: textMatches(noTargetGroup),
    priority: "strong",
    cause: "The service's target group does not exist, or no load balancer uses it{targetGroup}.",
    remedy:
      "Attach the target group to a listener of the load balancer, or correct the service's " +
      "loadBalancers (EC2 console → Target groups).",
  },
  {
    name: "listener-splits-traffic",
    patterns: textMatches(splitTraffic),
    priority: "strong",
    cause:
      "The listener rule sends traffic to two target groups, and a deployment of this kind " +
      "must begin with one.",
    remedy:
      "Set the weight of the target group that is not in use to 0 in the production listener " +
      "rule, and deploy again.",
  },
  {
    name: "listener-serves-others",
    patterns: textMatches(foreignTarget),
    priority: "strong",
    cause:
      "The production listener rule sends traffic to a target group that is not one of the " +
      "service's two.",
    remedy:
      "Let the rule forward to targetGroupArn or alternateTargetGroupArn of the service, or " +
      "correct the service's loadBalancers.",
  },
  {
    name: "networking-invalid",
    patterns: [
      {
        text: [networking],
        notText: [elbRole, elbAction, splitTraffic, foreignTarget, noTargetGroup],
      },
    ],
    priority: "strong",
    cause: "The load balancer is not set up for this kind of deployment.",
    remedy:
      "Target group and alternate target group must both be attached to the listener rules " +
      "that the service names.",
  },
  {
    name: "healthy-percent-leaves-no-capacity",
    patterns: textMatches(
      /unable to stop or start tasks during a deployment because of the service deployment configuration/i,
    ),
    priority: "strong",
    cause:
      "The service has no capacity for a rolling update: minimumHealthyPercent does not let " +
      "ECS stop an old task, and maximumPercent does not let it start a new one.",
    remedy:
      "Let maximumPercent be 200, or minimumHealthyPercent below 100: together they must leave " +
      "room for at least one task.",
  },
];

const serviceDiscoveryCauses: readonly KnownCause[] = [
  {
    name: "discovery-refused",
    patterns: textMatches(/servicediscovery:[A-Z]\w+|route53:[A-Z]\w+/, accessDenied),
    priority: "strong",
    cause: "ECS may not register the task in service discovery (Cloud Map): {action} is refused.",
    remedy:
      "Check that the role AWSServiceRoleForECS exists and no service control policy denies " +
      "{action}.",
  },
  {
    name: "discovery-throttled",
    patterns: [{ text: [registry, requestThrottled], notText: [accessDenied] }],
    priority: "usual",
    cause: "Cloud Map throttled ECS while tasks were registered in service discovery.",
    remedy:
      "Deploy again, with fewer tasks at a time (maximumPercent); request an increase in " +
      "Service Quotas (AWS Cloud Map).",
  },
  {
    name: "discovery-failed",
    precedence: "class",
    patterns: [{ text: [registry, trouble], notText: [requestThrottled] }],
    priority: "usual",
    cause: "ECS could not register the task in service discovery (Cloud Map).",
    remedy:
      "Check the service's serviceRegistries: the Cloud Map service exists, and containerName " +
      "and containerPort fit its record type (SRV needs a port). ECS's message says more.",
    quotesEcs: true,
  },
  {
    name: "lattice-refused",
    patterns: textMatches(/vpc-lattice:[A-Z]\w+/, accessDenied),
    priority: "strong",
    cause: "{Role}, the infrastructure role, may not register the task in VPC Lattice ({action}).",
    remedy: "Attach the managed policy AmazonECSInfrastructureRolePolicyForVpcLattice to it.",
  },
  {
    name: "lattice-failed",
    precedence: "class",
    patterns: [{ text: [lattice, trouble], notText: [/unhealthy|not healthy/i] }],
    priority: "usual",
    cause: "ECS could not register the task in VPC Lattice.",
    remedy:
      "Check vpcLatticeConfigurations of the service: target group, port name and " +
      "infrastructure role. ECS's message says more.",
    quotesEcs: true,
  },
  {
    name: "service-connect-failed",
    precedence: "class",
    patterns: [{ text: [serviceConnect, trouble], notText: [registry] }],
    priority: "usual",
    cause: "Service Connect could not be set up for the task.",
    remedy:
      "Check serviceConnectConfiguration of the service: namespace, port names (they are those " +
      "of `portMappings`), and for TLS its certificate authority and role. ECS's message says " +
      "more.",
    quotesEcs: true,
  },
];

export const deploymentCauses: readonly KnownCause[] = [
  ...lifecycleHookCauses,
  ...loadBalancerCauses,
  ...serviceDiscoveryCauses,
];
