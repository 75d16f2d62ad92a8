// The rows that only the verb `preview` has. One with the name of a shared row replaces it there.

import { parseObject } from "./document.ts";
import type { InputSpec } from "./input-spec.ts";
import {
  boolean,
  InputProblem,
  matching,
  optional,
  quoted,
  text,
  unexpectedValue,
  wholeNumber,
} from "./parsers.ts";
import type { Inputs, Parsed } from "./schema.ts";
import { serviceNames } from "./service-names.ts";

const verbs = ["preview"] as const;
const handling = { terraform: "independent", dryRun: "not-shown", features: [] } as const;

export const previewInputs = {
  service: {
    group: "Preview",
    verbs,
    description:
      "The pattern: name of the ECS Express Mode service (or `cluster/name`, or its ARN) whose " +
      "configuration every preview gets. The preview of pull request 12 is the service " +
      "`NAME-pr-12` beside it. The pattern itself is never changed.",
    handling,
    parse: patternService,
  },
  "pull-request": {
    group: "Preview",
    verbs,
    description: "Number of the pull request. Default: that of the event `pull_request`.",
    handling,
    parse: optional((given: string) => Number(pullRequestNumber(given))),
  },
  "preview-ttl-days": {
    group: "Preview",
    verbs,
    description:
      "Days after its last push when a preview has expired; the next step that deletes a " +
      "preview also deletes expired ones.",
    default: "7",
    handling,
    parse: wholeNumber("days", { min: 1, max: 365 }),
  },
  "preview-delete": {
    group: "Preview",
    verbs,
    description:
      "`true`: delete the preview whatever the event is, and expired previews. Without a pull " +
      "request (`schedule`): only expired ones.",
    default: "false",
    handling,
    parse: boolean,
  },
  express: {
    group: "Preview",
    verbs,
    description:
      "What is different in previews, in YAML or JSON with the members of " +
      "[CreateExpressGatewayService](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/" +
      "API_CreateExpressGatewayService.html): members are replaced, objects merged, `null` " +
      'removes, as in `{cpu: "256", memory: "512"}`. Used when the preview is created.',
    allowsDollar: true,
    handling,
    parse: optional(expressOverlay),
  },
  "github-token": {
    group: "Preview",
    verbs,
    description:
      "The expression `github.token`: the URL is shown in the pull request, as deployment of the " +
      "environment `pr-N`. Needs `permissions: deployments: write`. Empty: only in the summary " +
      "and the output `url`.",
    handling,
    parse: optional(text),
  },
  "wait-for-service-stability": {
    group: "Rollout",
    verbs,
    description:
      "`true`: wait for the result of a deployment and for the end of a deletion. `false`: for " +
      "neither. Default: only for the result of a deployment.",
    handling,
    parse: optional(boolean),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

const pullRequestNumber = matching(/^[1-9]\d{0,9}$/, "the number of a pull request", "123");

/** Longest name of a service, without `-pr-` and ten digits. */
const maxPatternLength = 255 - 14;

function patternService(given: string): ReturnType<typeof serviceNames> {
  const services = serviceNames(given);
  const [pattern, ...others] = services;
  if (others.length > 0) throw new InputProblem("expected one service, got several lines");
  if (pattern && pattern.service.length > maxPatternLength)
    throw unexpectedValue(`a name of at most ${maxPatternLength} characters`, pattern.service);
  return services;
}

/** What the action itself gives to every preview. */
const ownMembers = ["serviceName", "cluster"];

function expressOverlay(given: string): ReturnType<typeof parseObject> {
  const overlay = parseObject(given);
  const own = ownMembers.find((member) => member in overlay);
  if (own === undefined) return overlay;
  throw new InputProblem(
    `${quoted(own)} cannot be changed: a preview is the service NAME-pr-N in the cluster of its ` +
      "pattern",
  );
}

export type PreviewInputName = keyof typeof previewInputs;

type OwnInputs = Parsed<typeof previewInputs>;

/** Every input of the verb, parsed; rows that it does not have, with their defaults. */
export type PreviewInputs = Omit<Inputs, keyof OwnInputs> & OwnInputs;

/** What `deploy` gets of them: the service is still the pattern. */
export function toDeployInputs(inputs: PreviewInputs): Inputs {
  return {
    ...inputs,
    // It belongs to the default branch, not to a pull request.
    latestTag: undefined,
    waitForServiceStability: inputs.waitForServiceStability ?? true,
  };
}
