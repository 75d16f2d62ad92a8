// How many steps of a build came from the cache, by what the builder prints. PURE.

import { matchablePart } from "../process/lines.ts";
import type { BuildReport } from "../run/image.ts";

/** BuildKit numbers its steps: `#7 [build 2/6] RUN make`, then `#7 CACHED`. */
const buildKitStep = /^#(\d+) \[(?!internal\b)(?:\S+ )*\d+\/\d+\] /;
const buildKitCached = /^#(\d+) CACHED\b/;

/** The classic builder and buildah: `Step 2/6 : RUN make`, `[1/2] STEP 2/6: RUN make`. */
const numberedStep = /^(?:\[\d+\/\d+\] )?step \d+(?:\/\d+)? ?: /i;
const usedCache = /^\s*-+> Using cache\b/;

export function countSteps(lines: readonly string[]): Pick<BuildReport, "steps" | "cachedSteps"> {
  const numbersOf = (pattern: RegExp) =>
    new Set(lines.flatMap((line) => matchablePart(line).match(pattern)?.[1] ?? []));
  const steps = numbersOf(buildKitStep);
  const cached = numbersOf(buildKitCached);
  if (steps.size > 0)
    return { steps: steps.size, cachedSteps: [...cached].filter((step) => steps.has(step)).length };
  const count = (pattern: RegExp) =>
    lines.filter((line) => pattern.test(matchablePart(line))).length;
  return { steps: count(numberedStep), cachedSteps: count(usedCache) };
}
