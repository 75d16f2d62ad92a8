// What the end of a first deployment means, PURE: there is nothing to roll back to, and the service
// remains.

import type { ErrorCode } from "../errors.ts";
import type { Conclusion } from "../run/conclusion.ts";
import type { ServiceRun } from "../run/state.ts";
import { shellBlock } from "../text/code-block.ts";

/** How ECS says that the version itself is bad. */
const failures: ReadonlySet<ErrorCode> = new Set([
  "RolledBack",
  "RollbackFailed",
  "RolloutFailed",
  "TasksFailing",
]);

export function concludeCreation(
  { plan }: Pick<ServiceRun, "plan">,
  conclusion: Conclusion,
): Conclusion {
  const { problem } = conclusion;
  if (!problem || !failures.has(problem.code)) return conclusion;
  const { name, arn } = plan.service;
  const removal = shellBlock("aws ecs delete-express-gateway-service", `--service-arn ${arn}`);
  return {
    ...conclusion,
    outcome: "failed",
    problem: {
      code: "FirstDeploymentFailed",
      message:
        `${problem.message}\nService ${name} was created and remains, with its load balancer and ` +
        "URL, which answers 503. It costs as long as it exists (docs/express.md has the prices).",
      hint:
        `${problem.hint ?? ""}\nThe next good commit repairs it: run the job again. To remove ` +
        `it:\n${removal}`,
    },
  };
}
