// What the watch reads at one poll, with as few calls as possible. It reads two views at the same
// time, the service deployments and the classic list of the services; if one of them fails, the
// other still shows the state of the rollout.

import type { Clock } from "../clock.ts";
import type { DeploymentSnapshot, OwnDeployment, ServiceDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { AnsweredHook } from "../ecs/paused-hook.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { type ApiHealth, createApiHealth, readFailureOf } from "./api-health.ts";
import { createArnSearch } from "./arn-search.ts";
import {
  describeServiceDeployments,
  describeServicesByCluster,
  findNewerDeployments,
  isUnsupported,
  type RolloutSource,
  serviceKey,
  snapshotOf,
} from "./describe-deployments.ts";
import {
  type Heat,
  heatAfter,
  manyServices,
  type NextPoll,
  nextPoll,
  servicesPauseMilliseconds,
} from "./poll-schedule.ts";

export interface PollerPorts {
  readonly source: RolloutSource;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly random: () => number;
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
 * Reads as little as possible. The service deployments at every poll, because they have the verdict
 * and the counts. The services (events, classic deployments) every 12 s or more; those whose status
 * changed, at once; and all of them at every poll where only the classic list is available.
 */
export function createPoller(ports: PollerPorts) {
  const { source, clock, reporter } = ports;
  const serviceDeployments = createServiceDeploymentReader(ports);
  const timing = createPollTiming(ports);
  const classic = createServiceReader(ports);
  const newerDeployments = createApiHealth(clock);
  const seen = new Set<string>();
  const noticeFailures = createFailureNotices(reporter);
  const onlyClassic = () =>
    serviceDeployments.failure() !== undefined || serviceDeployments.isUnsupported();

  async function snapshot(own: OwnDeployment, until: number): Promise<DeploymentSnapshot> {
    const readFailure = readFailureOf([classic.health, ...serviceDeployments.health]);
    const result = {
      services: classic.services(),
      deployments: serviceDeployments.deployments(),
      at: clock.now(),
      seen,
    };
    const failure = classic.health.failure && readFailure;
    const current = snapshotOf(own, { ...result, readFailure: failure });
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
     * One snapshot each, in the same order; undefined: it is not polled this time, or its service
     * deployment is still to be searched for. No read takes longer than `until` plus some seconds.
     */
    async poll(
      open: readonly TrackedDeployment[],
      until: number,
    ): Promise<readonly (DeploymentSnapshot | undefined)[]> {
      const polled = timing.dueOf(open, until);
      // Where the newer API is known to fail, read the classic list without waiting for that
      // failure.
      const earlyRead = serviceDeployments.failure() ? classic.readAll(open, until) : undefined;
      const [changed] = await Promise.all([serviceDeployments.poll(polled, until), earlyRead]);
      if (!earlyRead) {
        if (onlyClassic() || classic.isDue(open)) await classic.readAll(open, until);
        else await classic.readSome(changed, until);
      }
      noticeFailures(classic.health.failure, serviceDeployments.failure());
      timing.noteHeat(polled, serviceDeployments.deployments());
      const due = new Set(polled);
      return Promise.all(
        open.map(async (tracked) => {
          const isEarly = clock.now() < until && serviceDeployments.awaitsSearch(tracked);
          if (!due.has(tracked) || isEarly) return undefined;
          return snapshot(tracked.deployment, until);
        }),
      );
    },

    /** Milliseconds until the next poll of these. */
    pauseMilliseconds: (open: readonly TrackedDeployment[]) => timing.pause(open, onlyClassic()),

    /** These have ended: says where ECS listed no service deployment of one. */
    noticeClassicVerdicts: serviceDeployments.noticeUnlisted,
  };
}

/** When the next poll is, and which deployments it reads. */
function createPollTiming({ clock, random }: PollerPorts) {
  const startedAt = clock.now();
  const heats = new Map<TrackedDeployment, Heat>();
  let lastFullPoll = startedAt;
  let hotPolls: readonly number[] = [];
  let scope: NextPoll["scope"] = "all";
  const isHot = (tracked: TrackedDeployment) => (heats.get(tracked)?.hotUntil ?? 0) > clock.now();
  return {
    /** At the end of the wait all are due. */
    dueOf(open: readonly TrackedDeployment[], until: number): readonly TrackedDeployment[] {
      if (scope === "hot" && clock.now() < until) return open.filter(isHot);
      lastFullPoll = clock.now();
      return open;
    },
    noteHeat(
      polled: readonly TrackedDeployment[],
      deployments: ReadonlyMap<string, ServiceDeployment>,
    ): void {
      for (const tracked of polled) {
        const deployment = deployments.get(tracked.deployment.serviceDeploymentArn ?? "");
        if (deployment) heats.set(tracked, heatAfter(heats.get(tracked), deployment, clock.now()));
      }
    },
    pause(open: readonly TrackedDeployment[], onlyClassic: boolean): number {
      const now = clock.now();
      hotPolls = hotPolls.filter((at) => at > now - 60_000);
      const hot = open.filter(isHot).length;
      const state = { now, startedAt, lastFullPoll, hotPolls, open: open.length, hot, onlyClassic };
      const next = nextPoll(state, random());
      scope = next.scope;
      if (next.isHot) hotPolls = [...hotPolls, now];
      return next.pauseMilliseconds;
    },
  };
}

/** The services as they were read last. */
function createServiceReader({ source, clock }: PollerPorts) {
  const health = createApiHealth(clock);
  let services: ReadonlyMap<string, ObservedService> = new Map();
  let lastRead = Number.NEGATIVE_INFINITY;
  const read = (tracked: readonly TrackedDeployment[], until: number) =>
    health.attempt(until, (options) =>
      describeServicesByCluster(source, ownDeploymentsOf(tracked), options),
    );
  return {
    health,
    services: () => services,
    isDue: (open: readonly TrackedDeployment[]) =>
      clock.now() - lastRead >= servicesPauseMilliseconds(open.length),
    async readAll(open: readonly TrackedDeployment[], until: number): Promise<void> {
      lastRead = clock.now();
      services = (await read(open, until)) ?? new Map();
    },
    async readSome(subset: readonly TrackedDeployment[], until: number): Promise<void> {
      const found = await read(subset, until);
      services = found ? new Map([...excludeServices(services, subset), ...found]) : new Map();
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

const beginnings: ReadonlySet<string> = new Set(["PENDING", "IN_PROGRESS"]);

/** The service deployments of our updates, and the ARN under which ECS has recorded each. */
function createServiceDeploymentReader(ports: PollerPorts) {
  const { source, clock, reporter } = ports;
  const describing = createApiHealth(clock);
  const search = createArnSearch(ports);
  let deployments: ReadonlyMap<string, ServiceDeployment> = new Map();
  let unsupported = false;
  const failure = () => {
    if (unsupported) return undefined;
    return describing.failure ?? search.listing.failure;
  };
  const isReadable = () => !unsupported && !failure();

  function markUnsupported(): void {
    unsupported = true;
    deployments = new Map();
    reporter.notice(unsupportedNotice);
  }

  return {
    health: [search.listing, describing] as readonly ApiHealth[],
    deployments: () => deployments,
    isUnsupported: () => unsupported,
    failure,
    awaitsSearch: (tracked: TrackedDeployment) => isReadable() && search.awaits(tracked),
    noticeUnlisted: (ended: readonly TrackedDeployment[]) => {
      if (isReadable()) search.noticeUnlisted(ended);
    },

    /**
     * Returns those whose status has changed, or that cannot be read any more. That one of many has
     * begun is not worth a read of its service.
     */
    async poll(
      open: readonly TrackedDeployment[],
      until: number,
    ): Promise<readonly TrackedDeployment[]> {
      if (unsupported) return [];
      const before = deployments;
      await search.findMissing(open, until);
      const read = await describing.attempt(until, (options) =>
        describeServiceDeployments(source, ownDeploymentsOf(open), options),
      );
      deployments = read ? new Map([...excludeDeployments(deployments, open), ...read]) : new Map();
      if ([search.listing, describing].some((api) => isUnsupported(api.failure))) markUnsupported();
      return open.filter(({ deployment: { serviceDeploymentArn: arn } }) => {
        if (arn === undefined) return false;
        const now = deployments.get(arn);
        if (now && open.length > manyServices && beginnings.has(now.status)) return false;
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

/** Those that are not read this time stay as they were read last. */
function excludeDeployments(
  deployments: ReadonlyMap<string, ServiceDeployment>,
  excluded: readonly TrackedDeployment[],
) {
  const arns = new Set(excluded.map(({ deployment }) => deployment.serviceDeploymentArn));
  return [...deployments].filter(([arn]) => !arns.has(arn));
}
