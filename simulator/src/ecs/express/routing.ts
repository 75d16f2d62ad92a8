// Which task answers a request to an Express Mode service: by the weights of the listener rule,
// then in turn.

import type { EcsState, RevisionState, ServiceState } from "../state.ts";
import { healthyTasks } from "../task-counts.ts";
import { watchAlarm } from "./alarm.ts";
import { portOf } from "./definition.ts";
import type { ExpressState } from "./state.ts";

export interface ExpressRoute {
  readonly address: string;
  readonly port: number;
  /** The task's own answer, which RollbackAlarm counts. */
  answered(status: number): void;
}

/** Multiples of it, modulo 1, fill [0, 1) evenly: 5 % is 5 % after a few requests already. */
const goldenShare = 0.618_033_988_749_895;
/** Reported: 950/50, with nothing behind the larger share. */
const lostWhenSplit = 0.95;

/** undefined: no healthy target is behind the group that the request went to. */
export function routeRequest(world: EcsState, service: ServiceState): ExpressRoute | undefined {
  const { express } = service;
  if (!express || service.status !== "ACTIVE") return undefined;
  const turn = express.requests++;
  const share = (turn * goldenShare) % 1;
  if (express.isSplit && share < lostWhenSplit) return undefined;
  const revision = pickRevision(service, share);
  const targets = revision ? healthyTasks(revision).filter(({ address }) => address) : [];
  const task = targets[turn % targets.length];
  if (!revision || !task?.address) return undefined;
  return {
    address: task.address,
    port: portOf(revision.taskDefinition.definition),
    answered(status) {
      count(express, revision, status);
      watchAlarm(world, service);
    },
  };
}

function pickRevision(service: ServiceState, share: number): RevisionState | undefined {
  const weighted = service.revisions.map((revision) => ({
    revision,
    weight: revision.weights?.production ?? (revision === service.primary ? 100 : 0),
  }));
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  let rest = share * total;
  for (const { revision, weight } of weighted) {
    if (rest < weight) return revision;
    rest -= weight;
  }
  return undefined;
}

function count({ alarm }: ExpressState, revision: RevisionState, status: number): void {
  const counts = alarm.counts.get(revision) ?? { requests: 0, client: 0, server: 0 };
  counts.requests++;
  if (status >= 400 && status < 500) counts.client++;
  if (status >= 500) counts.server++;
  alarm.counts.set(revision, counts);
}
