import type { CountSample } from "../run/rollout-end.ts";

// How the counts of a rollout changed over time, PURE: only changes are kept, up to a limit, so
// that they fit into a summary.
const maxSamples = 60;

/**
 * The history with one more sample. Over the limit, the state that lasted for the shortest time is
 * dropped; the first and the last are kept.
 */
export function addSample(
  history: readonly CountSample[],
  sample: CountSample,
): readonly CountSample[] {
  const last = history.at(-1);
  if (last && sameCounts(last, sample)) return history;
  const longer = [...history, sample];
  if (longer.length <= maxSamples) return longer;
  const inner = longer.slice(1, -1).map(({ at }, index) => (longer[index + 2]?.at ?? at) - at);
  return longer.toSpliced(1 + inner.indexOf(Math.min(...inner)), 1);
}

function sameCounts(a: CountSample, b: CountSample): boolean {
  return (
    a.desired === b.desired &&
    a.running === b.running &&
    a.pending === b.pending &&
    a.failed === b.failed
  );
}
