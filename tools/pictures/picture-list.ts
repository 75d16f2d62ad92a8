// The pictures of job summaries in docs/pictures, and the transcript of which each is drawn.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

interface Picture {
  /** docs/pictures/NAME.png */
  readonly name: string;
  /** A pattern in __tests__/scenarios/transcripts. */
  readonly transcript: string;
  /** The reason code that the run must have: of several transcripts the first with it is drawn. */
  readonly reasonCode: string;
}

export const pictures: readonly Picture[] = [
  { name: "succeeded", transcript: "a-slow-rollout-succeeds", reasonCode: "Succeeded" },
  {
    name: "rolled-back",
    transcript: "a-container-that-exits-is-explained",
    reasonCode: "RolledBack",
  },
  {
    name: "superseded",
    transcript: "a-newer-deployment-supersedes-this-one",
    reasonCode: "RolloutSuperseded",
  },
  { name: "dry-run", transcript: "dry-run-changes-nothing", reasonCode: "Planned" },
  { name: "five-services", transcript: "one-of-five-services-fails", reasonCode: "RolledBack" },
  {
    name: "verification-failed",
    transcript: "verification-rolled-back",
    reasonCode: "VerificationFailed",
  },
  {
    name: "refused-role",
    transcript: "the-role-does-not-trust-the-job",
    reasonCode: "RoleRefused",
  },
];

/** The path of the transcript; undefined: no scenario plays this yet. */
export function transcriptOf(
  { transcript, reasonCode }: Picture,
  root: string,
): string | undefined {
  return globSync(join(root, "__tests__/scenarios/transcripts", `${transcript}.txt`))
    .sort((a, b) => basename(a).localeCompare(basename(b)))
    .find((path) => readFileSync(path, "utf8").includes(`\nreason-code=${reasonCode}\n`));
}
