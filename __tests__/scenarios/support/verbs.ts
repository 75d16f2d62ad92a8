// The steps of the actions that deploy nothing.

import { readBuildInputs } from "../../../src/inputs/read-verb.ts";
import { buildFeaturesFor } from "../../../src/permissions/verb-features.ts";
import { runBuild } from "../../../src/verbs/build.ts";
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
