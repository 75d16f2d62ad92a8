// The table of known causes, one file per subject. known-cause.ts says which row is used if several
// match.

import { dependencyCauses, startCauses } from "./container-starts.ts";
import { deploymentCauses } from "./deployments.ts";
import { exitCodeCauses } from "./exit-codes.ts";
import { healthCauses } from "./health.ts";
import { imageCauses, pullCauses } from "./images.ts";
import type { KnownCause } from "./known-cause.ts";
import { loggingCauses } from "./logging.ts";
import { networkCauses } from "./network.ts";
import { placementCauses } from "./placement.ts";
import { requestedStops } from "./requested-stops.ts";
import { environmentFileCauses, secretCauses } from "./secrets.ts";
import { volumeCauses } from "./volumes.ts";

export const knownCauses: readonly KnownCause[] = [
  ...requestedStops,
  ...imageCauses,
  ...pullCauses,
  ...secretCauses,
  ...environmentFileCauses,
  ...loggingCauses,
  ...volumeCauses,
  ...startCauses,
  ...dependencyCauses,
  ...healthCauses,
  ...placementCauses,
  ...networkCauses,
  ...deploymentCauses,
  ...exitCodeCauses,
];
