// Which module of src/ may import which: docs/architecture.md, as code.

import { type Import, importsOf, namesIn, type Sources } from "./source.ts";

interface Rule {
  readonly says: string;
  readonly forbids: (from: string, imported: Import) => boolean;
}

/**
 * The layers of src/, lowest first: a folder (a room) or a file imports only from layers below its own, types included. So there is no
 * ring of rooms. Within a room files import each other freely, but not in a cycle.
 */
const layers: readonly (readonly string[])[] = [
  ["errors.ts", "json.ts", "clock.ts", "text"],
  ["ecs", "process", "timing"],
  ["inputs"],
  ["permissions", "plan"],
  ["aws", "reporter"],
  ["runtime", "run"],
  ["image"],
  ["diagnosis", "report"],
  ["observe"],
  ["deployment"],
  ["task", "terraform"],
  ["verification"],
  ["deploy.ts", "post.ts"],
  ["preview", "rehearsal"],
  ["main.ts", "post-index.ts"],
  ["index.ts", "verbs"],
];

/** Folders and files of src/ that only compute. */
const pure: readonly string[] = [
  "src/ecs/",
  "src/text/",
  "src/reporter/outputs.ts",
  "src/run/",
  "src/inputs/",
  "src/plan/",
  "src/diagnosis/causes/",
  "src/deployment/verdict.ts",
  "src/diagnosis/diagnosis.ts",
  "src/diagnosis/express.ts",
  "src/diagnosis/pending-infrastructure.ts",
  "src/diagnosis/digest-mismatch.ts",
  "src/diagnosis/failure-candidates.ts",
  "src/diagnosis/unstarted-tasks.ts",
  "src/diagnosis/match-cause.ts",
  "src/diagnosis/placeholders.ts",
  "src/diagnosis/service-events.ts",
  "src/diagnosis/symptom.ts",
  "src/diagnosis/symptoms-of-task.ts",
  "src/diagnosis/failures.ts",
  "src/deployment/history.ts",
  "src/deployment/conclude-unverified.ts",
  "src/deployment/progress.ts",
  "src/report/",
  "src/verification/failed-verification.ts",
  "src/verification/judge-answers.ts",
  "src/verification/limits.ts",
  "src/verification/missing-answer.ts",
  "src/verification/time-left.ts",
  "src/preview/configuration.ts",
  "src/preview/event.ts",
  "src/preview/plan-action.ts",
  "src/preview/tags.ts",
  "src/rehearsal/account.ts",
  "src/rehearsal/findings.ts",
  "src/rehearsal/measurement.ts",
  "src/rehearsal/stand-ins.ts",
  "src/terraform/plan-json.ts",
  "src/terraform/redact-plan.ts",
  "src/terraform/plan-checks.ts",
  "src/terraform/terraform-error.ts",
  "src/terraform/state-drift.ts",
];
const impure: readonly string[] = ["src/run/phases.ts", "src/report/actions-reporter.ts"];

/** What a pure module may use although its room is not pure as a whole. */
const ground: readonly string[] = ["src/errors.ts", "src/json.ts", "src/clock.ts"];

/** The only modules that start processes. */
const processStarters: readonly string[] = [
  "src/process/run-process.ts",
  "src/process/detached.ts",
];

/** Packages that only compute; of node:crypto the hashes are used. */
const purePackages = new Set(["jsonc-parser", "yaml", "node:crypto"]);

const rules: readonly Rule[] = [
  {
    says: "imports point to a lower layer (the list `layers`), type imports too",
    forbids: (from, { target }) => {
      const [own, other] = [layerOf(from), layerOf(target)];
      return (
        own !== undefined && other !== undefined && unitOf(from) !== unitOf(target) && other >= own
      );
    },
  },
  {
    says: "a pure module takes values only from pure modules and from errors, json and clock",
    forbids: (from, { target, typeOnly }) =>
      isPure(from) &&
      !typeOnly &&
      !isPure(target) &&
      !ground.includes(target) &&
      !purePackages.has(target),
  },
  {
    says: "only aws/ takes values from the AWS SDK",
    forbids: (from, { target, typeOnly }) =>
      /^@(aws-sdk|smithy)\//.test(target) && !typeOnly && room(from) !== "aws",
  },
  {
    says: "only process.ts and detached.ts start processes",
    forbids: (from, { target, typeOnly }) =>
      /^(@actions\/exec|(node:)?(child_process|cluster))$/.test(target) &&
      !typeOnly &&
      !processStarters.includes(from),
  },
  {
    says: "only src/preview/github.ts uses GitHub's client, which is large",
    forbids: (from, { target, typeOnly }) =>
      /^@(actions\/github|octokit\/)/.test(target) && !typeOnly && from !== "src/preview/github.ts",
  },
  {
    says: "only main.ts, post-index.ts and report/actions-reporter.ts speak to the runner",
    forbids: (from, { target }) =>
      target === "@actions/core" &&
      !["src/main.ts", "src/post-index.ts", "src/report/actions-reporter.ts"].includes(from),
  },
  {
    says: "aws/ knows no report, report/ knows no AWS",
    forbids: (from, { target }) =>
      (room(from) === "aws" && room(target) === "report") ||
      (room(from) === "report" && (room(target) === "aws" || target.startsWith("@aws-sdk/"))),
  },
  {
    says: "only a rehearsal uses the simulator, and the action nothing of its tests and scripts",
    forbids: (from, { target }) =>
      /^((simulator|__tests__|script|bench|examples|tools|\.\.)\/)/.test(target) ||
      (/^ecs-simulator(\/|$)/.test(target) && room(from) !== "rehearsal"),
  },
];

