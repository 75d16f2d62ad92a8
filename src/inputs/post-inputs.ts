// The inputs that the post step also reads: its identity in AWS, and what it does after a cancel.
// Its bundle needs no other parsers.

import type { InputSpec } from "./input-spec.ts";
import {
  accountIds,
  oneOf,
  optional,
  policyArns,
  policyDocument,
  region,
  roleArn,
  roleSessionName,
  text,
  wholeNumber,
} from "./parsers.ts";
import { deployingVerbs, signingInVerbs } from "./verbs.ts";

export const credentialInputs = {
  "role-to-assume": {
    group: "Credentials",
    verbs: signingInVerbs,
    description:
      "ARN of the IAM role that trusts GitHub's OIDC tokens. Needs `permissions: id-token: " +
      "write`. Empty: the credentials that the job already has (static keys, the runner's own " +
      "role).",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(roleArn),
  },
  "aws-region": {
    group: "Credentials",
    verbs: signingInVerbs,
    description: "AWS region of the repository and the service.",
    required: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: region,
  },
  audience: {
    group: "Credentials",
    verbs: signingInVerbs,
    description:
      "Audience of the OIDC token, as the IAM identity provider lists it. Default: " +
      "`sts.amazonaws.com`, in China `sts.amazonaws.com.cn`.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(text),
  },
  "role-session-name": {
    group: "Credentials",
    verbs: signingInVerbs,
    description:
      "Name of the role session in CloudTrail. Default: `deploy-ecs-` followed by the run id.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(roleSessionName),
  },
  "role-duration-seconds": {
    group: "Credentials",
    verbs: signingInVerbs,
    description:
      "How long one role session lasts. A deployment may take longer: the session is then " +
      "renewed with a new OIDC token.",
    default: "3600",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: wholeNumber("seconds", { min: 900, max: 43_200 }),
  },
  "inline-session-policy": {
    group: "Credentials",
    verbs: signingInVerbs,
    description: "IAM policy (JSON) that restricts the role for this run.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(policyDocument),
  },
  "managed-session-policies": {
    group: "Credentials",
    verbs: signingInVerbs,
    description: "ARNs of managed policies that restrict the role for this run, one per line.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: policyArns,
  },
  "allowed-account-ids": {
    group: "Credentials",
    verbs: signingInVerbs,
    description:
      "AWS account ids in which this step may run, one per line. In any other account nothing " +
      "is changed.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: accountIds,
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export const cancelInput = {
  "on-cancel": {
    group: "Rollout",
    verbs: deployingVerbs,
    description:
      "What to do when the run is cancelled during the deployment: `leave` it to ECS, or " +
      "`rollback`. The request is sent at once; the post step repeats it if necessary. A pre- " +
      "or post-deploy task keeps running, except with `rollback-and-stop-task`.",
    default: "leave",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["rollback", "stopTask"] },
    parse: oneOf("leave", "rollback", "rollback-and-stop-task"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;
