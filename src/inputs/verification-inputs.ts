// The inputs for verifying the new version after its rollout: a part of the table in schema.ts.

import type { InputSpec } from "./input-spec.ts";
import { oneOf, optional } from "./parsers.ts";
import { command } from "./task-parsers.ts";
import { onlyDeploy } from "./verbs.ts";
import { urlChecks } from "./verification-parsers.ts";

export const verificationInputs = {
  "verify-url": {
    group: "Verification",
    verbs: onlyDeploy,
    description:
      "URLs that must give good answers before the step succeeds, one per line: " +
      "`URL [STATUS] [TEXT]`, for example `https://shop.example.com/health 200 ready`. Default " +
      "of STATUS: any of 200 to 299; TEXT must be in the body ([how](docs/verification.md)).",
    handling: {
      terraform: "independent",
      dryRun: "not-shown",
      features: ["answerHook"],
    },
    parse: urlChecks,
  },
  "verify-command": {
    group: "Verification",
    verbs: onlyDeploy,
    description:
      "Runs this command in a task of the new revision, in the service's own network, after the " +
      "rollout. The verification fails unless it exits with 0. Written like `pre-deploy-command`.",
    allowsDollar: true,
    handling: {
      terraform: "independent",
      dryRun: "not-shown",
      features: ["task", "taskLog", "taskTags", "answerHook"],
    },
    parse: optional(command),
  },
  "on-verify-failure": {
    group: "Verification",
    verbs: onlyDeploy,
    description:
      "When `verify-url` or `verify-command` fails: `rollback` to the previous revision, or " +
      "`keep` the new one. The step fails in both cases.",
    default: "rollback",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["rollback"] },
    parse: oneOf("rollback", "keep"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;
