// The inputs that name the services and the settings that an update changes: a part of the table in
// schema.ts.

import { parseObject } from "./document.ts";
import type { InputSpec } from "./input-spec.ts";
import { boolean, oneOf, optional, unexpectedValue, wholeNumber } from "./parsers.ts";
import { clusterName, serviceNames } from "./service-names.ts";
import { deployingVerbs, onlyDeploy, rollingVerbs } from "./verbs.ts";

export const serviceInputs = {
  cluster: {
    group: "Service",
    verbs: deployingVerbs,
    description:
      "Name or ARN of the ECS cluster. Not needed if `service` includes it, or if the " +
      "Terraform root has an output `cluster_name`.",
    handling: { terraform: "independent", dryRun: "shown", features: [] },
    parse: (given: string) => {
      if (given === "") return "";
      return clusterName(given);
    },
  },
  service: {
    group: "Service",
    verbs: onlyDeploy,
    description:
      "Name of the ECS service, `cluster/name` or its ARN (in this account and region); " +
      "several services that run the same image: one per line. Required unless the Terraform " +
      "root has an output `service_name`.",
    handling: { terraform: "independent", dryRun: "shown", features: [] },
    parse: serviceNames,
  },
  "desired-count": {
    group: "Service",
    verbs: onlyDeploy,
    description: "How many tasks the service runs. Default: unchanged (left to autoscaling).",
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: optional(wholeNumber("tasks", { min: 0, max: 10_000 })),
  },
  "force-new-deployment": {
    group: "Service",
    verbs: onlyDeploy,
    description: "Start new tasks even if nothing changed, for example to reload secrets.",
    default: "false",
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: boolean,
  },
  "circuit-breaker-threshold": {
    group: "Service",
    verbs: rollingVerbs,
    description:
      "Number of failed tasks after which ECS rolls back: a count (`3`) or a percentage of the " +
      "desired count (`50%`). Default: the service's current setting.",
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: optional(threshold),
  },
  "service-patch": {
    group: "Service",
    verbs: onlyDeploy,
    description:
      "Merge patch for the UpdateService request (YAML or JSON), members as AWS names them: " +
      "`deploymentConfiguration`, `networkConfiguration`, `loadBalancers` and so on change in the " +
      "same update. Omitted members are kept; a list is replaced as a whole.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "shown", features: [] },
    parse: optional(parseObject),
  },
  "when-busy": {
    group: "Service",
    verbs: onlyDeploy,
    description:
      "If another deployment of the service is in progress: `proceed` (alias `go-on`): ECS " +
      "replaces it; `wait` for it to finish (at most `wait-for-minutes`); or `stop` this run. " +
      "`auto`: `wait` for an Express Mode service, `proceed` for all others.",
    default: "auto",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: parseWhenBusy,
  },
  "on-older": {
    group: "Service",
    verbs: ["deploy"],
    description:
      "If a service runs a newer commit (an old workflow run is run again): `warn`, or `fail` " +
      "before the build, at the latest before the update " +
      "([how](docs/image-tags.md#an-older-commit)). " +
      "Not asked for `rollback`, `to` and `image`.",
    default: "warn",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["imageOrigin"] },
    parse: oneOf("warn", "fail"),
  },
  "on-failure-of-one": {
    group: "Service",
    verbs: onlyDeploy,
    description:
      "With several services, if one of them fails: `keep` the others on the new revision, or " +
      "`rollback-all`. The step fails in both cases.",
    default: "keep",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: oneOf("keep", "rollback-all"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html */
interface Threshold {
  readonly type: "COUNT" | "BOUNDED_PERCENT";
  readonly value: number;
}

function threshold(given: string): Threshold {
  const [, digits, percent] = given.match(/^(\d+)\s*(%?)$/) ?? [];
  const value = Number(digits);
  if (digits === undefined || value < 1 || (percent === "%" && value > 100))
    throw unexpectedValue('a count of tasks like "3" or a share like "50%"', given);
  if (percent === "%") return { type: "BOUNDED_PERCENT", value };
  return { type: "COUNT", value };
}

const busyChoice = oneOf("auto", "wait", "proceed", "stop");

/** `go-on` is the older name of `proceed`. */
function parseWhenBusy(given: string): ReturnType<typeof busyChoice> {
  return busyChoice(given === "go-on" ? "proceed" : given);
}
