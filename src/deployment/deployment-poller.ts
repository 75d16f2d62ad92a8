// What the watch sees at one look, with as few reads as it takes. Two views are read beside each other, the service deployments and the
// classic list of the services; where one of them fails, the other goes on telling how the rollout fares.

import type { Clock } from "../clock.ts";
import type { OurDeployment, ServiceDeployment, Snapshot } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { type ApiHealth, createApiHealth, unreadOf } from "./api-health.ts";
import {
  identify,
  isNotOffered,
  lookAtServiceDeployments,
  lookAtServices,
  lookForNewer,
  type RolloutSource,
  serviceKey,
  snapshotOf,
} from "./describe-deployments.ts";

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
export function createEye(ports: EyePorts) {
  const { source, clock, reporter } = ports;
  const newer = createNewerView(ports);
  const classic = createApiHealth(clock);
  const newerOnes = createApiHealth(clock);
  const seen = new Set<string>();
  const noticeFailures = createFailureNotices(reporter);
  let services: ReadonlyMap<string, ObservedService> = new Map();
  let looks = 0;

  async function readServices(
    open: readonly Watched[],
    some: readonly Watched[],
    until: number,
  ): Promise<void> {
    const read = await classic.attempt(until, (options) =>
      lookAtServices(source, oursOf(some), options),
    );
    if (!read) services = new Map();
    else services = some === open ? read : new Map([...withoutThose(services, some), ...read]);
  }

  async function snapshot(ours: OurDeployment, until: number): Promise<Snapshot> {
    const unread = unreadOf([classic, ...newer.health]);
    const sight = { services, deployments: newer.deployments(), at: clock.now(), seen };
    const looked = snapshotOf(ours, { ...sight, unread: classic.failure && unread });
    const mine = looked.serviceDeployment;
    if (mine?.status !== "STOPPED") return looked;
    return {
      ...looked,
      newer: await newerOnes.attempt(until, (options) => lookForNewer(source, ours, mine, options)),
    };
  }

  return {
    /** One snapshot for each, in their order. No read outlasts `until` by more than some seconds. */
    async look(open: readonly Watched[], until: number): Promise<readonly Snapshot[]> {
      const every = looks++ % (open.length > severalServices ? 3 : 2) === 0;
      // Where the newer API is known to fail, the classic list does not wait for it to fail again.
      const early = newer.failure() ? readServices(open, open, until) : undefined;
      const [changed] = await Promise.all([newer.look(open, until), early]);
      if (!early)
        await readServices(
          open,
          newer.failure() || newer.isRefused() || every ? open : changed,
          until,
        );
      noticeFailures(classic.failure, newer.failure());
      return Promise.all(open.map(({ ours }) => snapshot(ours, until)));
    },
  };
}

/** A notice, once for each of the two views that fails while the other one can be read. */
function createFailureNotices(reporter: Reporter) {
  const noticed = new Set<string>();
  const notice = (view: string, text: string) => {
    if (!noticed.has(view)) reporter.notice(text);
    noticed.add(view);
  };
  return (services: Error | undefined, serviceDeployments: Error | undefined) => {
    if (serviceDeployments && !services)
      notice(
        "service deployments",
        `Service deployments cannot be read (${serviceDeployments.message}). As long as that is so, the verdict comes from the classic deployment list, which tells less.`,
      );
    if (services && !serviceDeployments)
      notice(
        "services",
        `Services cannot be read (${services.message}). As long as that is so, the verdict comes from the service deployment alone, without events, and what runs is not known.`,
      );
  };
}

/** The service deployments of our updates, and under which ARN ECS has recorded each. */
function createNewerView({ source, clock, reporter, identified }: EyePorts) {
  const listing = createApiHealth(clock);
  const describing = createApiHealth(clock);
  const asked = new Map<Watched, number>();
  let identifyUntil = clock.now() + identifyWithinMilliseconds;
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let refused = false;

  /** Those that were asked for least often come first, so that one which ECS is slow to list does not keep others waiting. */
  async function identifySome(open: readonly Watched[], until: number): Promise<void> {
    const unidentified = open.filter(({ ours }) => ours.serviceDeploymentArn === undefined);
    const times = (watched: Watched) => asked.get(watched) ?? 0;
    const some = unidentified
      .toSorted((one, other) => times(one) - times(other))
      .slice(0, identifiedAtOnce);
    if (some.length === 0 || clock.now() > identifyUntil) return;
    const found = await listing.attempt(until, (options) =>
      identify(source, oursOf(some), options),
    );
    if (!found) identifyUntil = clock.now() + identifyWithinMilliseconds; // ECS has not said that it has none
    for (const watched of some) {
      asked.set(watched, times(watched) + 1);
      const serviceDeploymentArn = found?.get(watched.ours.id);
      if (serviceDeploymentArn === undefined) continue;
      watched.ours = { ...watched.ours, serviceDeploymentArn };
      identified(watched.ours);
    }
  }

  function refuse(): void {
    refused = true;
    deployments = new Map();
    reporter.notice(
      "This role may not read service deployments, so the verdict comes from the classic deployment list, which tells less. Allow ecs:ListServiceDeployments, ecs:DescribeServiceDeployments and ecs:DescribeServiceRevisions.",
    );
  }

  return {
    health: [listing, describing] as readonly ApiHealth[],
    deployments: () => deployments,
    isRefused: () => refused,
    failure: () => (refused ? undefined : (describing.failure ?? listing.failure)),

    /** Says which of them have changed, or cannot be seen any more. */
    async look(open: readonly Watched[], until: number): Promise<readonly Watched[]> {
      if (refused) return [];
      const before = deployments;
      await identifySome(open, until);
      const read = await describing.attempt(until, (options) =>
        lookAtServiceDeployments(source, oursOf(open), options),
      );
      deployments = read ?? new Map();
      if ([listing, describing].some(({ failure }) => isNotOffered(failure))) refuse();
      return open.filter(({ ours: { serviceDeploymentArn: arn } }) => {
        if (arn === undefined) return false;
        const now = deployments.get(arn);
        return now === undefined || now.status !== before.get(arn)?.status;
      });
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
