// Tasks that run, but fail their health checks.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-unhealthy-event-messages.html

import { type KnownCause, textMatches } from "./known-cause.ts";

const proxyContainer = /^ecs-service-connect-/;
const checkFailed = /failed container health checks/i;

export const healthCauses: readonly KnownCause[] = [
  {
    name: "target-unhealthy",
    patterns: [
      {
        text: [
          /failed ELB health checks|is (?:unhealthy|not healthy) in \(?(?:target-group|elb)\b/i,
        ],
        notText: [/TARGET (?:GROUP )?IS NOT FOUND/i],
      },
    ],
    priority: "usual",
    cause: "The task runs, but the load balancer health check fails{targetGroup}{healthReason}.",
    remedy:
      "Check the target group's health check (path, port, success codes), that the load " +
      "balancer's security group reaches the container's port, that the server listens on " +
      "0.0.0.0, and whether healthCheckGracePeriodSeconds is long enough for its start.",
  },
  {
    name: "target-not-registered",
    patterns: textMatches(/TARGET IS NOT FOUND/i),
    priority: "usual",
    cause: "The task is not (or no longer) registered with the load balancer{targetGroup}.",
    remedy:
      "See who else registers and deregisters targets in this target group: it must belong to " +
      "this service alone. Then deploy again.",
  },
  {
    name: "lattice-target-unhealthy",
    patterns: textMatches(/lattice/i, /unhealthy|not healthy/i),
    priority: "usual",
    cause: "The task runs, but the VPC Lattice health check fails.",
    remedy:
      "Check the health check of the VPC Lattice target group (path, port, success codes), and " +
      "that the task's security group lets VPC Lattice in.",
  },
  {
    name: "registry-instance-unhealthy",
    patterns: textMatches(
      /(?:unhealthy|not healthy) in \(?(?:service[- ])?registr|service[- ]registry .{0,160}unhealthy/i,
    ),
    priority: "usual",
    cause: "The task runs, but service discovery (Cloud Map) reports it as unhealthy.",
    remedy: "Check the container's `healthCheck` and the health check of the Cloud Map service.",
  },
  {
    name: "service-connect-proxy-unhealthy",
    patterns: [
      { text: [checkFailed], container: proxyContainer },
      { unhealthy: true, container: proxyContainer },
    ],
    priority: "usual",
    cause: "{Container} runs, but is UNHEALTHY, and ECS does not let a task go on without it.",
    remedy:
      "ECS adds this proxy to the tasks of a service with Service Connect, and it needs about " +
      "256 CPU units and 64 MiB of the task's own: raise `cpu` and `memory` of the task. Give " +
      "serviceConnectConfiguration a logConfiguration to see its log; on EC2 update the ECS " +
      "agent or replace the instance.",
  },
  {
    name: "container-unhealthy",
    patterns: [
      { text: [checkFailed], notText: [/ecs-service-connect-/], notContainer: proxyContainer },
      { unhealthy: true, notContainer: proxyContainer },
    ],
    priority: "usual",
    cause: "{Container} runs, but its health check does not pass.",
    remedy:
      "Check `healthCheck` in the task definition: its command (curl, wget) must be in the " +
      "image and exit with 0, and startPeriod be long enough for the start.",
  },
];
