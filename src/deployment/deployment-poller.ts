// What the watch sees at one look, with as few reads as it takes. Two views are read beside each
// other, the service deployments and the classic list of the services; where one of them fails, the
// other goes on telling how the rollout fares.

import type { Clock } from "../clock.ts";
import type { DeploymentSnapshot, OwnDeployment, ServiceDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
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
  /** Called after the ARN of one of these deployments was found and written into its holder. */
  readonly onIdentified: (deployment: OwnDeployment) => void;
}

/**
 * The holder of a deployment that is followed: the poller writes the ARN into it as soon as ECS
 * lists the deployment.
 */
export interface TrackedDeployment {
  deployment: OwnDeployment;
}

/** ECS records a service deployment within seconds; after this the classic list is all there is. */
const arnSearchMilliseconds = 60_000;

/** One call each, and the account shares a burst of 50 and 20 a second after it. */
const maxArnSearchesPerPoll = 10;

/** From so many on, the events of all of them are worth a look less often. */
const manyServices = 10;

/**
 * Reads as little as it can. The service deployments at every look, for they hold the verdict and
 * the counts. The services (events, classic deployments) at every second or third one, those whose
 * status changed at once, and all of them always where the classic list is all there is.
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
     * One snapshot for each, in their order. No read outlasts `until` by more than some seconds.
     */
    async poll(
      open: readonly TrackedDeployment[],
      until: number,
    ): Promise<readonly DeploymentSnapshot[]> {
      const isFullPoll = polls++ % (open.length > manyServices ? 3 : 2) === 0;
      // Where the newer API is known to fail, the classic list does not wait for it to fail again.
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

/** The service deployments of our updates, and under which ARN ECS has recorded each. */
function createServiceDeploymentReader({ source, clock, reporter, onIdentified }: PollerPorts) {
  const listing = createApiHealth(clock);
  const describing = createApiHealth(clock);
  const searchCounts = new Map<TrackedDeployment, number>();
  let identifyUntil = clock.now() + arnSearchMilliseconds;
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let unsupported = false;

  /**
   * Those that were asked for least often come first, so that one which ECS is slow to list does
   * not keep others waiting.
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
    // ECS has not said that it has none
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

    /** Says which of them have changed, or cannot be seen any more. */
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

/** A service that was looked for and not found must not live on in what we remember. */
function excludeServices(
  services: ReadonlyMap<string, ObservedService>,
  excluded: readonly TrackedDeployment[],
) {
  const keys = new Set(excluded.map(({ deployment }) => serviceKey(deployment)));
  return [...services].filter(([key]) => !keys.has(key));
}
