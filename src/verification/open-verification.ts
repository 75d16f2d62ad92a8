// Most deployments are not verified: the rest of this room is imported on demand.

import type { Inputs } from "../inputs/schema.ts";
import { isVerified } from "../inputs/verification-problems.ts";
import type { RunState } from "../run/state.ts";
import type { Verification, VerificationPorts } from "./verification.ts";

/** @returns undefined: this run verifies nothing */
export async function openVerification(
  inputs: Inputs,
  ports: VerificationPorts,
  runState: RunState,
): Promise<Verification | undefined> {
  if (!isVerified(inputs)) return undefined;
  const { createVerification } = await import("./verification.ts");
  return createVerification(inputs, ports, runState);
}
