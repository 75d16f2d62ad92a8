// The beginning of a run, and its phases: each is a group in the log, and its duration is in the
// summary.

import { consoleHost } from "../aws/partitions.ts";
import type { Clock } from "../clock.ts";
import { unexpandedVariableWarnings } from "../inputs/doubts.ts";
import { isRollback } from "../inputs/is-rollback.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { RunState } from "./state.ts";

/** Runs a part of the run as a phase of its own. */
export type RunPhase = <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;

interface PhasePorts {
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Records what the inputs say about the whole run, and warns about values that are probably a
 * mistake.
 */
export function startRun(inputs: Inputs, ports: PhasePorts, runState: RunState): RunPhase {
  const { reporter, clock, environment } = ports;
  runState.region = inputs.awsRegion;
  // A rehearsal has no console that shows it.
  if (runState.verb !== "rehearse") runState.console = consoleHost(inputs.awsRegion);
  if (isRollback(inputs)) runState.rollback = true;
  runState.answerPause = inputs.answerPause;
  for (const warning of unexpandedVariableWarnings(inputs, environment)) reporter.notice(warning);
  return async (title, work) => {
    const startedAt = clock.now();
    let failed = true;
    try {
      const result = await reporter.phase(title, work);
      failed = false;
      return result;
    } finally {
      runState.phases.push({ title, startedAt, endedAt: clock.now(), failed });
    }
  };
}
