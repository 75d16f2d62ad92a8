// What the watch reads at one poll, with as few calls as possible. It reads two views at the same
// time, the service deployments and the classic list of the services; if one of them fails, the
// other still shows the state of the rollout.

import type { Clock } from "../clock.ts";
import type { DeploymentSnapshot, OwnDeployment, ServiceDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { AnsweredHook } from "../ecs/paused-hook.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { type ApiHealth, createApiHealth, readFailureOf } from "./api-health.ts";
import {
  describeServiceDeployments,
  describeServicesByCluster,
  findNewerDeployments,
  findServiceDeployments,
  isUnsupported,
  type RolloutSource,
  serviceKey,
  snapshotOf,
} from "./describe-deployments.ts";

export interface PollerPorts {
  readonly source: RolloutSource;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Called after the ARN of one of these deployments was found and stored in its holder. */
  readonly onIdentified: (deployment: OwnDeployment) => void;
}

/**
 * The holder of a deployment that is watched: the poller stores the ARN in it as soon as ECS lists
 * the deployment.
 */
export interface TrackedDeployment {
  deployment: OwnDeployment;
  /** A PAUSE hook that this run answered; ECS may show it as waiting for a moment. */
  readonly answered: Pick<AnsweredHook, "hookId"> | undefined;
}

/**
 * ECS records a service deployment within seconds; after this time only the classic list is read.
 */
const arnSearchMilliseconds = 60_000;

/** One call each; the account shares a burst of 50, refilled at 20 per second. */
const maxArnSearchesPerPoll = 10;

/** From this number on, the events of the services are read less often. */
const manyServices = 10;

/**
 * Reads as little as possible. The service deployments at every poll, because they have the verdict
 * and the counts. The services (events, classic deployments) at every second or third poll; those
 * whose status changed, at once; and all of them at every poll where only the classic list is
 * available.
 */
export function createPoller(ports: PollerPorts) {
  const { source, clock, reporter } = ports;
  const serviceDeployments = createServiceDeploymentReader(ports);
  const classic = createApiHealth(clock);
  const newerDeployments = createApiHealth(clock);
  const seen = new Set<string>();
  const noticeFailures = createFailureNotices(reporter);
  let services: ReadonlyMap<string, ObservedService> = new Map();
  let polls = 0;

  async function readServices(
    open: readonly TrackedDeployment[],
    subset: readonly TrackedDeployment[],
    until: number,
  ): Promise<void> {
    const read = await classic.attempt(until, (options) =>
      describeServicesByCluster(source, ownDeploymentsOf(subset), options),
    );
    if (!read) services = new Map();
    else
      services = subset === open ? read : new Map([...excludeServices(services, subset), ...read]);
  }

  async function snapshot(own: OwnDeployment, until: number): Promise<DeploymentSnapshot> {
    const readFailure = readFailureOf([classic, ...serviceDeployments.health]);
    const result = {
      services,
      deployments: serviceDeployments.deployments(),
      at: clock.now(),
      seen,
    };
    const current = snapshotOf(own, { ...result, readFailure: classic.failure && readFailure });
    const ownServiceDeployment = current.serviceDeployment;
    if (ownServiceDeployment?.status !== "STOPPED") return current;
    return {
      ...current,
      newer: await newerDeployments.attempt(until, (options) =>
        findNewerDeployments(source, own, ownServiceDeployment, options),
      ),
    };
  }

  return {
    /**
     * One snapshot each, in the same order. No read takes longer than `until` plus some seconds.
     */
    async poll(
      open: readonly TrackedDeployment[],
      until: number,
    ): Promise<readonly DeploymentSnapshot[]> {
      const isFullPoll = polls++ % (open.length > manyServices ? 3 : 2) === 0;
      // Where the newer API is known to fail, read the classic list without waiting for that
      // failure.
      const earlyRead = serviceDeployments.failure() ? readServices(open, open, until) : undefined;
      const [changed] = await Promise.all([serviceDeployments.poll(open, until), earlyRead]);
      if (!earlyRead)
        await readServices(
          open,
          serviceDeployments.failure() || serviceDeployments.isUnsupported() || isFullPoll
            ? open
            : changed,
          until,
        );
      noticeFailures(classic.failure, serviceDeployments.failure());
      return Promise.all(open.map(({ deployment }) => snapshot(deployment, until)));
    },
  };
}

/** One notice for each of the two views that fails while the other one can be read. */
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
        `Service deployments cannot be read (${serviceDeployments.message}). Until they can, ` +
          "the verdict comes from the classic deployment list, which has less detail.",
      );
    if (services && !serviceDeployments)
      notice(
        "services",
        `Services cannot be read (${services.message}). Until they can, the verdict comes from ` +
          "the service deployment alone: events and running revisions are unknown.",
      );
  };
}

