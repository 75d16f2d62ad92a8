// RollbackAlarm: the CloudWatch alarm that ECS makes for each Express Mode service. Its value is
// the share of 4XX and 5XX in each target group's requests, its states go by one-minute points.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html

import type { EcsState, RevisionState, ServiceState } from "../state.ts";
import { ongoingRollout, runningTasks } from "../task-counts.ts";
import type { AnswerCounts, ExpressState } from "./state.ts";

/** Percent: more than this breaches. */
const threshold = 1;
const pointsKept = 3;
const pointsToAlarm = 2;
/** Fewer than this of one class in a minute count as none. */
const leastErrors = 5;

export const rollbackAlarm = (cluster: string, service: string) =>
  `${cluster}/${service}/RollbackAlarm`;

/** Looks at the service at the end of each minute, as long as something may change. */
export function watchAlarm(world: EcsState, service: ServiceState): void {
  const { express } = service;
  if (!express || express.alarm.isWatched) return;
  express.alarm.isWatched = true;
  world.clock.schedule(world.timing.minute, () => endMinute(world, service, express));
}

function endMinute(world: EcsState, service: ServiceState, { alarm, ...express }: ExpressState) {
  alarm.isWatched = false;
  if (service.status !== "ACTIVE") return;
  const isBreaching = service.revisions.some(
    (one) =>
      isServing(service, one) && errorPercent(one, { alarm, errors: express.errors }) > threshold,
  );
  alarm.points = [...alarm.points, isBreaching].slice(-pointsKept);
  alarm.counts.clear();
  const inAlarm = alarm.points.filter((one) => one).length >= pointsToAlarm;
  const name = rollbackAlarm(service.cluster.name, service.name);
  // One that a scenario raised is the scenario's.
  if (inAlarm) world.alarms.add(name);
  else if (alarm.isRaised) world.alarms.delete(name);
  if (inAlarm && !alarm.isRaised) world.wake(service, world.timing.reaction);
  alarm.isRaised = inAlarm;
  if (ongoingRollout(service) || alarm.points.includes(true)) watchAlarm(world, service);
}

/** Has tasks, and a share of the traffic. */
function isServing(service: ServiceState, revision: RevisionState): boolean {
  const isTarget =
    revision.weights === undefined ? revision === service.primary : revision.weights.production > 0;
  return isTarget && runningTasks(revision) > 0;
}

function errorPercent(
  revision: RevisionState,
  { alarm, errors }: Pick<ExpressState, "alarm" | "errors">,
): number {
  const { family, revision: number } = revision.taskDefinition;
  const scripted = errors.get(`${family}:${number}`) ?? 0;
  const counts = alarm.counts.get(revision);
  return counts ? Math.max(scripted, countedPercent(counts, runningTasks(revision))) : scripted;
}

/** The denominator is requests per target: more tasks overstate the share. Reported. */
function countedPercent({ requests, client, server }: AnswerCounts, tasks: number): number {
  const errors = [client, server]
    .filter((count) => count >= leastErrors)
    .reduce((sum, count) => sum + count, 0);
  return requests === 0 ? 0 : (errors / (requests / Math.max(1, tasks))) * 100;
}
