// A workflow with the official chain → the same with deploy-ecs, PURE.

import type { ReportLine } from "./carry.ts";
import { wrap } from "./expressions.ts";
import type { Build } from "./facts.ts";
import { planJob } from "./finish-job.ts";
import { jobEdits } from "./job-edits.ts";
import { readJob } from "./job-facts.ts";
import { outputEdit, permissionEdit } from "./permissions.ts";
import type { JobPlan } from "./plan.ts";
import { imageOutput } from "./plan-job.ts";
import { applyEdits, type Edit, lineBreakOf } from "./ranges.ts";
import { Scope } from "./scope.ts";
import { type Settlement, settle } from "./settle.ts";
import { type Job, readSource, type Source } from "./source.ts";
import { differences } from "./verify.ts";

export interface Conversion {
  readonly text: string;
  /** How many steps were replaced, and by how many of ours. */
  readonly removed: number;
  readonly added: number;
  readonly report: readonly string[];
}

/** @throws NotAWorkflow if the text is none */
export function convert(text: string): Conversion {
  const source = readSource(text);
  const jobs = settledJobs(source);
  const edits: Edit[] = [];
  const report: string[] = [];
  let [removed, added] = [0, 0];
  const planned = [...jobs.values()].map((settlement) => {
    const needed = neededBy(settlement.scope.job, jobs);
    return { settlement, plan: planJob(settlement, needed) };
  });
  const wanted = planned.flatMap(({ plan }) => plan.wantedOutputs);
  for (const { settlement, plan } of planned) {
    const { job } = settlement.scope;
    const outputs = wanted.filter(({ from }) => from === settlement).map(({ build }) => build);
    const ofJob = jobLevelEdits(settlement, plan, outputs);
    const own = [...jobEdits(settlement, plan), ...ofJob];
    if (job.irregular !== undefined && /aws-actions\//.test(text))
      report.push(`job ${job.name}: not converted, because ${job.irregular}`);
    edits.push(...own);
    removed += plan.removed.size;
    added += plan.newSteps.length;
    report.push(...reportOf(job, plan));
  }
  const converted = applyEdits(
    text,
    distinct(edits).map((edit) => withBreaks(edit, text)),
  );
  const [problem] = differences(source, converted, planned);
  if (problem !== undefined)
    return {
      text,
      removed: 0,
      added: 0,
      report: [`not converted: ${problem}. Please report this file.`],
    };
  return { text: converted, removed, added, report };
}

function settledJobs(source: Source): ReadonlyMap<string, Settlement> {
  const scopes = new Map<string, Scope>();
  for (const job of source.jobs)
    scopes.set(job.name ?? "", new Scope(source, job, (name) => scopes.get(name)));
  const facts = new Map([...scopes].map(([name, scope]) => [name, readJob(scope)]));
  const settled = new Map<string, Settlement>();
  const visit = (name: string, path: readonly string[]): void => {
    const [scope, ofJob] = [scopes.get(name), facts.get(name)];
    if (!scope || !ofJob || settled.has(name) || path.includes(name)) return;
    for (const needed of scope.job.needs) visit(needed, [...path, name]);
    settled.set(name, settle(scope, ofJob, neededBy(scope.job, settled)));
  };
  for (const name of scopes.keys()) visit(name, []);
  return new Map(
    [...scopes.keys()].flatMap((name) => {
      const one = settled.get(name);
      return one ? [[name, one] as const] : [];
    }),
  );
}

function neededBy(job: Job, settled: ReadonlyMap<string, Settlement>): readonly Settlement[] {
  return job.needs.flatMap((name) => settled.get(name) ?? []);
}

function jobLevelEdits(
  settlement: Settlement,
  plan: JobPlan,
  outputs: readonly Build[],
): readonly Edit[] {
  const { source, job } = settlement.scope;
  const edits: Edit[] = [];
  for (const build of new Set(outputs)) {
    const step = plan.stepOfBuild.get(build);
    if (!step) continue;
    const value = wrap(`steps.${plan.idOf(step)}.outputs.image`);
    const edit = outputEdit(source, job, imageOutput(settlement, build), value);
    if (edit) edits.push(edit);
  }
  const role = plan.newSteps.find((step) => step.with.has("role-to-assume"));
  if (role) {
    const { edit, remark } = permissionEdit(source, job);
    if (edit) edits.push(edit);
    if (remark !== undefined) role.remarks.push(remark);
  }
  return edits;
}

/** New lines end as those of the file do. */
function withBreaks(edit: Edit, whole: string): Edit {
  if (lineBreakOf(whole) === "\n") return edit;
  return { ...edit, text: edit.text.replace(/\r?\n/g, "\r\n") };
}

/** Two jobs may need the same permission of the workflow. */
function distinct(edits: readonly Edit[]): readonly Edit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()];
}

function reportOf(job: Job, plan: JobPlan): readonly string[] {
  if (plan.newSteps.length === 0 && plan.remarks.size === 0) return [];
  const name = job.name === undefined ? "action" : `job ${job.name}`;
  const lines = plan.report
    .filter(({ step }) => plan.removed.has(step) || plan.remarks.has(step))
    .map(({ step, input, text }: ReportLine) => `${name}: ${titleFor(step)}: ${input}: ${text}`);
  const waiting = plan.newSteps
    .filter(({ waitsNow }) => waitsNow)
    .map(
      (step) =>
        `${name}: ${step.name}: waits for the result now; \`wait-for-service-stability: false\` ` +
        "switches that off",
    );
  return [...new Set([...lines, ...waiting])];
}

function titleFor({ name, action, index }: ReportLine["step"]): string {
  return name ?? action ?? `step ${index + 1}`;
}
