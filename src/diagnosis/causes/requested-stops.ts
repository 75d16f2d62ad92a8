// Tasks that were stopped from outside: their stop code, or one fixed sentence, says so before anything else.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html (stopCode)

import { type KnownCause, says } from "./known-cause.ts";

const deregistered = /container instance deregistration forced/i;
const draining = /container[- ]instance\b.{0,80}\bDRAINING/i;
const maintenance = /performing maintenance on the underlying infrastructure/i;

const rows: readonly Omit<KnownCause, "precedence">[] = [
  {
    name: "normal-replacement",
    clues: says(/scaling activity initiated by \(?deployment/i),
    weight: "normal",
    cause: "ECS replaced the task, as deployments and scaling do.",
    next: "Nothing is to be done.",
  },
  {
    name: "stopped-by-user",
    clues: [
      { stopCode: "UserInitiated", without: [deregistered] },
      ...says(/task stopped by user/i),
    ],
    weight: "usual",
    cause: "Somebody stopped the task, by the console or a StopTask call.",
    next: "CloudTrail has who called StopTask; deploy again when they are done.",
  },
  {
    name: "spot-interrupted",
    clues: [
      { stopCode: "SpotInterruption" },
      ...says(/your spot task was interrupted|SpotInterruptionError/i),
    ],
    weight: "usual",
    cause: "AWS took the Spot capacity back on which the task ran.",
    next: "Deploy again. For tasks that must stay, give the service's capacity provider strategy a `base` on FARGATE.",
  },
  {
    name: "host-terminated",
    clues: [
      { stopCode: "TerminationNotice", without: [deregistered, draining, maintenance] },
      ...says(/host ec2 \(instance [^)]*\) (?:terminated|stopped)/i),
    ],
    weight: "usual",
    cause: "The EC2 instance under the task went away{instance}.",
    next: "The Auto Scaling group's activity history says why. Managed draining of the capacity provider lets tasks move first.",
  },
  {
    name: "instance-deregistered",
    clues: says(deregistered),
    weight: "usual",
    cause: "The container instance under the task was removed from the cluster by force.",
    next: "CloudTrail has who called DeregisterContainerInstance. Drain an instance first, then ECS moves its tasks; deploy again.",
  },
  {
    name: "instance-draining",
    clues: says(draining),
    weight: "usual",
    cause: "ECS moved the task away, because its container instance is set to DRAINING.",
    next: "Somebody, or the capacity provider's managed draining, takes the instance out of use. Deploy again when enough other instances are ACTIVE.",
  },
  {
    name: "aws-maintenance",
    clues: says(maintenance),
    weight: "usual",
    cause:
      "AWS replaced the host under the task (maintenance, or the retirement of a Fargate platform revision). The new version is not the reason.",
    next: "Deploy again.",
  },
];

export const askedToStop: readonly KnownCause[] = rows.map((row) => ({
  ...row,
  precedence: "stop-code",
}));
