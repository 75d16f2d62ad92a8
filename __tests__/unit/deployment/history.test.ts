import { expect, test } from "vitest";
import { addSample } from "../../../src/deployment/history.ts";
import type { CountSample } from "../../../src/run/rollout-end.ts";

const sample = (at: number, running: number): CountSample => ({
  at,
  desired: 2,
  running,
  pending: 0,
  failed: 0,
});

test("only changes are kept, with the time at which they were seen first", () => {
  const looks = [sample(0, 0), sample(3, 0), sample(6, 1), sample(9, 1), sample(12, 0)];
  expect(looks.reduce<readonly CountSample[]>(addSample, [])).toEqual([
    sample(0, 0),
    sample(6, 1),
    sample(12, 0),
  ]);
});

test("a long and restless rollout keeps sixty samples: the first, the last, and what lasted", () => {
  const restless = Array.from({ length: 2_000 }, (_, index) => sample(index * 3, index % 2));
  const calm = [sample(10_000, 5), sample(20_000, 6), sample(20_003, 7)];
  const history = [...restless, ...calm].reduce<readonly CountSample[]>(addSample, []);
  expect(history).toHaveLength(60);
  expect(history[0]).toEqual(sample(0, 0));
  expect(history.slice(-2)).toEqual(calm.slice(-2));
  expect(history.map(({ at }) => at)).toEqual(
    history.map(({ at }) => at).toSorted((one, other) => one - other),
  );
});
