// What the watch sees at one look, with as few reads as it takes.

import type { Clock } from "../clock.ts";
import type { ObservedService } from "../plan/observed.ts";
import type { Reporter } from "../report/reporter.ts";
import {
  chunks,
  identify,
  isNotOffered,
  lookAtServiceDeployments,
  lookAtServices,
  lookForNewer,
  type RolloutSource,
  snapshotOf,
} from "./look.ts";
import type { OurDeployment, ServiceDeployment, Snapshot } from "./snapshot.ts";

export interface EyePorts {
  readonly source: RolloutSource;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Told when ECS has recorded one of our deployments under its ARN. */
  readonly identified: (deployment: OurDeployment) => void;
}

/** A deployment that is watched; the eye fills in its ARN as soon as ECS lists it. */
export interface Watched {
  ours: OurDeployment;
}

/** ECS records a service deployment within seconds; after this the classic list is all there is. */
const identifyWithinMilliseconds = 60_000;

/** One call each, and the account shares a burst of 50 and 20 a second after it (FACTS H1). */
const identifiedAtOnce = 10;

/**
 * Reads as little as it can: the service deployments at every look, for they hold the verdict and the counts; the services
 * (events, classic deployments) at every second one, when a status changed, and always where the classic list is all there is.
 */
export function createEye({ source, clock, reporter, identified }: EyePorts) {
  const startedAt = clock.now();
  const seen = new Set<string>();
  let services: ReadonlyMap<string, ObservedService> = new Map();
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let classicOnly = false;
  let looks = 0;

  async function lookAtNewApi(open: readonly Watched[]): Promise<boolean> {
    if (classicOnly) return false;
    const before = deployments;
    try {
      if (clock.now() - startedAt <= identifyWithinMilliseconds) await identifyAll(open);
      deployments = await lookAtServiceDeployments(source, oursOf(open));
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      classicOnly = true;
      deployments = new Map();
      reporter.notice(
        "This role may not read service deployments, so the verdict comes from the classic deployment list, which tells less. Allow ecs:ListServiceDeployments, ecs:DescribeServiceDeployments and ecs:DescribeServiceRevisions.",
      );
    }
    return [...deployments.values()].some(({ arn, status }) => before.get(arn)?.status !== status);
  }

  async function identifyAll(open: readonly Watched[]): Promise<void> {
    const unidentified = open.filter(({ ours }) => ours.serviceDeploymentArn === undefined);
    for (const some of chunks(unidentified, identifiedAtOnce)) await Promise.all(some.map(identifyOne));
  }

  async function identifyOne(watched: Watched): Promise<void> {
    const serviceDeploymentArn = await identify(source, watched.ours);
    if (serviceDeploymentArn === undefined) return;
    watched.ours = { ...watched.ours, serviceDeploymentArn };
    identified(watched.ours);
  }

  async function snapshot(ours: OurDeployment): Promise<Snapshot> {
    const looked = snapshotOf(ours, { services, deployments, at: clock.now(), seen });
    const mine = looked.serviceDeployment;
    return mine?.status === "STOPPED" ? { ...looked, newer: await lookForNewer(source, ours, mine) } : looked;
  }

  return {
    /** One snapshot for each, in their order. */
    async look(open: readonly Watched[]): Promise<readonly Snapshot[]> {
      const changed = await lookAtNewApi(open);
      const unseen = open.some(({ ours }) => !deployments.has(ours.serviceDeploymentArn ?? ""));
      if (changed || unseen || looks++ % 2 === 0) services = await lookAtServices(source, oursOf(open));
      return Promise.all(open.map(({ ours }) => snapshot(ours)));
    },
  };
}

function oursOf(watched: readonly Watched[]): readonly OurDeployment[] {
  return watched.map(({ ours }) => ours);
}
