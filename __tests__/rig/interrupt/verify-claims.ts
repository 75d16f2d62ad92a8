// Holds what an interrupted step said against what the simulator knows: each row of `sentences` is one kind of sentence and what must be
// true where it is said. A sentence may be behind ECS by as much as happened after the signal, and no more.

import type { ListServiceDeploymentsResponse } from "@aws-sdk/client-ecs";
import type { StepResult } from "../actions-runner.ts";
import type { SmallAccount } from "../small-account.ts";
import type { Plan } from "./interrupt.ts";

export interface PrintedLine {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly text: string;
}

export interface End extends StepResult {
  readonly lines: readonly PrintedLine[];
  readonly signalledAt: number;
  /** Main has heard the cancel, as its state says. */
  readonly cancelled: boolean;
  /** What is in RUNNER_TEMP after the post step. */
  readonly leftBehind: readonly string[];
}

/** What the simulator knows of the one deployment that the step may have started. Moments in milliseconds since the Unix epoch. */
interface Record {
  readonly updated: boolean;
  /** Infinity: never. */
  readonly stopRequestedAt: number;
  /** Of our service deployment; "" if there is none. */
  readonly status: string;
  /** When its status became final. Infinity: it is not. */
  readonly endedAt: number;
}

interface Sentence {
  readonly says: RegExp;
  /** @param by from then on a look at ECS was possible: the signal for main, main's end for the post step */
  readonly isTrue: (record: Record, by: number) => boolean;
}

const sentences: readonly Sentence[] = [
  {
    says: /(?<!Nothing of it )\b(goes on|continues)\b/,
    isTrue: ({ updated, endedAt, stopRequestedAt }, by) =>
      updated && endedAt >= by && stopRequestedAt >= by,
  },
  {
    says: /Nothing of it continues/,
    isTrue: ({ updated, endedAt }) => !updated || Number.isFinite(endedAt),
  },
  { says: /may have (begun|started)/, isTrue: ({ endedAt }, by) => endedAt >= by },
  {
    says: /ECS was asked to roll back|rollback was requested|is rolling back|is being rolled back|ECS (had )?rolled it back|was rolled back/,
    isTrue: ({ stopRequestedAt }) => stopRequestedAt < Number.POSITIVE_INFINITY,
  },
  {
    says: /Nothing was (built or )?changed|nothing has changed|service was not (touched|updated)|ECS shows no deployment of it\.(?! A deployment may)/i,
    isTrue: ({ updated }) => !updated,
  },
  {
    says: /outcome: succeeded|✅ Deployed|was successful|it was deployed|\bSUCCESSFUL\b/,
    isTrue: ({ status }) => status === "SUCCESSFUL",
  },
  {
    says: /left no word of a deployment/,
    isTrue: ({ updated, endedAt }, by) => !updated || endedAt < by,
  },
  { says: /has left no state/, isTrue: ({ updated }) => !updated },
  { says: /deployment ecs-svc\/\d+ has begun/, isTrue: ({ updated }) => updated },
];

/** One line for each thing that is not as it must be. */
export function judge(plan: Plan, end: End, account: SmallAccount): readonly string[] {
  const record = recordOf(account);
  const [main, post] = [
    end.lines.filter(({ at }) => at <= end.endedAt),
    end.lines.filter(({ at }) => at > end.endedAt),
  ];
  return [
    ...refuted(main, end.signalledAt, record),
    ...refuted(post, end.endedAt, record),
    ...refuted([{ at: end.endedAt, text: end.summary }], end.signalledAt, record).map(
      (line) => `summary: ${line}`,
    ),
    ...startedByPost(end, account),
    ...omitted(plan, end, record),
    ...manners(plan, end),
  ];
}

function recordOf({ simulator, cluster, service }: SmallAccount): Record {
  const accepted = (operation: string) =>
    simulator.calls.find((call) => call.operation === operation && call.error === undefined);
  const list = simulator.ecs.service.operations["ListServiceDeployments"];
  if (!list) throw new Error("the simulator lists no service deployments any more");
  const { serviceDeployments = [] } = list(
    { cluster, service },
    {} as never,
  ) as ListServiceDeploymentsResponse;
  // Newest first; the oldest is the one that brought the service up.
  const [ours] = serviceDeployments.slice(0, -1);
  const { status = "", finishedAt } = ours ?? {};
  return {
    updated: accepted("UpdateService") !== undefined,
    stopRequestedAt: accepted("StopServiceDeployment")?.at ?? Number.POSITIVE_INFINITY,
    status,
    endedAt: isFinal(status) && finishedAt ? epoch(finishedAt) : Number.POSITIVE_INFINITY,
  };
}

