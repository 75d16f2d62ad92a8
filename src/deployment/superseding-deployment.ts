// Which deployment superseded ours, and who registered its revision, as far as ECS reports it.

import type { Ecs } from "../aws/ecs.ts";
import { shortRevision } from "../ecs/arn.ts";
import { stringOf } from "../json.ts";
import type { RolloutEnd } from "../run/rollout-end.ts";

type RevisionSource = Pick<Ecs, "describeServiceRevisions" | "describeTaskDefinition">;

/**
 * `clockko-backend:3, registered by arn:aws:sts::…`; undefined where it cannot be found out, which
 * is no reason to fail. No ECS call reports who updated a service; a task definition has who
 * registered it.
 */
export async function describeSupersedingDeployment(
  { verdict, snapshot }: RolloutEnd,
  ecs: RevisionSource,
): Promise<string | undefined> {
  if (verdict.kind !== "superseded") return undefined;
  try {
    const arn = await revisionOf(verdict.by, snapshot, ecs);
    if (arn === undefined) return undefined;
    const by = stringOf((await ecs.describeTaskDefinition(arn)).definition.registeredBy);
    if (by === undefined) return shortRevision(arn);
    return `${shortRevision(arn)}, registered by ${by}`;
  } catch {
    return undefined;
  }
}

/** `by` is a service deployment's ARN, or a classic id where the newer API may not be read. */
async function revisionOf(
  by: string,
  { newer, service }: RolloutEnd["snapshot"],
  ecs: RevisionSource,
): Promise<string | undefined> {
  const target = newer?.find(({ arn }) => arn === by)?.targetRevisionArn;
  if (target === undefined)
    return service?.deployments.find(({ id }) => id === by)?.taskDefinitionArn;
  return (await ecs.describeServiceRevisions([target]))[0]?.taskDefinitionArn;
}
