// The table of known causes: a file for each subject. Which of several rows that match is taken: known-cause.ts.

import { deployments } from "./deployments.ts";
import { exits } from "./exits.ts";
import { health } from "./health.ts";
import { images, pulls } from "./images.ts";
import type { KnownCause } from "./known-cause.ts";
import { logging } from "./logging.ts";
import { network } from "./network.ts";
import { placement } from "./placement.ts";
import { askedToStop } from "./requested-stops.ts";
import { environmentFiles, secrets } from "./secrets.ts";
import { dependencies, starts } from "./starts.ts";
import { volumes } from "./volumes.ts";

export const knownCauses: readonly KnownCause[] = [
  ...askedToStop,
  ...images,
  ...pulls,
  ...secrets,
  ...environmentFiles,
  ...logging,
  ...volumes,
  ...starts,
  ...dependencies,
  ...health,
  ...placement,
  ...network,
  ...deployments,
  ...exits,
];
