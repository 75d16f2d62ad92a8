// The deployment as a whole: lifecycle hooks, load balancers of blue/green deployments, service discovery.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html

import { type KnownCause, refused, says, throttled } from "./known-cause.ts";

const hooksFailed = /lifecycle hook\(s\) failed|hook execution failure/i;
const notInvoked = /unable to invoke hook target/i;
const hookRole = /ECS was unable to assume role/i;
const badAnswer = /unable to parse the response from|HookStatus must not be null/i;
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

const hooks: readonly KnownCause[] = [
  {
    name: "hook-failed",
    clues: [{ text: [hooksFailed], without: [notInvoked, hookRole, badAnswer, elbAction] }],
    weight: "strong",
    cause: "A lifecycle hook of the service said no, or failed{hookTarget}.",
    next: "{HookStep}",
  },
  {
    name: "hook-not-allowed",
    clues: says(notInvoked, refused),
    weight: "strong",
    cause:
      "ECS may not call the Lambda function of a lifecycle hook{hookTarget}: {role} lacks {action}. The function has not run.",
    next: "Allow {action} on the function to the role that the hook names as `roleArn`.",
  },
  {
    name: "hook-not-called",
    clues: [{ text: [notInvoked], without: [refused] }],
    weight: "strong",
    cause:
      "ECS could not call the Lambda function of a lifecycle hook{hookTarget}. The function has not run.",
    next: "ECS's words say why: check that the function exists in this region, is active, and is not throttled (reserved concurrency).",
    quoted: true,
  },
  {
    name: "hook-role-not-assumed",
    clues: says(hookRole),
    weight: "strong",
    cause:
      "ECS may not use {role}, the role of a lifecycle hook, so the hook's function has not run.",
    next: "The role's trust policy must let the principal ecs.amazonaws.com do sts:AssumeRole; check `roleArn` of the hook.",
  },
  {
    name: "hook-answer-invalid",
    clues: says(badAnswer),
    weight: "strong",
    cause:
      "The Lambda function of a lifecycle hook{hookTarget} gave no valid answer: it ended in an error or ran out of its time, or `hookStatus` is missing.",
    next: 'Let it return {"hookStatus": "SUCCEEDED"}, "FAILED" or "IN_PROGRESS", and finish within its own timeout. Its log is in CloudWatch Logs, {hookLog}.',
  },
];

const loadBalancers: readonly KnownCause[] = [
  {
    name: "load-balancer-role-refused",
    clues: [{ text: [elbAction, refused], without: [notInvoked] }],
    weight: "strong",
    cause: "{Role} may not do {action}, so ECS cannot manage the load balancer.",
    next: "Allow {action} to that role: the infrastructure role has it by AmazonECSInfrastructureRolePolicyForLoadBalancers, a service role by AmazonEC2ContainerServiceRole.",
  },
  {
    name: "load-balancer-role-not-assumed",
    clues: [{ text: [elbRole], without: [elbAction] }],
    weight: "strong",
    cause:
      "ECS may not use {role}, the infrastructure role for the load balancer, or the role lacks permissions.",
    next: "The role's trust policy must let the principal ecs.amazonaws.com do sts:AssumeRole, and the role needs the managed policy AmazonECSInfrastructureRolePolicyForLoadBalancers.",
  },
  {
    name: "load-balancer-api-failed",
    clues: [
      {
        text: [/failed to describe target health|failed to (?:de)?register targets/i],
        without: [refused, /lattice/i, /not ?found/i],
      },
    ],
    weight: "weak",
    cause: "The load balancer's API answered ECS with an error.",
    next: "ECS tries again by itself. If it stays, ECS's words name the error; the AWS Health Dashboard knows more.",
    quoted: true,
  },
  {
    name: "target-group-unusable",
    clues: says(noTargetGroup),
    weight: "strong",
    cause: "The service's target group is gone, or no load balancer uses it{targetGroup}.",
    next: "Attach the target group to a listener of the load balancer, or correct the service's loadBalancers (EC2 console → Target groups).",
  },
  {
    name: "listener-splits-traffic",
    clues: says(splitTraffic),
    weight: "strong",
    cause:
      "The listener rule sends traffic to two target groups, and a deployment of this kind must begin with one.",
    next: "Set the weight of the target group that is not in use to 0 in the production listener rule, and deploy again.",
  },
  {
    name: "listener-serves-others",
    clues: says(foreignTarget),
    weight: "strong",
    cause:
      "The production listener rule sends traffic to a target group that is not one of the service's two.",
    next: "Let the rule forward to targetGroupArn or alternateTargetGroupArn of the service, or correct the service's loadBalancers.",
  },
  {
    name: "networking-invalid",
    clues: [
      {
        text: [networking],
        without: [elbRole, elbAction, splitTraffic, foreignTarget, noTargetGroup],
      },
    ],
    weight: "strong",
    cause: "The load balancer is not set up for this kind of deployment.",
    next: "Target group and alternate target group must both hang on the listener rules that the service names.",
  },
  {
    name: "percents-leave-no-room",
    clues: says(
      /unable to stop or start tasks during a deployment because of the service deployment configuration/i,
    ),
    weight: "strong",
    cause:
      "The rollout cannot move: minimumHealthyPercent forbids to stop an old task, and maximumPercent forbids to start a new one.",
    next: "Let maximumPercent be 200, or minimumHealthyPercent below 100: together they must leave room for at least one task.",
  },
];

