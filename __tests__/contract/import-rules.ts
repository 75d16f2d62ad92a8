// Which module of src/ may import which: docs/architecture.md, as code.

import { type Import, importsOf, namesIn, type Sources } from "./source.ts";

interface Rule {
  readonly says: string;
  readonly forbids: (from: string, imported: Import) => boolean;
}

const levels = { base: 0, room: 1, step: 2, main: 3, index: 4 } as const;
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
  "src/diagnosis/blame.ts",
  "src/diagnosis/unstarted-tasks.ts",
  "src/diagnosis/match-cause.ts",
  "src/diagnosis/failures.ts",
  "src/deployment/history.ts",
  "src/deployment/progress.ts",
  "src/report/",
  "src/terraform/plan-json.ts",
  "src/terraform/redact.ts",
  "src/terraform/plan-checks.ts",
  "src/terraform/terraform-error.ts",
  "src/terraform/s3-access-hint.ts",
  "src/terraform/state-drift.ts",
];
const impure: readonly string[] = ["src/report/actions-reporter.ts"];

/** What everything may import. */
const base: readonly string[] = [
  "src/errors.ts",
  "src/json.ts",
  "src/clock.ts",
  "src/ecs/arn.ts",
  "src/text/code-block.ts",
];

/** The only modules that start processes. */
const processStarters: readonly string[] = ["src/process/run-process.ts", "src/process/detached.ts"];

/** Packages that only compute; of node:crypto the hashes are used. */
const purePackages = new Set(["jsonc-parser", "yaml", "node:crypto"]);

const rules: readonly Rule[] = [
  {
    says: "imports point one way: index → main → deploy → rooms → errors, json, clock, arn, code-block; post-index → post → rooms",
    forbids: (from, { target }) => {
      const [above, below] = [level(from), level(target)];
      return below !== undefined && above !== undefined && (below > above || (below === above && above > levels.room));
    },
  },
  {
    says: "a pure module takes values only from pure modules, errors, json, arn and code-block",
    forbids: (from, { target, typeOnly }) =>
      isPure(from) && !typeOnly && !isPure(target) && level(target) !== levels.base && !purePackages.has(target),
  },
  {
    says: "only aws/ takes values from the AWS SDK",
    forbids: (from, { target, typeOnly }) => /^@(aws-sdk|smithy)\//.test(target) && !typeOnly && room(from) !== "aws",
  },
  {
    says: "only process.ts and detached.ts start processes",
    forbids: (from, { target, typeOnly }) =>
      /^(@actions\/exec|(node:)?(child_process|cluster))$/.test(target) && !typeOnly && !processStarters.includes(from),
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
    says: "the action knows nothing of its simulator, tests and scripts",
    forbids: (_, { target }) => /^(simulator|__tests__|script|bench|examples|\.\.)\//.test(target),
  },
];

/** One line for each import that breaks a rule, and one for each ring of rooms that take values from each other. */
export function wrongImports(sources: Sources): readonly string[] {
  const wrong: string[] = [];
  const arrows = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    for (const imported of importsOf(path, text)) {
      const broken = rules.filter(({ forbids }) => forbids(path, imported));
      wrong.push(...broken.map(({ says }) => `${path} imports ${imported.target}: ${says}`));
      const [from, to] = [room(path), room(imported.target)];
      if (from && to && from !== to && !imported.typeOnly) arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
    }
  }
  return [...wrong, ...ringsIn(arrows)];
}

/** What registers a revision, moves a service or starts a task in ECS: the SDK's commands, and our own functions over them. */
const starts =
  /^((RegisterTaskDefinition|UpdateService|CreateService|RunTask|StartTask|CreateTaskSet|UpdateServicePrimaryTaskSet|UpdateExpressGatewayService|CreateExpressGatewayService)(Command)?|registerTaskDefinition|updateService|createService|runTask|startTask|createEcs|startDeployment)$/;

/** Modules that only a deployment needs. */
const deploys: readonly string[] = [
  "src/deploy.ts",
  "src/main.ts",
  "src/index.ts",
  "src/process/run-process.ts",
  "src/process/detached.ts",
  "src/image/builders/",
];

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
    if (deploys.some((place) => path.startsWith(place))) wrong.push(`${path}: only a deployment needs it`);
    // The table of permissions names every action of the main step as text, for its error messages.
    const names = path === "src/permissions/permissions.ts" ? [] : [...namesIn(path, text)];
    wrong.push(...names.filter((name) => starts.test(name)).map((name) => `${path}: ${name}`));
    for (const { target, typeOnly } of importsOf(path, text)) if (!typeOnly) reached.add(target);
  }
  return wrong;
}

function level(path: string): number | undefined {
  if (!path.startsWith("src/")) return undefined;
  const name = path.slice("src/".length);
  if (base.includes(path)) return levels.base;
  if (name === "deploy.ts" || name === "post.ts") return levels.step;
  if (name === "main.ts") return levels.main;
  return name === "index.ts" || name === "post-index.ts" ? levels.index : levels.room;
}

function isPure(path: string): boolean {
  return pure.some((place) => path.startsWith(place)) && !impure.includes(path);
}

/** The folder of src/ that a module is in; undefined for what stands in src/ itself and for packages. */
function room(path: string): string | undefined {
  return path.match(/^src\/([^/]+)\//)?.[1];
}

function ringsIn(arrows: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const reaches = (from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean =>
    [...(arrows.get(from) ?? [])].some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, new Set([...seen, next]))),
    );
  const inRing = [...arrows.keys()].filter((name) => reaches(name, name)).sort();
  return inRing.length === 0 ? [] : [`rooms take values from each other in a ring: ${inRing.join(", ")}`];
}
