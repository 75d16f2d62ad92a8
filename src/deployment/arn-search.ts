// Finds the ARN under which ECS has recorded each of our deployments: one ListServiceDeployments per
// service, so that of many services some wait for a later poll.

import type { Clock } from "../clock.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { type ApiHealth, createApiHealth } from "./api-health.ts";
import { findServiceDeployments, type ServiceDeploymentSource } from "./describe-deployments.ts";

/** ECS records a service deployment within seconds. */
const searchMilliseconds = 60_000;

/**
 * One call each. The polls of hundreds of deployments share the bucket (src/ecs/api-limits.ts) and
 * must not wait for these calls.
 */
const searchesPerPoll = 20;

/** The holder of a deployment: the ARN is stored in it. */
interface Tracked {
  deployment: OwnDeployment;
}

interface ArnSearchPorts {
  readonly source: ServiceDeploymentSource;
  readonly clock: Clock;
  readonly reporter: Pick<Reporter, "notice">;
  /** Called after an ARN was found and stored. */
  readonly onIdentified: (deployment: OwnDeployment) => void;
}

interface Search {
  count: number;
  /** Milliseconds since the Unix epoch. */
  until: number;
}

export function createArnSearch({ source, clock, reporter, onIdentified }: ArnSearchPorts) {
  const listing = createApiHealth(clock);
  const searches = new Map<Tracked, Search>();
  const noticed = new Set<Tracked>();
  const countOf = (tracked: Tracked) => searches.get(tracked)?.count ?? 0;

  function isOver(tracked: Tracked): boolean {
    const search = searches.get(tracked);
    return search !== undefined && clock.now() > search.until;
  }

  function noticeUnlisted(unlisted: readonly Tracked[]): void {
    const fresh = unlisted.filter((tracked) => isMissing(tracked) && !noticed.has(tracked));
    for (const tracked of fresh) noticed.add(tracked);
    if (fresh.length > 0) reporter.notice(describeUnlisted(fresh));
  }

  return {
    listing: listing as ApiHealth,

    /** Its first search is still to come. */
    awaits: (tracked: Tracked) => isMissing(tracked) && countOf(tracked) === 0,

    /** Says of each of these once that ECS lists no service deployment for it. */
    noticeUnlisted,

    /**
     * Those with the fewest searches come first, so that one which ECS is slow to list does not
     * delay the others.
     */
    async findMissing(open: readonly Tracked[], until: number): Promise<void> {
      const missing = open.filter(isMissing);
      noticeUnlisted(missing.filter(isOver));
      const batch = missing
        .filter((tracked) => !isOver(tracked))
        .toSorted((a, b) => countOf(a) - countOf(b))
        .slice(0, searchesPerPoll);
      if (batch.length === 0) return;
      const deployments = batch.map(({ deployment }) => deployment);
      const found = await listing.attempt(until, (options) =>
        findServiceDeployments(source, deployments, options),
      );
      const now = clock.now();
      for (const tracked of batch) {
        const { count, until: searchUntil } = searches.get(tracked) ?? {
          count: 0,
          until: now + searchMilliseconds,
        };
        // Where the list could not be read, ECS has not confirmed that there is none.
        const end = found ? searchUntil : now + searchMilliseconds;
        searches.set(tracked, { count: count + 1, until: end });
        const serviceDeploymentArn = found?.get(tracked.deployment.id);
        if (serviceDeploymentArn === undefined) continue;
        tracked.deployment = { ...tracked.deployment, serviceDeploymentArn };
        onIdentified(tracked.deployment);
      }
    },
  };
}

function isMissing({ deployment }: Tracked): boolean {
  return deployment.serviceDeploymentArn === undefined;
}

function describeUnlisted(unlisted: readonly Tracked[]): string {
  const names = unlisted.slice(0, 3).map(({ deployment }) => deployment.service);
  const more = unlisted.length > 3 ? ` and ${unlisted.length - 3} more` : "";
  return (
    `ECS lists no service deployment of this update for ${names.join(", ")}${more}: the verdict ` +
    "comes from the classic deployment list, which has less detail."
  );
}
