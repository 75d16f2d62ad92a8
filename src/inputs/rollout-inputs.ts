// The inputs for watching the deployment: a part of the table in schema.ts.

import {
  type LifecycleStage,
  stageInputValue,
  stagesWithNewTasks,
} from "../ecs/lifecycle-stage.ts";
import type { InputSpec } from "./input-spec.ts";
import { boolean, oneOf, optional, unexpectedValue, wholeNumber } from "./parsers.ts";
import { cancelInput } from "./post-inputs.ts";
import { deployingVerbs, onlyDeploy } from "./verbs.ts";

/** A job on a GitHub-hosted runner is limited to six hours. */
export const maxWaitMinutes = 360;

export const rolloutInputs = {
  "wait-for-service-stability": {
    group: "Rollout",
    verbs: onlyDeploy,
    description:
      "Wait for the result of the deployment. `false`: finish as soon as ECS has accepted the " +
      "update; the outcome then says nothing about health.",
    default: "true",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["verdict", "diagnosis"] },
    parse: boolean,
  },
  "wait-for-minutes": {
    group: "Rollout",
    verbs: deployingVerbs,
    description: "How long to wait for the result. The deployment itself continues after that.",
    default: "30",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: wholeNumber("minutes", { min: 1, max: maxWaitMinutes }),
  },
  "wait-until": {
    group: "Rollout",
    verbs: ["deploy"],
    description:
      "`completed`, or the lifecycle stage of a blue/green, linear or canary deployment at which " +
      "the step succeeds, while ECS continues and may still roll back: " +
      `${stagesWithNewTasks.map((stage) => `\`${stageInputValue(stage)}\``).join(", ")}.`,
    default: "completed",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: stageOrCompleted,
  },
  "on-timeout": {
    group: "Rollout",
    verbs: deployingVerbs,
    description:
      "What to do when `wait-for-minutes` is reached: `leave` the deployment to ECS, or " +
      "`rollback` (ask ECS to roll back, and watch the rollback). The step fails unless the " +
      "deployment still succeeds.",
    default: "leave",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["rollback"] },
    parse: oneOf("leave", "rollback"),
  },
  "fail-after-failed-tasks": {
    group: "Rollout",
    verbs: deployingVerbs,
    description:
      "Stop waiting after this number of failed tasks of the deployment, and proceed as " +
      "`on-timeout` says. `0`: leave the count to ECS's circuit breaker.",
    default: "0",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: wholeNumber("tasks", { min: 0, max: 1_000 }),
  },
  ...cancelInput,
  "on-superseded": {
    group: "Rollout",
    verbs: deployingVerbs,
    description:
      "When a newer deployment starts before this one finishes: `fail` the step, or `warn` and " +
      "pass.",
    default: "fail",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: oneOf("fail", "warn"),
  },
  "answer-pause": {
    group: "Rollout",
    verbs: onlyDeploy,
    description:
      "`continue` or `rollback`: answer the PAUSE hook at which a deployment of `service` waits, " +
      "and follow that deployment to its end. Nothing is built or updated " +
      "([how](docs/pause-hooks.md)).",
    handling: {
      terraform: "independent",
      dryRun: "shown",
      features: ["pausedDeployment", "answerHook"],
    },
    parse: optional(oneOf("continue", "rollback")),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

/** undefined: `completed`. */
function stageOrCompleted(given: string): LifecycleStage | undefined {
  if (given === "completed") return undefined;
  const found = stagesWithNewTasks.find((stage) => stageInputValue(stage) === given);
  if (found) return found;
  const choices = ["completed", ...stagesWithNewTasks.map(stageInputValue)];
  throw unexpectedValue(choices.map((choice) => JSON.stringify(choice)).join(" or "), given);
}
