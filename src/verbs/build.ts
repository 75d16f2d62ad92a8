// The step of the action `build`: one image, built or reused, pushed and scanned.

import { imagePortsOf, provideScannedImage } from "../image/provide-image.ts";
import type { InputSource } from "../inputs/read.ts";
import { readBuildInputs } from "../inputs/read-verb.ts";
import { runStep } from "../main.ts";
import { observeImageOnly } from "../observe/observe.ts";
import { connect } from "../observe/sign-in.ts";
import { planBuildRun } from "../plan/plan-build.ts";
import { describeObservedImage } from "../report/log-lines.ts";
import { reportDecisions, reportFindings } from "../reporter/findings.ts";
import type { ProvidedImage } from "../run/image.ts";
import type { Outcome, VerbResult } from "../run/outcome.ts";
import { startRun } from "../run/phases.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The step with any runtime: never rejects; every failure is in the outcome. */
export async function runBuild(source: InputSource<string>, runtime: Runtime): Promise<Outcome> {
  return await runStep("build", runtime, async (checked, runState) =>
    build(source, checked, runState),
  );
}

async function build(
  source: InputSource<string>,
  runtime: Runtime,
  runState: RunState,
): Promise<void> {
  const inputs = await readBuildInputs(source);
  const { reporter } = runtime;
  const phase = startRun(inputs, runtime, runState);
  const { aws, registry } = await phase("Sign in to AWS", () => connect(inputs, runtime));
  const observed = await phase("Read the current state", async () => {
    const found = await observeImageOnly(inputs, aws, { ...runtime, registry });
    reporter.info(`${describeObservedImage(found, inputs.image).join("; ")}.`);
    return found;
  });
  const plan = planBuildRun(inputs, observed);
  reportFindings(plan, reporter);
  reportDecisions(plan, [], reporter);
  const ports = imagePortsOf({ ecr: aws.ecr, ecrIn: aws.ecrIn, registry }, inputs, runtime);
  const image = await provideScannedImage(plan.image, inputs, ports, runState, phase);
  runState.result = buildResult(image);
}

function buildResult({ reference, reused }: ProvidedImage): VerbResult {
  if (reused)
    return { headline: `Nothing to build: ${reference} exists already`, changed: false, notes: [] };
  return { headline: `Built and pushed ${reference}`, changed: true, notes: [] };
}
