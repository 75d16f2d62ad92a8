import type { CountSample } from "../run/rollout-end.ts";

// How the counts of a rollout went over time, PURE: only changes are kept, and not too many, so that it fits into a summary.
const samplesAtMost = 60;

/** The history with one look more. Over the limit, the state that held for the shortest time is forgotten; the first and the last stay. */
export function remember(
  history: readonly CountSample[],
  sample: CountSample,
): readonly CountSample[] {
  const last = history.at(-1);
  if (last && sameCounts(last, sample)) return history;
  const longer = [...history, sample];
  if (longer.length <= samplesAtMost) return longer;
  const inner = longer.slice(1, -1).map(({ at }, index) => (longer[index + 2]?.at ?? at) - at);
  return longer.toSpliced(1 + inner.indexOf(Math.min(...inner)), 1);
}

function sameCounts(one: CountSample, other: CountSample): boolean {
  return (
    one.wanted === other.wanted &&
    one.running === other.running &&
    one.pending === other.pending &&
    one.failed === other.failed
  );
}