function isFinal(status: string): boolean {
  return ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED"].includes(status);
}

/** The simulator has dates as the wire does. */
function epoch(moment: Date | number): number {
  return typeof moment === "number" ? moment * 1000 : moment.getTime();
}

function refuted(lines: readonly PrintedLine[], by: number, record: Record): readonly string[] {
  return lines.flatMap(({ text }) =>
    sentences
      .filter(({ says, isTrue }) => says.test(text) && !isTrue(record, by))
      .map(({ says }) => `untrue: ${lineWith(says, text)} (ECS: ${describe(record, by)})`),
  );
}

function lineWith(says: RegExp, text: string): string {
  return text.split("\n").find((line) => says.test(line)) ?? "";
}

function describe({ updated, status, endedAt, stopRequestedAt }: Record, by: number): string {
  const ago = Number.isFinite(endedAt)
    ? `, over ${by - endedAt} ms before that could be looked up`
    : "";
  const asked = Number.isFinite(stopRequestedAt) ? ", asked to roll back" : "";
  return `${updated ? "updated" : "not updated"}, ${status || "no deployment"}${ago}${asked}`;
}

/** Node needs longer than this to come up: what arrives sooner was still on its way when main ended. */
const startMilliseconds = 30;

function startedByPost({ endedAt }: End, { simulator }: SmallAccount): readonly string[] {
  const starts = ["RegisterTaskDefinition", "UpdateService", "CreateService", "RunTask"];
  return simulator.calls
    .filter(({ at, operation }) => starts.includes(operation) && at > endedAt + startMilliseconds)
    .map(({ operation }) => `the post step called ${operation}`);
}

/** What should have been said, or asked for, and was not. */
function omitted(plan: Plan, end: End, record: Record): readonly string[] {
  const { updated, endedAt, stopRequestedAt } = record;
  const text = end.lines.map((line) => line.text).join("\n");
  const faults: string[] = [];
  const reportedByMain = end.outputs["outcome"] !== undefined;
  if (updated && endedAt > end.endedAt && !/app → app:2|app:2 to app/.test(text))
    faults.push("a deployment was in progress when main ended, and is not reported");
  const cancelled = /The run was cancelled/.test(text) || end.cancelled;
  const decidedAlone = endedAt < end.endedAt;
  if (
    plan.onCancel === "rollback" &&
    cancelled &&
    updated &&
    !decidedAlone &&
    !Number.isFinite(stopRequestedAt)
  ) {
    if (record.status !== "SUCCESSFUL")
      faults.push("on-cancel: rollback, and no rollback was requested from ECS");
    else if (!reportedByMain || !/successful|it was deployed/i.test(text))
      faults.push("on-cancel: rollback, and no reason for the missing rollback is reported");
  }
  return faults;
}

function manners(plan: Plan, end: End): readonly string[] {
  const loud = end.annotations.filter(({ level }) => level !== "notice");
  const exitAfter = end.endedAt - end.signalledAt;
  const broken = /^\s+at .*:\d+:\d+\)?$|\bBug: |\[Bug\]/m.exec(end.rawLog)?.[0];
  return [
    ...(loud.length > 1
      ? [`${loud.length} annotations: ${loud.map(({ title, level }) => title || level).join(", ")}`]
      : []),
    ...(plan.kind === "cancel" && exitAfter > 3_000
      ? [`main ended ${exitAfter} ms after the signal`]
      : []),
    ...(end.leftBehind.length > 0 ? [`left behind: ${end.leftBehind.join(", ")}`] : []),
    ...(end.postExitCode === 0 ? [] : [`the post step ended with ${end.postExitCode}`]),
    ...(broken === undefined ? [] : [`a stack or a Bug: ${broken}`]),
  ];
}
