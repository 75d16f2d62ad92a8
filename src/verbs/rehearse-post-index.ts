// What the runner starts for `post:` of the action `rehearse`: removes what a killed main step left
// on the Docker engine. It calls no AWS, unlike the post step of a deployment.

import { tmpdir } from "node:os";
import { messageOf } from "../errors.ts";
import { removeDockerConfig } from "../image/docker-config.ts";
import { createProcessRunner } from "../process/run-process.ts";
import { dockerCommand, rehearsalId, removeLeftovers } from "../rehearsal/leftovers.ts";
import { createActionsReporter } from "../report/actions-reporter.ts";
import { readPostState } from "../runtime/post-state.ts";

const state = readPostState(process.env, process.env.RUNNER_TEMP || tmpdir());
try {
  if (state.main === "begun") {
    const run = createProcessRunner(new AbortController().signal);
    const docker = dockerCommand(run, process.env);
    await removeLeftovers(rehearsalId(process.env), docker, { keepImage: false });
  }
  if (state.privateFolder !== undefined) await removeDockerConfig(state.privateFolder);
} catch (error) {
  const message = `The post step could not remove what the rehearsal left: ${messageOf(error)}`;
  createActionsReporter().warning(message);
}