/** One line for each import that breaks a rule, for each file without a layer, and for each cycle of files. */
export function wrongImports(sources: Sources): readonly string[] {
  const wrong: string[] = [];
  const arrows = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    if (path.startsWith("src/") && layerOf(path) === undefined)
      wrong.push(`${path} is in no layer`);
    for (const imported of importsOf(path, text)) {
      const broken = rules.filter(({ forbids }) => forbids(path, imported));
      wrong.push(...broken.map(({ says }) => `${path} imports ${imported.target}: ${says}`));
      arrows.set(path, (arrows.get(path) ?? new Set()).add(imported.target));
    }
  }
  return [...wrong, ...cyclesIn(arrows)];
}

/** What registers a revision, moves a service or starts a task in ECS: the SDK's commands, and our own functions over them. */
const starts =
  /^((RegisterTaskDefinition|UpdateService|CreateService|RunTask|StartTask|CreateTaskSet|UpdateServicePrimaryTaskSet|UpdateExpressGatewayService|CreateExpressGatewayService)(Command)?|registerTaskDefinition|updateService|createService|runTask|startTask|createEcs|createExpressService|startDeployment)$/;

/** Modules that only a deployment needs. */
const deploys: readonly string[] = [
  "src/deploy.ts",
  "src/main.ts",
  "src/index.ts",
  "src/verbs/",
  "src/preview/",
  "src/process/run-process.ts",
  "src/process/detached.ts",
  "src/verification/",
  "src/image/builders/",
];

/** Whether a module of ours or of the SDK is one that only a deployment needs. */
export function isOnlyForDeployments(path: string): boolean {
  const command = path.match(/client-ecs[\\/].*[\\/]commands[\\/](\w+)\.js$/)?.[1];
  return (
    deploys.some((place) => path.startsWith(place)) ||
    (command !== undefined && starts.test(command))
  );
}

/**
 * Whatever the post step can reach starts no deployment: one line for each module among them that could.
 * @param entry where the post step begins
 */
export function startersWithinReach(sources: Sources, entry: string): readonly string[] {
  const wrong: string[] = [];
  const reached = new Set([entry]);
  for (const path of reached) {
    const text = sources.get(path);
    if (text === undefined) continue; // a package
    if (isOnlyForDeployments(path)) wrong.push(`${path}: only a deployment needs it`);
    // The table of permissions names every action of the main step as text, for its error messages.
    const names = path === "src/permissions/permissions.ts" ? [] : [...namesIn(path, text)];
    wrong.push(...names.filter((name) => starts.test(name)).map((name) => `${path}: ${name}`));
    for (const { target, typeOnly } of importsOf(path, text)) if (!typeOnly) reached.add(target);
  }
  return wrong;
}

/** The folder of src/ that a file is in, or the file itself where it stands in src/. */
function unitOf(path: string): string | undefined {
  return path.match(/^src\/([^/]+)/)?.[1];
}

function layerOf(path: string): number | undefined {
  const unit = unitOf(path);
  const layer = layers.findIndex((units) => unit !== undefined && units.includes(unit));
  return layer < 0 ? undefined : layer;
}

function isPure(path: string): boolean {
  return pure.some((place) => path.startsWith(place)) && !impure.includes(path);
}

/** The folder of src/ that a module is in; undefined for what stands in src/ itself and for packages. */
function room(path: string): string | undefined {
  return path.match(/^src\/([^/]+)\//)?.[1];
}

function cyclesIn(arrows: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const isInCycle = (start: string): boolean => {
    const reached = new Set(arrows.get(start));
    for (const path of reached) for (const next of arrows.get(path) ?? []) reached.add(next);
    return reached.has(start);
  };
  const inCycle = [...arrows.keys()].filter(isInCycle).sort();
  return inCycle.length === 0 ? [] : [`files import each other in a cycle: ${inCycle.join(", ")}`];
}
