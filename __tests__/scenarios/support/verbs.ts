// The steps of the actions that deploy nothing.

import {
  readBuildInputs,
  readRegisterInputs,
  readRunTaskInputs,
} from "../../../src/inputs/read-verb.ts";
import type { RunTaskInputs } from "../../../src/inputs/run-task-inputs.ts";
import type { Inputs } from "../../../src/inputs/schema.ts";
import {
  buildFeaturesFor,
  registerFeaturesFor,
  runTaskFeaturesFor,
} from "../../../src/permissions/verb-features.ts";
import { runBuild } from "../../../src/verbs/build.ts";
import { runRegister } from "../../../src/verbs/register.ts";
import { runRunTask } from "../../../src/verbs/run-task.ts";
import type { PlayedStep } from "./stage.ts";

export const buildStep: PlayedStep = {
  run: runBuild,
  grant: {
    read: readBuildInputs,
    featuresFor: buildFeaturesFor,
    never: ["tags", "taskTags", "stopTask", "express", "expressFirst"],
    known: [],
  },
};

export const registerStep: PlayedStep = {
  run: runRegister,
  grant: {
    read: readRegisterInputs,
    featuresFor: registerFeaturesFor,
    never: ["taskTags", "stopTask", "express", "expressFirst"],
    known: [],
  },
};

export const runTaskStep: PlayedStep = {
  run: runRunTask,
  grant: {
    read: async (source) => (await readRunTaskInputs(source)) as unknown as Inputs,
    featuresFor: (inputs) => runTaskFeaturesFor(inputs as unknown as RunTaskInputs),
    never: ["express", "expressFirst"],
    known: [],
    runsTask: true,
  },
};
