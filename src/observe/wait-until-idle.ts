// Waits until no other deployment of the services is in progress: `when-busy: wait`, and always
// before an Express Mode service is updated.

import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { shortRevision } from "../ecs/arn.ts";
import { describeResource, isExpressService, pendingResources } from "../ecs/express.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { Inputs } from "../inputs/schema.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { pollUntil } from "../timing/poll.ts";
import { observeInfrastructure, observeServices } from "./observe-services.ts";

interface IdleWaitPorts {
  readonly ecs: AwsSession["ecs"];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

const idlePollMilliseconds = 5_000;
const idleReadTimeoutMilliseconds = 60_000;

/** Services as they were read last; those that still have a deployment in progress are `busy`. */
interface IdleServices {
  readonly services: readonly ObservedService[];
  readonly busy: readonly ObservedService[];
}

/**
 * Stops waiting after wait-for-minutes, also if a deployment is still in progress.
 * @param concerns which of the services must be idle
 */
export async function waitForActiveDeployments(
  inputs: Pick<Inputs, "service" | "cluster" | "waitForMinutes" | "express">,
  { ecs, clock, signal, reporter }: IdleWaitPorts,
  concerns: (service: ObservedService) => boolean = () => true,
): Promise<IdleServices> {
  const until = clock.now() + inputs.waitForMinutes * 60_000;
  let lastReported = "";
  const readAndReport = async (): Promise<IdleServices | undefined> => {
    const { services, active } = await callWithTimeout(
      timeLeft(clock, until, idleReadTimeoutMilliseconds),
      clock,
      async (options) => {
        const read = await observeServices(inputs, ecs, options);
        const found = read.services.flatMap(({ observed }) => observed ?? []);
        const active = await findActive(found.filter(concerns), ecs);
        return { services: found, active: [...active, ...findDeletions(inputs, found)] };
      },
    );
    const busy = active.map(({ service }) => service);
    if (active.length === 0 || clock.now() >= until) return { services, busy };
    const line = `Waiting for the active deployment: ${active.map(({ what }) => what).join(", ")}.`;
    if (line !== lastReported) reporter.info(line);
    lastReported = line;
    return undefined;
  };
  return await pollUntil(readAndReport, idlePollMilliseconds, { clock, signal });
}

interface ActiveDeployment {
  readonly service: ObservedService;
  readonly what: string;
}

/** A deployment in progress; of an Express Mode service also resources that are being created. */
async function findActive(
  services: readonly ObservedService[],
  ecs: AwsSession["ecs"],
): Promise<readonly ActiveDeployment[]> {
  const deploying = services.flatMap((service) => {
    const what = describeActiveDeployment(service);
    if (what === undefined) return [];
    return [{ service, what }];
  });
  const others = services.filter((service) => !deploying.some((one) => one.service === service));
  const infrastructure = await observeInfrastructure(others, ecs);
  const provisioning = others.flatMap((service) => {
    const resources = infrastructure[service.arn];
    const pending = resources ? pendingResources(resources) : [];
    const waitsFor = pending.filter(({ status }) => status === "PROVISIONING");
    if (waitsFor.length === 0) return [];
    return [{ service, what: `${service.name} (${waitsFor.map(describeResource).join(", ")})` }];
  });
  return [...deploying, ...provisioning];
}

function describeActiveDeployment(service: ObservedService): string | undefined {
  const primary = primaryDeploymentOf(service);
  if (primary?.rolloutState !== "IN_PROGRESS") return undefined;
  const { runningCount, desiredCount } = primary;
  return (
    `${service.name} (${shortRevision(primary.taskDefinitionArn)}, ${runningCount} of ` +
    `${desiredCount} running)`
  );
}

/** A service that this run creates: its name is taken until ECS has deleted the old one. */
function findDeletions(
  { express }: Pick<Inputs, "express">,
  services: readonly ObservedService[],
): readonly ActiveDeployment[] {
  if (!express) return [];
  return services
    .filter(({ status }) => status === "DRAINING")
    .map((service) => ({ service, what: `${service.name} (it is being deleted)` }));
}

/** Whether the run must wait for its turn before it plans. */
export function mustWait(
  { express }: Pick<Inputs, "express">,
  service: ObservedService | undefined,
): boolean {
  if (!service) return false;
  if (findDeletions({ express }, [service]).length > 0) return true;
  return isExpressService(service) && describeActiveDeployment(service) !== undefined;
}
