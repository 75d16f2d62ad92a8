// The rows that only the verb `rehearse` has. One with the name of a shared row replaces it there.

import type { InputSpec } from "./input-spec.ts";
import { parseVariables } from "./key-values.ts";
import {
  boolean,
  InputProblem,
  lines,
  optional,
  region,
  unexpectedValue,
  wholeNumber,
} from "./parsers.ts";
import { maxWaitMinutes } from "./rollout-inputs.ts";
import type { Inputs, Parsed } from "./schema.ts";
import { oneTaskDefinition, type TaskDefinitionInput } from "./task-definition-parsers.ts";

const onlyRehearse = ["rehearse"] as const;
const notPlanned = { terraform: "independent", dryRun: "not-shown", features: [] } as const;

export const rehearseInputs = {
  "aws-region": {
    group: "Rehearsal",
    verbs: onlyRehearse,
    description:
      "Region of the simulated account. Default: the one that the task definition names, in " +
      "`awslogs-region` or in an ARN, else `us-east-1`.",
    handling: notPlanned,
    parse: optional(region),
  },
  "task-definition": {
    group: "Task definition",
    verbs: onlyRehearse,
    description:
      "File of the task definition (JSON, comments allowed, or YAML; also the raw output of `aws " +
      "ecs describe-task-definition`).",
    required: true,
    allowsDollar: true,
    handling: notPlanned,
    parse: definitionFile,
  },
  "wait-for-minutes": {
    group: "Rollout",
    verbs: onlyRehearse,
    description: "How long to wait for the result; after that the rehearsal ends as timed out.",
    default: "10",
    handling: notPlanned,
    parse: wholeNumber("minutes", { min: 1, max: maxWaitMinutes }),
  },
  "rehearsal-secrets": {
    group: "Rehearsal",
    verbs: onlyRehearse,
    description:
      "Values that stand in for the secrets of the task definition, `NAME=value`, one per line, " +
      "with the names that the container sees. The line `dummy` gives every other secret a value " +
      "that says what it is.",
    allowsDollar: true,
    handling: notPlanned,
    parse: standIns,
  },
  "rehearsal-hosts": {
    group: "Rehearsal",
    verbs: onlyRehearse,
    description:
      "What the task reaches under which name: `name=container`, one per line, with the name, the " +
      "id (the expression `job.services.postgres.id`) or a network alias of a running container.",
    handling: notPlanned,
    parse: hosts,
  },
  keep: {
    group: "Rehearsal",
    verbs: onlyRehearse,
    description: "`true`: the image that was built stays on the runner's Docker engine.",
    default: "false",
    handling: notPlanned,
    parse: boolean,
  },
} as const satisfies Record<string, InputSpec<unknown>>;

type OwnRows = Parsed<typeof rehearseInputs>;

/** Every input of the verb, parsed; rows that it does not have, with their defaults. */
export type RehearseInputs = Omit<Inputs, keyof OwnRows> & OwnRows;

export interface StandIns {
  readonly values: Readonly<Record<string, string>>;
  /** Every secret without a value gets a marked one. */
  readonly dummies: boolean;
}

export interface RehearsalHost {
  readonly name: string;
  /** Name, id or network alias of a running container. */
  readonly container: string;
}

function definitionFile(given: string): readonly [TaskDefinitionInput] {
  const [source] = oneTaskDefinition(given);
  if ("path" in source) return [source];
  throw unexpectedValue(
    "a file of the workspace, because a rehearsal does not sign in to AWS",
    given,
    `Save the definition as a file: aws ecs describe-task-definition --task-definition ${given}`,
  );
}

function standIns(given: string): StandIns {
  const isDummy = (line: string) => line.trim() === "dummy";
  const texts = given.split(/\r?\n/);
  const values: Record<string, string> = {};
  for (const one of parseVariables(texts.filter((line) => !isDummy(line)).join("\n"))) {
    if ("remove" in one)
      throw new InputProblem(
        `-${one.name}: only NAME=value and the line dummy have a meaning here`,
      );
    values[one.name] = one.value;
  }
  return { values, dummies: texts.some(isDummy) };
}

function hosts(given: string): readonly RehearsalHost[] {
  return lines(given).map((line) => {
    const [, name, container] =
      line.match(/^([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)\s*=\s*([A-Za-z0-9][\w.-]*)$/) ?? [];
    if (name === undefined || container === undefined)
      throw unexpectedValue("NAME=CONTAINER, like db=postgres, one per line", line);
    return { name, container };
  });
}
