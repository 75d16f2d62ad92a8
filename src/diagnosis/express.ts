// Causes that only Express Mode services have, PURE: their alarm, their listener rule, and the
// resources that ECS creates for them.

import { type ManagedResource, pendingResources } from "../ecs/express.ts";
import type { Explanation } from "../run/diagnosis.ts";
import { shellBlock } from "../text/code-block.ts";
import type { Evidence } from "./evidence.ts";
import { describePending, infrastructureRemedy } from "./pending-infrastructure.ts";

/** `CLUSTER/SERVICE/RollbackAlarm`: ECS creates it for each Express Mode service. */
const rollbackAlarm = /^[^/]+\/[^/]+\/RollbackAlarm$/;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html */
export function explainRollbackAlarm(alarms: readonly string[]): Explanation | undefined {
  const alarm = alarms.find((name) => rollbackAlarm.test(name));
  if (alarm === undefined) return undefined;
  return {
    kind: "explained",
    name: "rollback-alarm",
    priority: "strong",
    cause:
      `The tasks ran, but more than 1 % of the requests got a 4XX or 5XX answer: alarm "${alarm}" ` +
      "of Express Mode went off.",
    remedy:
      "Answers like 404 and 401 count too, also those to crawlers and scanners. Check the access " +
      "log of the new version for 4XX and 5XX answers during the deployment; if only such " +
      "requests caused them, answer them with another status or deploy again.",
  };
}

/**
 * Resources that are not there at the end of the wait. ECS does not create them later: after a
 * denied call it does not try again.
 */
export function explainInfrastructure({ infrastructure }: Evidence): Explanation | undefined {
  const pending = infrastructure ? pendingResources(infrastructure) : [];
  if (pending.length === 0) return undefined;
  return {
    kind: "explained",
    name: "infrastructure-not-ready",
    priority: "strong",
    cause: describePending(pending),
    remedy: infrastructureRemedy,
  };
}

/** With the ARNs of the rule and its target groups, where ECS reports them. */
export function trafficSplitRemedy(
  { name }: Explanation,
  { infrastructure }: Evidence,
): string | undefined {
  if (name !== "listener-splits-traffic" || !infrastructure) return undefined;
  const [rule] = arnsOf(infrastructure.resources, "listener rule");
  const [first, second] = arnsOf(infrastructure.resources, "target group");
  if (rule === undefined || first === undefined || second === undefined) return undefined;
  const targetGroups = [
    { TargetGroupArn: first, Weight: 100 },
    { TargetGroupArn: second, Weight: 0 },
  ];
  const actions = JSON.stringify([
    { Type: "forward", ForwardConfig: { TargetGroups: targetGroups } },
  ]);
  return [
    "Find the target group whose targets are healthy:",
    shellBlock("aws elbv2 describe-target-health", `--target-group-arn ${first}`),
    "Give it the weight 100 and the other one 0 (swap the two numbers if it is the second), then " +
      "deploy again:",
    shellBlock("aws elbv2 modify-rule", `--rule-arn ${rule}`, `--actions '${actions}'`),
  ].join("\n");
}

function arnsOf(resources: readonly ManagedResource[], kind: string): readonly string[] {
  return resources.flatMap((resource) => {
    if (resource.kind !== kind || resource.arn === undefined) return [];
    return [resource.arn];
  });
}
