// Tasks that were stopped by a request: their stop code, or one fixed sentence, takes precedence
// over everything else. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
// (stopCode)

import { type KnownCause, textMatches } from "./known-cause.ts";

const deregistered = /container instance deregistration forced/i;
const draining = /container[- ]instance\b.{0,80}\bDRAINING/i;
const maintenance = /performing maintenance on the underlying infrastructure/i;

const requestedStopRows: readonly Omit<KnownCause, "precedence">[] = [
  {
    name: "normal-replacement",
    patterns: textMatches(/scaling activity initiated by \(?deployment/i),
    priority: "normal",
    cause: "ECS replaced the task, as deployments and scaling do.",
    remedy: "No action is needed.",
  },
  {
    name: "stopped-by-user",
    patterns: [
      { stopCode: "UserInitiated", notText: [deregistered] },
      ...textMatches(/task stopped by user/i),
    ],
    priority: "usual",
    cause: "Another user or process stopped the task, in the console or by a StopTask call.",
    remedy: "CloudTrail shows who called StopTask; deploy again when they are done.",
  },
  {
    name: "spot-interrupted",
    patterns: [
      { stopCode: "SpotInterruption" },
      ...textMatches(/your spot task was interrupted|SpotInterruptionError/i),
    ],
    priority: "usual",
    cause: "The task was interrupted: AWS reclaimed its Spot capacity.",
    remedy:
      "Deploy again. For tasks that must stay, give the service's capacity provider strategy a " +
      "`base` on FARGATE.",
  },
  {
    name: "host-terminated",
    patterns: [
      { stopCode: "TerminationNotice", notText: [deregistered, draining, maintenance] },
      ...textMatches(/host ec2 \(instance [^)]*\) (?:terminated|stopped)/i),
    ],
    priority: "usual",
    cause: "The EC2 instance that ran the task is gone{instance}.",
    remedy:
      "The Auto Scaling group's activity history says why. Managed draining of the capacity " +
      "provider lets tasks move first.",
  },
  {
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_health_events.html
    name: "instance-impaired",
    patterns: [
      { stopCode: "InfrastructureHealth", notText: [deregistered, draining, maintenance] },
    ],
    priority: "usual",
    cause:
      "ECS stopped the task because the container instance under it is impaired{instance}. The " +
      "new version is not the reason.",
    remedy:
      "Deploy again: ECS replaces impaired Managed Instances. If it happens again, ECS's message " +
      "and the health status in `aws ecs describe-container-instances` (include " +
      "CONTAINER_INSTANCE_HEALTH) show which check of the instance fails: container runtime, " +
      "accelerated device or daemon.",
    quotesEcs: true,
  },
  {
    name: "instance-deregistered",
    patterns: textMatches(deregistered),
    priority: "usual",
    cause: "The container instance under the task was removed from the cluster by force.",
    remedy:
      "CloudTrail shows who called DeregisterContainerInstance. Drain an instance first, then " +
      "ECS moves its tasks; deploy again.",
  },
  {
    name: "instance-draining",
    patterns: textMatches(draining),
    priority: "usual",
    cause: "ECS stopped the task because its container instance is set to DRAINING.",
    remedy:
      "A user, or the capacity provider's managed draining, takes the instance out of service. " +
      "Deploy again when enough other instances are ACTIVE.",
  },
  {
    name: "aws-maintenance",
    patterns: textMatches(maintenance),
    priority: "usual",
    cause:
      "AWS replaced the host under the task (maintenance, or the retirement of a Fargate " +
      "platform revision). The new version is not the reason.",
    remedy: "Deploy again.",
  },
];

export const requestedStops: readonly KnownCause[] = requestedStopRows.map((cause) => ({
  ...cause,
  precedence: "stop-code",
}));
