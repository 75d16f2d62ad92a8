// The sign-in of a job → our inputs, or the reason why it stays, PURE.

import { type Carried, carryInputs } from "./carry.ts";
import { lookUp, wrap } from "./expressions.ts";
import type { JobFacts } from "./facts.ts";
import { awsNeed, conditionOf, titleOf } from "./kept-steps.ts";
import type { Scope } from "./scope.ts";
import type { Step } from "./source.ts";

export interface SignIn {
  readonly step: Step;
  readonly carried: Carried;
  /** Why it stays. */
  readonly stays: string[];
}

export interface Credentials {
  readonly inputs: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, string>;
  readonly remarks: readonly string[];
}

const keyRemark =
  "To do without stored keys, give the deployment a role: create it as docs/iam.md shows, add " +
  "`permissions: { id-token: write, contents: read }` to the job, and replace `env:` by " +
  "`role-to-assume: arn:aws:iam::ACCOUNT:role/NAME`.";

export function readSignIns(scope: Scope, facts: JobFacts): readonly SignIn[] {
  const steps = scope.job.steps.filter((step) => facts.roles.get(step) === "sign-in");
  return steps.map((step) => {
    const carried = carryInputs(step, "aws-actions/configure-aws-credentials", (value) =>
      scope.atJob(value, step),
    );
    const stays = [...carried.stays];
    const role = step.with.get("role-to-assume")?.trim();
    if (role && carried.env.has("AWS_ACCESS_KEY_ID"))
      stays.push("The role is assumed with access keys; ours assumes a role by OIDC only.");
    return { step, carried, stays };
  });
}

/** The sign-in that is in force at a step. */
export function signInAt(step: Step, signIns: readonly SignIn[]): SignIn | undefined {
  return signIns.filter((one) => one.step.index < step.index).at(-1);
}

/** Sign-ins of which the workflow chooses one: each has a condition of its own. */
export function keepAlternatives(signIns: readonly SignIn[], steps: readonly Step[]): void {
  for (const step of steps) {
    const found = signInAt(step, signIns);
    const condition = found && conditionOf(found.step);
    if (!found || condition === undefined || condition === conditionOf(step)) continue;
    const alternatives = signIns.filter((one) => one.step.index < step.index);
    if (alternatives.length === 1) found.stays.push(`It runs only if \`${condition}\`.`);
    for (const one of alternatives)
      if (one.stays.length === 0)
        one.stays.push("There are several, with conditions: one of them is in force.");
  }
}

export interface KeptStep {
  readonly step: Step;
  /** What stays of its script. */
  readonly run: string | undefined;
}

/** Steps that stay and need the job's credentials. */
export function keepForOthers(signIns: readonly SignIn[], kept: readonly KeptStep[]): void {
  for (const { step, run } of kept) {
    const found = signInAt(step, signIns);
    if (!found || found.stays.length > 0) continue;
    if (awsNeed(step, run) === "yes") found.stays.push(`The step ${titleOf(step)} needs it.`);
    else if (readsOutputs(step, found.step))
      found.stays.push(`The step ${titleOf(step)} reads its outputs.`);
  }
}

function readsOutputs(reader: Step, step: Step): boolean {
  if (step.id === undefined) return false;
  const texts = [reader.run ?? "", ...reader.with.values(), ...reader.env.values()];
  return texts.some((text) => text.includes(`steps.${step.id}.`));
}

/** @param region of an option of the AWS CLI */
export function credentialsAt(
  step: Step,
  signIns: readonly SignIn[],
  scope: Scope,
  region?: string,
): Credentials {
  const found = signInAt(step, signIns);
  const inputs = new Map<string, string>();
  const env = new Map<string, string>();
  const remarks: string[] = [];
  if (found && found.stays.length === 0) {
    const role = found.step.with.get("role-to-assume")?.trim();
    if (role) inputs.set("role-to-assume", scope.atJob(role, found.step));
    for (const [name, value] of found.carried.inputs) inputs.set(name, value);
    for (const [name, value] of found.carried.env) env.set(name, value);
    remarks.push(...found.carried.remarks);
    if (env.has("AWS_ACCESS_KEY_ID")) remarks.push(keyRemark);
  }
  for (const [name, value] of step.env)
    if (/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$/.test(name)) env.set(name, value);
  const ofSignIn = found?.carried.inputs.get("aws-region");
  const known = region ?? ofSignIn ?? regionOfEnvironment(step, scope);
  inputs.set("aws-region", known ?? wrap("env.AWS_REGION"));
  if (known === undefined)
    remarks.push("The region is that of the job's environment (`AWS_REGION`): no step names it.");
  return { inputs, env, remarks };
}

function regionOfEnvironment(step: Step, { job, source }: Scope): string | undefined {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const own = step.env.get(name);
    if (own !== undefined) return own;
    if (lookUp(name, [job.env, source.env]) !== undefined) return wrap(`env.${name}`);
  }
  return undefined;
}
