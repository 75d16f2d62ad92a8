// The steps of the actions that deploy nothing.

import { readBuildInputs, readRegisterInputs } from "../../../src/inputs/read-verb.ts";
import { buildFeaturesFor, registerFeaturesFor } from "../../../src/permissions/verb-features.ts";
import { runBuild } from "../../../src/verbs/build.ts";
import { runRegister } from "../../../src/verbs/register.ts";
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
