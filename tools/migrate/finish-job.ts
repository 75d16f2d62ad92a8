// What happens to the steps that a plan leaves: removed, reduced, commented, rewritten. PURE.

import type { ReportLine } from "./carry.ts";
import {
  keepAlternatives,
  keepForOthers,
  readSignIns,
  type SignIn,
  signInAt,
} from "./credentials.ts";
import { wrap } from "./expressions.ts";
import type { ScriptLine } from "./facts.ts";
import { isImageOf } from "./image-of.ts";
import { awsNeed } from "./kept-steps.ts";
import type { JobPlan, NewStep, ReducedScript } from "./plan.ts";
import { planSteps, type Steps } from "./plan-job.ts";
import { outputName } from "./script.ts";
import { noImage, ofDeployment, type Settlement } from "./settle.ts";
import type { Step } from "./source.ts";
import { Supports } from "./supports.ts";
import { networkInputs } from "./task-run.ts";

export function planJob(settlement: Settlement, needed: readonly Settlement[]): JobPlan {
  const signIns = readSignIns(settlement.scope, settlement.facts);
  const supports = new Supports(settlement, signIns);
  keepAlternatives(signIns, [...settlement.replaced]);
  keepForOthers(signIns, supports.needingSteps());
  const steps = planSteps(settlement, signIns, needed);
  return new Finisher(settlement, steps, signIns, supports).plan();
}

class Finisher {
  private readonly settlement: Settlement;
  private readonly steps: Steps;
  private readonly signIns: readonly SignIn[];
  private readonly supports: Supports;
  private readonly remarks = new Map<Step, string[]>();

  constructor(
    settlement: Settlement,
    steps: Steps,
    signIns: readonly SignIn[],
    supports: Supports,
  ) {
    this.settlement = settlement;
    this.steps = steps;
    this.signIns = signIns;
    this.supports = supports;
  }

  plan(): JobPlan {
    const { newSteps } = this.steps;
    const removed = newSteps.length === 0 ? new Set<Step>() : this.removed();
    this.obstacles();
    if (newSteps.length > 0) this.changes(removed);
    this.useDownloads(removed);
    return {
      newSteps,
      removed,
      reduced: this.reduced(),
      remarks: this.remarks,
      ...this.outputs(),
      metadata: this.metadata(),
      idOf: this.steps.idOf,
      wantedOutputs: this.steps.wantedOutputs,
      stepOfBuild: this.steps.stepOfBuild,
      report: this.report(),
    };
  }

  private report(): readonly ReportLine[] {
    const lines = [
      ...this.signIns.flatMap(({ carried }) => carried.report),
      ...this.settlement.facts.report,
      ...this.steps.report,
    ];
    const runs = this.steps.newSteps.filter(({ verb }) => verb === "run-task");
    return lines.map((line) => {
      const [, ours] = networkInputs.find(([theirs]) => theirs === line.input) ?? [];
      const isCarried = ours !== undefined && runs.some(({ anchor }) => anchor === line.step);
      return isCarried ? { ...line, text: `→ ${ours}` } : line;
    });
  }

  private removed(): ReadonlySet<Step> {
    const { scope, facts, replaced, reduced } = this.settlement;
    const removed = new Set([...replaced].filter((step) => !reduced.has(step)));
    for (const step of scope.job.steps) {
      const role = facts.roles.get(step);
      const signIn = this.supports.signInOf(step);
      if (signIn && signIn.stays.length === 0) removed.add(step);
      if (role === "login" || this.supports.isLoginOnly(step))
        if (!this.supports.keptLogins.has(step)) removed.add(step);
      if (role === "buildx" && !this.needsBuildx(step)) removed.add(step);
      if (role === "metadata" && this.isUnusedMetadata(step)) removed.add(step);
      if (this.supports.removedDownloads.has(step)) removed.add(step);
    }
    return removed;
  }

  /** A builder of its own driver is needed for caches, attestations and several platforms. */
  private needsBuildx(step: Step): boolean {
    const { facts, builds, scope, replaced } = this.settlement;
    if (facts.builds.length === 0 || builds.length < facts.builds.length) return true;
    const needs = this.steps.newSteps.some((one) =>
      ["cache-to", "cache-from", "provenance", "sbom", "builder", "platforms"].some((name) => {
        const value = one.with.get(name);
        if (value === undefined || value === "false") return false;
        return name !== "platforms" || !/^linux\/amd64$/.test(value.trim());
      }),
    );
    const isConfigured = [...step.with.keys()].some((name) => name !== "version");
    const isUsed = scope.job.steps.some(
      (one) =>
        !replaced.has(one) &&
        /buildx|bake/.test(`${one.run ?? ""} ${one.action ?? ""}`) &&
        one !== step,
    );
    return needs || isConfigured || isUsed;
  }

  private isUnusedMetadata(step: Step): boolean {
    const { facts, builds, references, replaced } = this.settlement;
    if (this.steps.keptMetadata.has(step)) return false;
    const isOfBuild = builds.some((build) => build.metadata === step);
    const isRead = references.some(
      ({ id, step: reader }) => id === step.id && !(reader && replaced.has(reader)),
    );
    return isOfBuild && !isRead && facts.builds.length === builds.length;
  }

