// The evidence of one rollout and what it means. Only what fails needs it: run-rollout.ts imports it
// on demand, with the tables of causes.

import type { Diagnosis } from "../run/diagnosis.ts";
import { diagnose } from "./diagnosis.ts";
import { gatherEvidence } from "./evidence.ts";

export async function explainRollout(
  ...[rollout, ports]: Parameters<typeof gatherEvidence>
): Promise<Diagnosis> {
  return diagnose(await gatherEvidence(rollout, ports));
}
