// The step of the action `rehearse`: the deployment itself, in a simulated account.

import { deploy } from "../deploy.ts";
import type { InputSource } from "../inputs/read.ts";
import { readRehearseInputs } from "../inputs/read-verb.ts";
import { runStep } from "../main.ts";
import type { Rehearsal } from "../rehearsal/rehearsal.ts";
import { type OutputName, outputsOf } from "../reporter/outputs.ts";
import type { Outcome } from "../run/outcome.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The step with any runtime: never rejects; every failure is in the outcome. */
export async function runRehearse(source: InputSource<string>, runtime: Runtime): Promise<Outcome> {
  return await runStep("rehearse", runtime, async (checked, runState) =>
    rehearse(source, withOwnOutputs(checked), runState),
  );
}

/** Those of a deployment name things that exist only in the simulated account. */
function withOwnOutputs(runtime: Runtime): Runtime {
  const { reporter } = runtime;
  const own = new Set<OutputName>(outputsOf("rehearse").map(([name]) => name));
  const output = (name: OutputName, value: string) => {
    if (own.has(name)) reporter.output(name, value);
  };
  return { ...runtime, reporter: { ...reporter, output } };
}

async function rehearse(
  source: InputSource<string>,
  runtime: Runtime,
  runState: RunState,
): Promise<void> {
  const inputs = await readRehearseInputs(source);
  const { reporter } = runtime;
  const { openRehearsal } = await import("../rehearsal/rehearsal.ts");
  const rehearsal = await reporter.phase("Prepare the rehearsal", () =>
    openRehearsal(inputs, runtime),
  );
  try {
    await deploy(rehearsal.inputs, rehearsal.runtime, runState);
    await reporter.phase("Stop the task", () => reportMeasurements(rehearsal, runtime, runState));
  } finally {
    await rehearsal.close();
  }
}

async function reportMeasurements(
  rehearsal: Rehearsal,
  { reporter }: Runtime,
  runState: RunState,
): Promise<void> {
  const { figures, findings } = await rehearsal.finish();
  for (const { text, isProblem } of findings) {
    if (isProblem) reporter.warning(text);
    else reporter.info(text);
  }
  const notes = findings.map(({ text }) => text);
  runState.result = { headline: "", changed: false, notes };
  const { healthyAfterSeconds, stoppedAfterSeconds, peakMemoryMib } = figures;
  reporter.output("healthy-after-seconds", String(healthyAfterSeconds ?? ""));
  reporter.output("stopped-after-seconds", String(stoppedAfterSeconds ?? ""));
  reporter.output("peak-memory-mib", String(peakMemoryMib ?? ""));
}
