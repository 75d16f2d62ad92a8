// After a whole run of the scenarios: which of them used which permission, as a table; fails if a feature has one that none of them used.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type Feature,
  type FeatureName,
  featureNames,
  features,
  resourcePatterns,
} from "../../../src/permissions/permissions.ts";
import type { PlayTally } from "./permissions.ts";

const scenarios = resolve(import.meta.dirname, "..");

/** Asked for by real builders and by Terraform: the end-to-end tests of the image and of Terraform mode see to these. */
const notByScenarios = new Set<FeatureName>([
  "cache",
  "baseImage",
  "terraformPlan",
  "terraformApply",
  "terraformCreate",
  // The simulator does not ask for the service-linked role.
  "expressFirst",
]);

let folder = "";

/** vitest calls it before the first worker starts. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), "deploy-ecs-permissions-"));
  process.env["DEPLOY_ECS_PERMISSION_TALLY"] = join(folder, "plays");
}

/** After the last worker has ended. */
export function teardown(): void {
  const plays = readPlays(join(folder, "plays"));
  rmSync(folder, { recursive: true, force: true });
  if (isWhole(plays)) tell(plays);
}

function readPlays(file: string): readonly PlayTally[] {
  try {
    return readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as PlayTally);
  } catch {
    return []; // no scenario has played
  }
}

/** A filtered run proves nothing about what was left out. */
function isWhole(plays: readonly PlayTally[]): boolean {
  const played = new Set(plays.map(({ file }) => file));
  const files = readdirSync(scenarios).filter((name) => name.endsWith(".test.ts"));
  return files.every(
    (name) =>
      played.has(join(scenarios, name)) ||
      !readFileSync(join(scenarios, name), "utf8").includes(".play("),
  );
}

interface Row {
  readonly feature: FeatureName;
  readonly asking: number;
  readonly uses: readonly { readonly action: string; readonly plays: number }[];
  readonly on: string;
}

function tell(plays: readonly PlayTally[]): void {
  const rows = featureNames()
    .filter((feature) => !notByScenarios.has(feature))
    .flatMap((feature) => rowsOf(feature, plays));
  console.log(
    `\nWhat ${plays.length} plays of the scenarios used of the permissions that they asked for:`,
  );
  for (const { feature, asking, uses, on } of rows)
    console.log(
      `  ${feature} (${asking}): ${uses.map(({ action, plays: used }) => `${action} ${used}`).join(", ")} on ${on}`,
    );
  console.log(`  not by scenarios: ${[...notByScenarios].join(", ")}`);
  const unused = rows.flatMap(({ feature, uses }) =>
    uses.filter((use) => use.plays === 0).map(({ action }) => `${feature}: ${action}`),
  );
  if (unused.length > 0)
    throw new Error(
      `No scenario uses these permissions of src/permissions/permissions.ts: ${unused.join(", ")}`,
    );
}

function rowsOf(feature: FeatureName, plays: readonly PlayTally[]): readonly Row[] {
  const asking = plays.filter((play) => play.features.includes(feature));
  return (features[feature] as Feature).permissions.map(({ actions, resources }) => ({
    feature,
    asking: asking.length,
    uses: actions.map((action) => ({
      action,
      plays: asking.filter(({ used }) => used.includes(action)).length,
    })),
    on: resources.map((one) => shortened(resourcePatterns[one])).join(" "),
  }));
}

function shortened(pattern: string): string {
  return pattern.replace(/^arn:aws:[a-z0-9]+:(REGION)?:(ACCOUNT)?:/, "");
}
