// Many steps of the bundled action, each cancelled or killed at a random moment, each on an account of its own; the same seed draws the
// same moments. What they said is judged by judge.ts.

import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { runStep } from "../actions-runner.ts";
import { openSmallAccount, type SmallAccount } from "../small-account.ts";
import { judge, type PrintedLine } from "./verify-claims.ts";

export interface Plan {
  readonly number: number;
  readonly onCancel: "leave" | "rollback";
  readonly kind: "cancel" | "cancel, then kill" | "kill";
  /** Milliseconds from the start of main's process. */
  readonly signals: readonly { readonly signal: "SIGINT" | "SIGKILL"; readonly after: number }[];
}

export interface Attempt extends Plan {
  /** What the record refutes, one sentence each. */
  readonly faults: readonly string[];
  /** How the step ended: `cancelled`, `succeeded` …; `no word`: it ended before it reported anything. */
  readonly outcome: string;
  /** Main was running when the (first) signal was sent. */
  readonly met: boolean;
  /** ECS had accepted the update when main ended. */
  readonly updated: boolean;
  /** Milliseconds from the first signal to main's end. */
  readonly exitAfter: number;
  readonly log: readonly string[];
}

export interface AttackOptions {
  readonly runs: number;
  readonly seed: number;
  /** Steps at the same time. */
  readonly atOnce: number;
  readonly onEnd?: (attempt: Attempt, done: number) => void;
}

/** A whole step without a signal takes about so long on an idle machine, from spawn to end. */
const stepMilliseconds = 2_500;

export async function attack({
  runs,
  seed,
  atOnce,
  onEnd,
}: AttackOptions): Promise<readonly Attempt[]> {
  const plans = drawPlans(runs, seed);
  const attempts: Attempt[] = [];
  const workers = Array.from({ length: atOnce }, async () => {
    for (let plan = plans.shift(); plan; plan = plans.shift()) {
      const attempt = await run(plan);
      attempts.push(attempt);
      onEnd?.(attempt, attempts.length);
    }
  });
  await Promise.all(workers);
  return attempts.sort((one, other) => one.number - other.number);
}

/** Both values of on-cancel, and as many cancels as kills and cancels that end in a kill. */
export function drawPlans(runs: number, seed: number): Plan[] {
  const random = mulberry32(seed);
  return Array.from({ length: runs }, (_, number) => {
    const kind = (["cancel", "cancel, then kill", "kill"] as const)[number % 3] ?? "cancel";
    const onCancel = Math.floor(number / 3) % 2 === 0 ? "leave" : "rollback";
    // Half of them in the first half second: there the process comes up, and has saved nothing yet.
    const first = Math.round(random() * (random() < 0.5 ? 500 : stepMilliseconds));
    const then = first + Math.round(random() * 1_500);
    const signals =
      kind === "kill"
        ? [{ signal: "SIGKILL" as const, after: first }]
        : [
            { signal: "SIGINT" as const, after: first },
            ...(kind === "cancel" ? [] : [{ signal: "SIGKILL" as const, after: then }]),
          ];
    return { number, onCancel, kind, signals };
  });
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c: small, and the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function run(plan: Plan): Promise<Attempt> {
  const account = await openSmallAccount({
    commit: `c0ffee${String(plan.number).padStart(34, "0")}`,
  });
  try {
    return await step(plan, account);
  } finally {
    await account.close();
  }
}

async function step(plan: Plan, account: SmallAccount): Promise<Attempt> {
  const lines: PrintedLine[] = [];
  let signalledAt = Number.NaN;
  const result = await runStep({
    ...account.step,
    inputs: { ...account.step.inputs, "on-cancel": plan.onCancel },
    onLine: (text) => void lines.push({ at: Date.now(), text }),
    onStart: (_, send) => {
      for (const { signal, after } of plan.signals)
        setTimeout(() => {
          if (Number.isNaN(signalledAt)) signalledAt = Date.now();
          send(signal);
        }, after);
    },
  });
  const cancelled = /^cancelled<</m.test(await readFile(join(result.folder, "state"), "utf8"));
  const leftBehind = await readdir(join(result.folder, "temp"));
  await rm(result.folder, { recursive: true, force: true });
  const end = { ...result, lines, signalledAt, leftBehind, cancelled };
  return {
    ...plan,
    faults: judge(plan, end, account),
    outcome: result.outputs["outcome"] ?? "no word",
    met: signalledAt <= result.endedAt,
    updated: account.simulator.calls.some(
      ({ operation, error }) => operation === "UpdateService" && error === undefined,
    ),
    exitAfter: result.endedAt - signalledAt,
    log: result.log,
  };
}

export function tableOf(attempts: readonly Attempt[]): string {
  const kinds = ["cancel", "cancel, then kill", "kill"] as const;
  const rows = kinds.flatMap((kind) =>
    (["leave", "rollback"] as const).map((onCancel) =>
      rowOf(
        `${kind}, on-cancel: ${onCancel}`,
        attempts.filter((one) => one.kind === kind && one.onCancel === onCancel),
      ),
    ),
  );
  const head = [
    "what",
    "runs",
    "met main",
    "of these updated",
    "cancelled",
    "no word",
    "slowest exit, s",
    "faults",
  ];
  return [head, head.map(() => "---"), ...rows, rowOf("all", attempts)]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function rowOf(name: string, attempts: readonly Attempt[]): readonly string[] {
  const met = attempts.filter((one) => one.met);
  const count = (of: (attempt: Attempt) => boolean) => String(met.filter(of).length);
  const slowest = Math.max(0, ...met.map(({ exitAfter }) => exitAfter));
  return [
    name,
    String(attempts.length),
    String(met.length),
    count(({ updated }) => updated),
    count(({ outcome }) => outcome === "cancelled"),
    count(({ outcome }) => outcome === "no word"),
    (slowest / 1000).toFixed(1),
    String(attempts.reduce((sum, { faults }) => sum + faults.length, 0)),
  ];
}
