// What the watch sees at one look, with as few reads as it takes.

import type { Clock } from "../clock.ts";
import type { ObservedService } from "../plan/observed.ts";
import type { Reporter } from "../report/reporter.ts";
import {
  identify,
  isNotOffered,
  lookAtServiceDeployments,
  lookAtServices,
  lookForNewer,
  type RolloutSource,
  serviceKey,
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

/** One call each, and the account shares a burst of 50 and 20 a second after it. */
const identifiedAtOnce = 10;

/** From so many on, the events of all of them are worth a look less often. */
const severalServices = 10;

/**
 * Reads as little as it can. The service deployments at every look, for they hold the verdict and the counts. The services (events,
 * classic deployments) at every second or third one, those whose status changed at once, and all of them always where the classic
 * list is all there is.
 */
export function createEye({ source, clock, reporter, identified }: EyePorts) {
  const startedAt = clock.now();
  const seen = new Set<string>();
  const asked = new Map<Watched, number>();
  let services: ReadonlyMap<string, ObservedService> = new Map();
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let classicOnly = false;
  let looks = 0;

  /** Says which of them have changed, or cannot be seen any more. */
  async function lookAtNewApi(open: readonly Watched[]): Promise<readonly Watched[]> {
    if (classicOnly) return [];
    const before = deployments;
    try {
      if (clock.now() - startedAt <= identifyWithinMilliseconds) await identifySome(open);
      deployments = await lookAtServiceDeployments(source, oursOf(open));
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      classicOnly = true;
      deployments = new Map();
      reporter.notice(
        "This role may not read service deployments, so the verdict comes from the classic deployment list, which tells less. Allow ecs:ListServiceDeployments, ecs:DescribeServiceDeployments and ecs:DescribeServiceRevisions.",
      );
    }
    return open.filter(({ ours: { serviceDeploymentArn: arn } }) => {
      if (arn === undefined) return false;
      const now = deployments.get(arn);
      return now === undefined || now.status !== before.get(arn)?.status;
    });
  }

  /** Those that were asked for least often come first, so that one which ECS is slow to list does not keep others waiting. */
  async function identifySome(open: readonly Watched[]): Promise<void> {
    const unidentified = open.filter(({ ours }) => ours.serviceDeploymentArn === undefined);
    const times = (watched: Watched) => asked.get(watched) ?? 0;
    const some = unidentified.toSorted((one, other) => times(one) - times(other)).slice(0, identifiedAtOnce);
    if (some.length === 0) return;
    const found = await identify(source, oursOf(some));
    for (const watched of some) {
      asked.set(watched, times(watched) + 1);
      const serviceDeploymentArn = found.get(watched.ours.id);
      if (serviceDeploymentArn === undefined) continue;
      watched.ours = { ...watched.ours, serviceDeploymentArn };
      identified(watched.ours);
    }
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
      const whole = classicOnly || looks++ % (open.length > severalServices ? 3 : 2) === 0;
      const read = await lookAtServices(source, oursOf(whole ? open : changed));
      services = whole ? read : new Map([...withoutThose(services, changed), ...read]);
      return Promise.all(open.map(({ ours }) => snapshot(ours)));
    },
  };
}

function oursOf(watched: readonly Watched[]): readonly OurDeployment[] {
  return watched.map(({ ours }) => ours);
}

/** A service that was looked for and not found must not live on in what we remember. */
function withoutThose(services: ReadonlyMap<string, ObservedService>, those: readonly Watched[]) {
  const keys = new Set(those.map(({ ours }) => serviceKey(ours)));
  return [...services].filter(([key]) => !keys.has(key));
}
