// Waits until no other deployment of the services is in progress: `when-busy: wait`.

import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isExpressMode } from "../plan/service/express-mode.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { pollUntil } from "../timing/poll.ts";
import { observeServices } from "./observe-services.ts";

interface IdleWaitPorts {
  readonly ecs: AwsSession["ecs"];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

const idlePollMilliseconds = 5_000;
const idleReadTimeoutMilliseconds = 60_000;

/**
 * Stops waiting after wait-for-minutes; the plan then reports that the deployment is still in
 * progress.
 */
export async function waitForActiveDeployments(
  inputs: Inputs,
  { ecs, clock, signal, reporter }: IdleWaitPorts,
): Promise<void> {
  const until = clock.now() + inputs.waitForMinutes * 60_000;
  let lastReported = "";
  const readAndReport = async () => {
    const { services } = await callWithTimeout(
      timeLeft(clock, until, idleReadTimeoutMilliseconds),
      clock,
      (options) => observeServices(inputs, ecs, options),
    );
    const active = services.flatMap(({ observed }) => {
      if (observed) return describeActiveDeployment(observed);
      return [];
    });
    if (active.length === 0 || clock.now() >= until) return "over";
    const line = `Waiting for the active deployment: ${active.join(", ")}.`;
    if (line !== lastReported) reporter.info(line);
    lastReported = line;
    return undefined;
  };
  await pollUntil(readAndReport, idlePollMilliseconds, { clock, signal });
}

function describeActiveDeployment(service: ObservedService): readonly string[] {
  // an Express Mode service is refused later
  const primary = isExpressMode(service) ? undefined : primaryDeploymentOf(service);
  if (primary?.rolloutState !== "IN_PROGRESS") return [];
  const { runningCount, desiredCount } = primary;
  return [
    `${service.name} (${shortRevision(primary.taskDefinitionArn)}, ${runningCount} of ` +
      `${desiredCount} running)`,
  ];
}
