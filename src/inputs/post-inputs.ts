// The inputs that the post step reads, too: who it is to AWS, and what it does after a cancel. Its bundle needs no parser beside these.

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

export const credentialInputs = {
  "role-to-assume": {
    group: "Credentials",
    description:
      "ARN of the IAM role that trusts GitHub's OIDC tokens. Needs `permissions: id-token: write`. Empty: the credentials that the job already has (static keys, the runner's own role).",
    parse: optional(roleArn),
  },
  "aws-region": {
    group: "Credentials",
    description: "AWS region of the repository and the service.",
    required: true,
    parse: region,
  },
  audience: {
    group: "Credentials",
    description:
      "Audience of the OIDC token, as the IAM identity provider lists it. Default: `sts.amazonaws.com`, in China `sts.amazonaws.com.cn`.",
    parse: optional(text),
  },
  "role-session-name": {
    group: "Credentials",
    description: "Name of the role session in CloudTrail. Default: `deploy-ecs-` and the run's id.",
    parse: optional(roleSessionName),
  },
  "role-duration-seconds": {
    group: "Credentials",
    description:
      "How long one role session lasts. A deployment may take longer: the session is renewed with a new OIDC token.",
    default: "3600",
    parse: wholeNumber("seconds", { min: 900, max: 43_200 }),
  },
  "inline-session-policy": {
    group: "Credentials",
    description: "IAM policy (JSON) that narrows the role for this run.",
    allowsDollar: true,
    parse: optional(policyDocument),
  },
  "managed-session-policies": {
    group: "Credentials",
    description: "ARNs of managed policies that narrow the role for this run, one a line.",
    parse: policyArns,
  },
  "allowed-account-ids": {
    group: "Credentials",
    description:
      "AWS account ids in which this may run, one a line. In any other account nothing is touched.",
    parse: accountIds,
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export const cancelInput = {
  "on-cancel": {
    group: "Rollout",
    description:
      "What to do when the run is cancelled while the service is rolling: `leave` it to ECS, or `rollback`. The request goes out at once; the post step repeats it if need be. A pre- or post-deploy task goes on all the same, except with `rollback-and-stop-task`.",
    default: "leave",
    parse: oneOf("leave", "rollback", "rollback-and-stop-task"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;
