// Waits until no other deployment of the services is under way: `when-busy: wait`.

import { bounded, timeLeft } from "../aws/deadline.ts";
import type { AwsSession } from "../aws/session.ts";
import type { Clock } from "../clock.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { Inputs } from "../inputs/schema.ts";
import { isExpressMode } from "../plan/service/express-mode.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { shortRevision } from "../text/format.ts";
import { observeServices } from "./observe-services.ts";

export interface TurnPorts {
  readonly ecs: AwsSession["ecs"];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

const pauseMilliseconds = 5_000;
const readMilliseconds = 60_000;

/** Gives up when wait-for-minutes are over; the plan then finds the service busy still, and says so. */
export async function waitForTurn(
  inputs: Inputs,
  { ecs, clock, signal, reporter }: TurnPorts,
): Promise<void> {
  const until = clock.now() + inputs.waitForMinutes * 60_000;
  for (let told = ""; ; ) {
    const { services } = await bounded(timeLeft(clock, until, readMilliseconds), clock, (options) =>
      observeServices(inputs, ecs, options),
    );
    const busy = services.flatMap(({ observed }) => (observed ? describeBusy(observed) : []));
    if (busy.length === 0 || clock.now() >= until) return;
    const line = `Waiting for the deployment that is under way: ${busy.join(", ")}.`;
    if (line !== told) reporter.info(line);
    told = line;
    await clock.sleep(pauseMilliseconds, signal);
  }
}

function describeBusy(service: ObservedService): readonly string[] {
  const primary = isExpressMode(service) ? undefined : primaryDeploymentOf(service); // that one is refused, and need not be waited for
  if (primary?.rolloutState !== "IN_PROGRESS") return [];
  const { runningCount, desiredCount } = primary;
  return [
    `${service.name} (${shortRevision(primary.taskDefinitionArn)}, ${runningCount} of ${desiredCount} running)`,
  ];
}