const unsupportedNotice =
  "This role may not read service deployments, so the verdict comes from the classic " +
  "deployment list, which has less detail. Allow ecs:ListServiceDeployments, " +
  "ecs:DescribeServiceDeployments and ecs:DescribeServiceRevisions.";

/** The service deployments of our updates, and the ARN under which ECS has recorded each. */
function createServiceDeploymentReader({ source, clock, reporter, onIdentified }: PollerPorts) {
  const listing = createApiHealth(clock);
  const describing = createApiHealth(clock);
  const searchCounts = new Map<TrackedDeployment, number>();
  let identifyUntil = clock.now() + arnSearchMilliseconds;
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let unsupported = false;

  /**
   * Those with the fewest searches come first, so that one which ECS is slow to list does not delay
   * the others.
   */
  async function findMissingArns(open: readonly TrackedDeployment[], until: number): Promise<void> {
    const unidentified = open.filter(
      ({ deployment }) => deployment.serviceDeploymentArn === undefined,
    );
    const searchCount = (tracked: TrackedDeployment) => searchCounts.get(tracked) ?? 0;
    const batch = unidentified
      .toSorted((a, b) => searchCount(a) - searchCount(b))
      .slice(0, maxArnSearchesPerPoll);
    if (batch.length === 0 || clock.now() > identifyUntil) return;
    const found = await listing.attempt(until, (options) =>
      findServiceDeployments(source, ownDeploymentsOf(batch), options),
    );
    // ECS has not confirmed that there is none
    if (!found) identifyUntil = clock.now() + arnSearchMilliseconds;
    for (const tracked of batch) {
      searchCounts.set(tracked, searchCount(tracked) + 1);
      const serviceDeploymentArn = found?.get(tracked.deployment.id);
      if (serviceDeploymentArn === undefined) continue;
      tracked.deployment = { ...tracked.deployment, serviceDeploymentArn };
      onIdentified(tracked.deployment);
    }
  }

  function markUnsupported(): void {
    unsupported = true;
    deployments = new Map();
    reporter.notice(unsupportedNotice);
  }

  return {
    health: [listing, describing] as readonly ApiHealth[],
    deployments: () => deployments,
    isUnsupported: () => unsupported,
    failure: () => {
      if (unsupported) return undefined;
      return describing.failure ?? listing.failure;
    },

    /** Returns those that have changed, or cannot be read any more. */
    async poll(
      open: readonly TrackedDeployment[],
      until: number,
    ): Promise<readonly TrackedDeployment[]> {
      if (unsupported) return [];
      const before = deployments;
      await findMissingArns(open, until);
      const read = await describing.attempt(until, (options) =>
        describeServiceDeployments(source, ownDeploymentsOf(open), options),
      );
      deployments = read ?? new Map();
      if ([listing, describing].some(({ failure }) => isUnsupported(failure))) markUnsupported();
      return open.filter(({ deployment: { serviceDeploymentArn: arn } }) => {
        if (arn === undefined) return false;
        const now = deployments.get(arn);
        return now === undefined || now.status !== before.get(arn)?.status;
      });
    },
  };
}

function ownDeploymentsOf(tracked: readonly TrackedDeployment[]): readonly OwnDeployment[] {
  return tracked.map(({ deployment }) => deployment);
}

/** A service that was searched for and not found must not stay in the cache. */
function excludeServices(
  services: ReadonlyMap<string, ObservedService>,
  excluded: readonly TrackedDeployment[],
) {
  const keys = new Set(excluded.map(({ deployment }) => serviceKey(deployment)));
  return [...services].filter(([key]) => !keys.has(key));
}
