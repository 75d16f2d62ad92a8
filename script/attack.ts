// script/attack [RUNS [SEED]]: see the head of script/attack.

import { attack, tableOf } from "../__tests__/rig/interrupt/interrupt.ts";

const [runs = 1_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error("script/attack [RUNS [SEED]]: two whole numbers");
  process.exit(64);
}
console.log(`seed ${seed}`);
const attempts = await attack({
  runs,
  seed,
  atOnce: 4,
  onEnd(attempt, done) {
    if (attempt.faults.length > 0)
      console.log(
        ["", describe(attempt), ...attempt.faults, ...attempt.log.map((line) => `  ${line}`)].join(
          "\n",
        ),
      );
    if (done % 50 === 0) console.error(`${done} of ${runs}`);
  },
});
console.log(`\n${tableOf(attempts)}`);
process.exitCode = attempts.some(({ faults }) => faults.length > 0) ? 1 : 0;

function describe({ number, signals, onCancel }: (typeof attempts)[number]): string {
  const sent = signals.map(({ signal, after }) => `${signal} after ${after} ms`).join(", ");
  return `run ${number} (${sent}; on-cancel: ${onCancel})`;
}
