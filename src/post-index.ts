// What the runner starts for `post:`. Nothing that is reached from here can start a deployment:
// __tests__/contract/import-rules.ts.

import { getInput } from "@actions/core";
import { systemClock } from "./clock.ts";
import { post } from "./post.ts";
import { createActionsReporter } from "./report/actions-reporter.ts";
import { openNetwork } from "./runtime/network.ts";

const reporter = createActionsReporter();
await post({
  clock: systemClock,
  signal: new AbortController().signal,
  random: Math.random,
  environment: process.env,
  mask: reporter.mask,
  debug: reporter.debug,
  ...openNetwork(process.env),
  reporter,
  inputText: (name) => getInput(name),
});
