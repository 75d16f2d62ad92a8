// Service events, with AWS's texts. Newest first, a hundred are kept for readers.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html

import type { EcsState, RevisionState, ServiceState, TaskState } from "./state.ts";

const maxEvents = 100;

export function addEvent(world: EcsState, service: ServiceState, text: string): void {
  const event = {
    id: world.ids.uuid(),
    createdAt: new Date(world.clock.now()),
    message: `(service ${service.name}${text}`,
  };
  service.events = [event, ...service.events].slice(0, maxEvents);
}

const tasksOf = (tasks: readonly TaskState[]) => tasks.map((task) => `(task ${task.id})`).join(" ");

export const events = {
  started: (tasks: readonly TaskState[]) =>
    `) has started ${tasks.length} tasks: ${tasksOf(tasks)}.`,
  stopped: (tasks: readonly TaskState[]) =>
    `) has stopped ${tasks.length} running tasks: ${tasksOf(tasks)}.`,
  draining: (revision: RevisionState, tasks: readonly TaskState[]) =>
    `, taskSet ${revision.classicId}) has begun draining connections on ${tasks.length} tasks.`,
  registered: (targetGroup: string) => `) registered 1 targets in (target-group ${targetGroup})`,
  deregistered: (count: number, targetGroup: string) =>
    `) deregistered ${count} targets in (target-group ${targetGroup})`,
  completed: (revision: RevisionState) =>
    `) (deployment ${revision.classicId}) deployment completed.`,
  failed: (revision: RevisionState, why: string) =>
    `) (deployment ${revision.classicId}) deployment failed: ${why}`,
  rollingBack: (revision: RevisionState) => `) rolling back to deployment ${revision.classicId}.`,
  noCandidate: (revision: RevisionState) =>
    `) Deployment [${revision.classicId}] rollback has failed. No rollback candidate was found ` +
    "to run the rollback.",
  steady: () => ") has reached a steady state.",
  cannotPlace: (reason: string) =>
    `) was unable to place a task. Reason: ${reason.replace(/\.?$/, ".")}`,
  throttled: () =>
    ") is unable to consistently start tasks successfully. For more information, see the " +
    "Troubleshooting section of the Amazon ECS Developer Guide.",
  stuck: () =>
    ") was unable to stop or start tasks during a deployment because of the service deployment " +
    "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
  unhealthyContainer: (task: TaskState) => `) (task ${task.id}) failed container health checks.`,
  unhealthyTarget: (task: TaskState, targetGroup: string) =>
    `) (task ${task.id}) is unhealthy in (target-group ${targetGroup}) due to (reason Health ` +
    "checks failed).",
} as const;
