// Terraform in a run: prepared before anything is built, then used for the deployment or the dry
// run.

import type { AwsSession } from "../aws/session.ts";
import type { OpenPauseVerifier } from "../deployment/pause-verdict.ts";
import type { Inputs } from "../inputs/schema.ts";
import { deployedReference, type ImagePlan } from "../plan/image/image.ts";
import type { Observed } from "../plan/observed.ts";
import type { ProvidedImage } from "../run/image.ts";
import { reporterFor } from "../run/outputs.ts";
import type { RunPhase } from "../run/phases.ts";
import type { RunState, ServiceRun } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { deployWithTerraform } from "./deploy-with-terraform.ts";
import { describeTerraformPlan, planAndCheck, type TerraformImage } from "./plan.ts";
import { openTerraform, type TerraformSession } from "./terraform-session.ts";

export interface TerraformRun {
  /** Cluster and services: from the inputs, otherwise from the root's outputs. */
  readonly place: TerraformSession["target"];
  readonly deploy: (deployment: TerraformRequest) => Promise<void>;
  /** The changes that an apply would make, for a dry run. */
  readonly describePlan: (image: ImagePlan, inputs: Inputs) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

interface TerraformRequest {
  readonly inputs: Inputs;
  readonly observed: Observed;
  readonly plan: ImagePlan;
  readonly image: ProvidedImage;
  /** Runs the pre-deploy command, if there is one, with the revision of the first of these. */
  readonly migrate: (entries: readonly ServiceRun[]) => Promise<void>;
  readonly openPauseVerifier: OpenPauseVerifier | undefined;
}

/** Runs before the build, so that a root that does not work is reported first. */
export async function prepareTerraform(
  requested: Inputs & { readonly terraformDirectory: string },
  aws: AwsSession,
  runtime: Runtime,
  runState: RunState,
  phase: RunPhase,
): Promise<TerraformRun> {
  const { reporter } = runtime;
  const session = await phase("Prepare Terraform", () =>
    openTerraform(requested, { ...runtime, credentials: aws.childEnvironment }),
  );
  return {
    place: session.target,
    close: session.close,
    deploy: ({ inputs, observed, plan, image, migrate, openPauseVerifier }) =>
      deployWithTerraform({
        clock: runtime.clock,
        random: runtime.random,
        signal: runtime.signal,
        postState: runtime.postState,
        reporter,
        inputs,
        aws,
        phase,
        runState,
        image,
        migrate,
        openPauseVerifier,
        session,
        reporterFor: (entry) => reporterFor(entry, runState, reporter),
        services: observed.services,
        previousDefinitions: observed.taskDefinitions,
        prepareNewService: (entry) => migrate([entry]),
        ...imageVariable(plan, image.digest),
      }),
    async describePlan(plan, inputs) {
      const image = imageVariable(plan, plan.existing?.digest);
      const planned = await phase("Plan with Terraform", () =>
        planAndCheck({ session, inputs, image, reporter, runState }),
      );
      return describeTerraformPlan(planned, session.directory);
    },
  };
}

/** The value of the image variable, and the image that the container definitions must then have. */
function imageVariable(plan: ImagePlan, digest: string | undefined): TerraformImage {
  const pinned = plan.pinDigest && digest !== undefined ? `@${digest}` : "";
  return { value: `${plan.tag}${pinned}`, reference: deployedReference(plan, digest) };
}
