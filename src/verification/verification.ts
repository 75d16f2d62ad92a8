// When a verification runs: at a PAUSE hook, or after the rollout of all services.

import type { OpenPauseVerifier } from "../deployment/pause-verdict.ts";
import { createPauseVerifier } from "../deployment/pause-verifier.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { RunState } from "../run/state.ts";
import { type VerificationPorts, verifyAfterRollout } from "./after-rollout.ts";
import { verifyAtPause } from "./at-pause.ts";

export type { VerificationPorts };

export interface Verification {
  readonly openPauseVerifier: OpenPauseVerifier;
  /**
   * Called when all services are good. A service that was rolled back has another conclusion
   * afterwards.
   * @throws DeployError `VerificationFailed` if the new version keeps running
   */
  readonly afterRollout: () => Promise<void>;
}

export function createVerification(
  inputs: Inputs,
  ports: VerificationPorts,
  runState: RunState,
): Verification {
  return {
    openPauseVerifier: (tracked, watching) =>
      createPauseVerifier(
        tracked,
        {
          verify: (one, hook, context) =>
            verifyAtPause({ tracked: one, hook, context }, inputs, ports, runState),
          from: "POST_SCALE_UP",
          announcement: "verifying the new version",
        },
        watching,
      ),
    afterRollout: () => verifyAfterRollout(inputs, ports, runState),
  };
}