  /** Comments at what stays. */
  private obstacles(): void {
    const { builds, deployments } = this.settlement.facts;
    const isEcs = deployments.length > 0 || this.steps.newSteps.length > 0;
    const blocked = new Set(deployments.flatMap(({ obstacles }) => obstacles));
    for (const { obstacles, steps } of isEcs ? builds : []) {
      const [reason] = obstacles;
      if (reason === undefined || blocked.has(reason) || reason.startsWith(ofDeployment)) continue;
      this.remark(
        [...steps][0],
        `The build stays, and ours deploys its image. ${sentence(reason)}`,
      );
    }
    for (const { obstacles, step } of deployments)
      if (obstacles[0] !== undefined && obstacles[0] !== noImage)
        this.remark(step, `The deployment stays. ${sentence(obstacles[0])}`);
  }

  private changes(removed: ReadonlySet<Step>): void {
    for (const { step, stays } of this.signIns) {
      if (removed.has(step) || stays[0] === undefined) continue;
      this.remark(step, `The sign-in stays, and ours uses its credentials. ${sentence(stays[0])}`);
    }
    for (const [step, reason] of this.supports.keptLogins)
      if (!removed.has(step)) this.remark(step, `The login stays. ${reason}`);
    for (const { step, run } of this.supports.needingSteps()) {
      const signIn = signInAt(step, this.signIns);
      if (!signIn || !removed.has(signIn.step) || awsNeed(step, run) !== "maybe") continue;
      this.remark(
        step,
        "This step had AWS credentials in its environment, and has none now. If it needs them, " +
          "keep the sign-in step above it.",
      );
    }
  }

  private remark(step: Step | undefined, text: string): void {
    if (step) this.remarks.set(step, [...(this.remarks.get(step) ?? []), text]);
  }

  private useDownloads(removed: ReadonlySet<Step>): void {
    for (const [step, { download }] of this.settlement.facts.scripts)
      for (const one of this.steps.newSteps)
        if (download && removed.has(step) && one.with.get("task-definition") === download.file)
          one.with.set("task-definition", download.family);
  }

  private reduced(): ReadonlyMap<Step, ReducedScript> {
    const texts = this.steps.newSteps.flatMap((step) => [...step.with.values()]).join("\n");
    const all = new Map<Step, ReducedScript>();
    for (const [step, lines] of this.settlement.reduced) {
      const isComputed = ({ variable }: ScriptLine) =>
        variable !== undefined && texts.includes(`.outputs.${outputName(variable)} }}`);
      const lastOther = lines.findLastIndex(({ meaning }) => meaning === "other");
      const keeps = lines.filter(
        (line, index) =>
          line.meaning === "other" ||
          isComputed(line) ||
          (line.meaning === "assignment" && index < lastOther),
      );
      const outputs = lines.filter(isComputed).flatMap(({ variable }) => variable ?? []);
      all.set(step, { keeps, outputs: [...new Set(outputs)] });
    }
    return all;
  }

  /** What reads a replaced step reads ours. Only ours that are read get an id. */
  private outputs(): Pick<JobPlan, "outputs" | "ids" | "images"> {
    const outputs = new Map<string, string>();
    const ids = new Map<string, string>();
    const images: { text: string; step: NewStep }[] = [];
    const { replaced, references, scope, facts } = this.settlement;
    const isRead = ({ id }: Step) =>
      references.some((one) => one.id === id && !(one.step && replaced.has(one.step)));
    for (const [build, step] of this.steps.stepOfBuild) {
      for (const text of build.pushed) images.push({ text, step });
      for (const one of [...build.steps].filter(isRead)) {
        ids.set(one.id ?? "", this.steps.idOf(step));
        if (build.action) outputs.set(`${one.id}.digest`, this.outputOf(step, "image-digest"));
        for (const [name, value] of facts.scripts.get(one)?.outputs ?? []) {
          if (isImageOf(value ?? "", build, scope))
            outputs.set(`${one.id}.${name}`, this.outputOf(step, "image"));
          else if (value !== undefined && !outputs.has(`${one.id}.${name}`))
            outputs.set(`${one.id}.${name}`, value);
        }
      }
    }
    for (const [{ step: old, runsTask }, step] of this.steps.stepOfDeployment) {
      if (!isRead(old)) continue;
      ids.set(old.id ?? "", this.steps.idOf(step));
      outputs.set(`${old.id}.task-definition-arn`, this.outputOf(step, "task-definition-arn"));
      const task = step.verb === "run-task" ? "task-arn" : "pre-deploy-task-arn";
      if (runsTask) outputs.set(`${old.id}.run-task-arn`, this.outputOf(step, task));
    }
    return { outputs, ids, images };
  }

  private outputOf(step: NewStep, name: string): string {
    return wrap(`steps.${this.steps.idOf(step)}.outputs.${name}`);
  }

  private metadata(): ReadonlyMap<Step, string> {
    const images = new Map<Step, string>();
    for (const [build, step] of this.steps.stepOfBuild)
      if (build.metadata && this.steps.keptMetadata.has(build.metadata))
        images.set(build.metadata, step.with.get("ecr-repository") ?? "");
    return images;
  }
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return first.endsWith(".") ? first : `${first}.`;
}