const discovery: readonly KnownCause[] = [
  {
    name: "discovery-refused",
    clues: says(/servicediscovery:[A-Z]\w+|route53:[A-Z]\w+/, refused),
    weight: "strong",
    cause: "ECS may not register the task in service discovery (Cloud Map): {action} is refused.",
    next: "Check that the role AWSServiceRoleForECS exists and no service control policy forbids {action}.",
  },
  {
    name: "discovery-throttled",
    clues: [{ text: [registry, throttled], without: [refused] }],
    weight: "usual",
    cause: "Cloud Map throttled ECS while tasks were registered in service discovery.",
    next: "Deploy again, with fewer tasks at a time (maximumPercent); ask for more in Service Quotas (AWS Cloud Map).",
  },
  {
    name: "discovery-failed",
    precedence: "class",
    clues: [{ text: [registry, trouble], without: [throttled] }],
    weight: "usual",
    cause: "ECS could not register the task in service discovery (Cloud Map).",
    next: "Check the service's serviceRegistries: the Cloud Map service exists, and containerName and containerPort fit its record type (SRV needs a port). ECS's words say more.",
    quoted: true,
  },
  {
    name: "lattice-refused",
    clues: says(/vpc-lattice:[A-Z]\w+/, refused),
    weight: "strong",
    cause: "{Role}, the infrastructure role, may not register the task in VPC Lattice ({action}).",
    next: "Attach the managed policy AmazonECSInfrastructureRolePolicyForVpcLattice to it.",
  },
  {
    name: "lattice-failed",
    precedence: "class",
    clues: [{ text: [lattice, trouble], without: [/unhealthy|not healthy/i] }],
    weight: "usual",
    cause: "ECS could not register the task in VPC Lattice.",
    next: "Check vpcLatticeConfigurations of the service: target group, port name and infrastructure role. ECS's words say more.",
    quoted: true,
  },
  {
    name: "service-connect-failed",
    precedence: "class",
    clues: [{ text: [serviceConnect, trouble], without: [registry] }],
    weight: "usual",
    cause: "Service Connect could not be set up for the task.",
    next: "Check serviceConnectConfiguration of the service: namespace, port names (they are those of `portMappings`), and for TLS its certificate authority and role. ECS's words say more.",
    quoted: true,
  },
];

export const deployments: readonly KnownCause[] = [...hooks, ...loadBalancers, ...discovery];
