// The proof that nothing was changed: the call log holds reads and sign-ins only.

import type { Play } from "./stage.ts";

const reads =
  /^(oidc:|sts:|ecr:(Describe|BatchGet|List|GetAuth)|registry:GET |ecs:(Describe|List)|logs:(Describe|Get)|secretsmanager:Describe|ssm:Describe|polling: )/;

/** Calls that change something, and commands that build or push. [] is what a plan must leave. */
export function changesOf({ calls, dockerCommands }: Play): readonly string[] {
  const commands = dockerCommands.filter((command) => / (build|push|login)( |$)/.test(command));
  return [...calls.filter((call) => !reads.test(call)), ...commands];
}
