// Steps that are there only for the steps of the chain: which of them stay, PURE.

import { carryInputs } from "./carry.ts";
import type { KeptStep, SignIn } from "./credentials.ts";
import { isImageOf } from "./image-of.ts";
import { loginAction } from "./job-facts.ts";
import { titleOf } from "./kept-steps.ts";
import type { Settlement } from "./settle.ts";
import type { Step } from "./source.ts";

/** Steps that are there only for the steps of the chain: sign-in, login, buildx, metadata. */
export class Supports {
  private readonly settlement: Settlement;
  private readonly signIns: readonly SignIn[];
  readonly keptLogins: ReadonlyMap<Step, string>;
  readonly removedDownloads: ReadonlySet<Step>;

  constructor(settlement: Settlement, signIns: readonly SignIn[]) {
    this.settlement = settlement;
    this.signIns = signIns;
    this.removedDownloads = this.downloads();
    this.keptLogins = this.logins();
  }

  /** Steps that stay, apart from sign-ins: each of them may need AWS. */
  needingSteps(): readonly KeptStep[] {
    const { scope, replaced, reduced } = this.settlement;
    const { roles } = this.settlement.facts;
    const kept = scope.job.steps.filter((step) => {
      const role = roles.get(step);
      if (role === "sign-in" || this.removedDownloads.has(step)) return false;
      if (role === "login") return this.keptLogins.has(step);
      if (this.isLoginOnly(step)) return this.keptLogins.has(step);
      return !replaced.has(step) || reduced.has(step);
    });
    return kept.map((step) => {
      const others = reduced.get(step)?.filter(({ meaning }) => meaning === "other");
      return { step, run: others?.map(({ text }) => text).join("\n") ?? step.run };
    });
  }

  isLoginOnly(step: Step): boolean {
    const script = this.settlement.facts.scripts.get(step);
    if (!script || this.settlement.replaced.has(step)) return false;
    const meanings = script.lines.map(({ meaning }) => meaning);
    return meanings.includes("login") && meanings.every((one) => /login|harmless|assign/.test(one));
  }

  private logins(): ReadonlyMap<Step, string> {
    const { scope, facts, builds, replaced } = this.settlement;
    const kept = new Map<Step, string>();
    for (const step of scope.job.steps) {
      if (facts.roles.get(step) !== "login" && !this.isLoginOnly(step)) continue;
      const given =
        step.action === loginAction
          ? carryInputs(step, loginAction, (value) => value).stays[0]
          : undefined;
      const stays = facts.builds.find((build) => !builds.includes(build));
      const user = scope.job.steps.find(
        (one) => one.index > step.index && !replaced.has(one) && pullsFromEcr(one),
      );
      if (given !== undefined) kept.set(step, given);
      else if (stays) kept.set(step, "The build stays.");
      else if (user) kept.set(step, `The step ${titleOf(user)} needs it.`);
      else if (this.isRegistryRead(step)) kept.set(step, "Its output `registry` is read.");
    }
    return kept;
  }

  /** Outside of replaced steps, and not as a part of an image that one of our steps has. */
  private isRegistryRead(step: Step): boolean {
    const { scope, references, replaced, builds } = this.settlement;
    if (step.id === undefined) return false;
    const outside = references.some(({ id, step: reader }) => {
      if (id !== step.id || (reader && replaced.has(reader))) return false;
      if (reader && this.settlement.facts.roles.get(reader) === "metadata") return false;
      const text = reader
        ? [...reader.with.values(), ...reader.env.values(), reader.run ?? ""].join("\n")
        : [...scope.job.outputs.values()].join("\n");
      return !builds.some((build) => build.pushed.some((pushed) => text.includes(pushed)));
    });
    const inImages = this.settlement.deployments
      .flatMap(({ definition }) => definition.images)
      .filter(({ image }) => !builds.some((build) => isImageOf(image, build, scope)))
      .some(({ image }) => image.includes(`steps.${step.id}.`));
    return outside || inImages;
  }

  /** The file of a downloaded definition is read by our step alone. */
  private downloads(): ReadonlySet<Step> {
    const { scope, facts, deployments, replaced } = this.settlement;
    const removed = new Set<Step>();
    for (const [step, { download, lines }] of facts.scripts) {
      if (!download || replaced.has(step)) continue;
      const others = lines.filter(({ meaning }) => !/download|harmless|assign/.test(meaning));
      const isBase = deployments.filter(({ definition }) => definition.base === download.file);
      const readers = scope.job.steps.filter(
        (one) =>
          one !== step &&
          !replaced.has(one) &&
          JSON.stringify([...one.fields, ...one.with]).includes(download.file),
      );
      if (others.length === 0 && isBase.length > 0 && readers.length === 0) removed.add(step);
    }
    return removed;
  }

  signInOf(step: Step): SignIn | undefined {
    return this.signIns.find((one) => one.step === step);
  }
}

function pullsFromEcr(step: Step): boolean {
  const text = [step.run ?? "", ...step.with.values(), ...step.env.values()].join("\n");
  return (
    /\bdocker (compose |-compose )?(pull|push|run|up)\b|docker-compose/.test(text) ||
    /\.dkr\.ecr\./.test(text)
  );
}
