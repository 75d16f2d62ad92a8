// What expressions and shell variables mean at one step, PURE.

import {
  canonical,
  jobOutputOf,
  lookUp,
  runnerVariable,
  stepOutputOf,
  substitute,
  variableOf,
  wrap,
} from "./expressions.ts";
import type { Job, Source, Step } from "./source.ts";

/** Stands for the registry of the account in texts that are only compared. */
export const ownRegistry = "ECR-REGISTRY";

const publicRegistry = "public.ecr.aws";

const loginActions = /^(aws-actions\/amazon-ecr-login)$/;

export class Scope {
  readonly source: Source;
  readonly job: Job;
  /** `ID.NAME` of outputs of steps that are replaced. */
  readonly outputs = new Map<string, string>();
  /** Variables that a replaced step writes to GITHUB_ENV. */
  readonly variables = new Map<string, string>();
  /** Variables that other steps write to GITHUB_ENV. */
  readonly written = new Set<string>();
  private readonly others: (job: string) => Scope | undefined;

  constructor(source: Source, job: Job, others: (job: string) => Scope | undefined) {
    this.source = source;
    this.job = job;
    this.others = others;
  }

  /**
   * The text with everything replaced that is gone when the step is: its own variables, and outputs
   * of replaced steps. Variables of the job stay expressions.
   */
  atJob(text: string, step: Step): string {
    return substitute(text, (inner) => {
      const variable = variableOf(inner);
      if (variable !== undefined) return step.env.get(variable) ?? this.variables.get(variable);
      const output = stepOutputOf(inner);
      return output && this.outputs.get(`${output.id}.${output.output}`);
    });
  }

  /** For comparisons: with the variables of the job and the outputs of other jobs, too. */
  resolved(text: string, step: Step | undefined): string {
    const found = substitute(text, (inner) => {
      const variable = variableOf(inner);
      if (variable !== undefined)
        return lookUp(variable, [
          step?.env ?? new Map(),
          this.variables,
          this.job.env,
          this.source.env,
        ]);
      const output = stepOutputOf(inner);
      if (output) return this.outputValue(output.id, output.output);
      const ofJob = jobOutputOf(inner);
      return ofJob && this.others(ofJob.job)?.jobOutput(ofJob.output);
    });
    return canonical(found);
  }

  private outputValue(id: string, output: string): string | undefined {
    const step = this.job.steps.find((each) => each.id === id);
    if (output === "registry" && loginActions.test(step?.action ?? ""))
      return step?.with.get("registry-type") === "public" ? publicRegistry : ownRegistry;
    return this.outputs.get(`${id}.${output}`);
  }

  private jobOutput(output: string): string | undefined {
    const text = this.job.outputs.get(output);
    if (text === undefined) return undefined;
    return this.resolved(text, undefined);
  }

  /** `$NAME` in a script of the step; undefined: only the shell knows. */
  shellVariable(name: string, step: Step): string | undefined {
    const ofRunner = runnerVariable(name);
    if (ofRunner !== undefined) return ofRunner;
    const own = step.env.get(name);
    if (own !== undefined) return this.atJob(own, step);
    if (this.variables.has(name)) return this.variables.get(name);
    const isKnown = lookUp(name, [this.job.env, this.source.env]) !== undefined;
    if (isKnown || this.written.has(name)) return wrap(`env.${name}`);
    return undefined;
  }
}
