// To which revision a service goes back, and why to this one, PURE.

import type { Lookup, ObservedService, PastDeployment } from "../ecs/observed.ts";
import type { DeploymentTarget } from "../inputs/run-inputs.ts";
import { blockingFinding, type PlanFinding } from "./findings.ts";
import { parseImageReference } from "./image/image.ts";

export interface RollbackTarget {
  readonly taskDefinitionArn: string;
  /** `it was the last good one before clockko-backend:7 (deployed 2026-11-20 09:12 UTC)` */
  readonly why: string;
}

export interface RollbackView {
  readonly service: ObservedService;
  /** Newest first. */
  readonly history: Lookup<readonly PastDeployment[]>;
  /** The revision that was asked for, if ECS knows it and may still start it. */
  readonly requestedRevision: string | undefined;
  readonly to: DeploymentTarget | undefined;
}

export function findRollbackTarget(view: RollbackView): RollbackTarget | PlanFinding {
  const { service, to, requestedRevision } = view;
  if (to && "revision" in to) {
    if (requestedRevision !== undefined)
      return { taskDefinitionArn: requestedRevision, why: "`to` names it" };
    return blockingFinding(
      "NoRollbackTarget",
      `There is no active task definition "${to.revision}" for ${service.name}.`,
      "Nothing was changed. Check `to`. A revision that was deregistered cannot be deployed again.",
    );
  }
  const { history } = view;
  if ("error" in history)
    return blockingFinding(
      "NoRollbackTarget",
      `Which revision of ${service.name} was good before cannot be known: ${history.error}`,
      "Nothing was changed. Allow it, or name the revision: `to: family:42`.",
    );
  return to
    ? findByTag(service, history.value, to.tag)
    : findLastSuccessful(service, history.value);
}

function findLastSuccessful(
  service: ObservedService,
  history: readonly PastDeployment[],
): RollbackTarget | PlanFinding {
  const current = service.taskDefinitionArn;
  const successful = history.filter(({ status }) => status === "SUCCESSFUL");
  const previous = successful.find(
    ({ taskDefinitionArn }) => taskDefinitionArn !== "" && taskDefinitionArn !== current,
  );
  if (previous)
    return {
      taskDefinitionArn: previous.taskDefinitionArn,
      why: `it was the last good one before ${shortArn(current)} (deployed ${formatUtc(previous.createdAt)})`,
    };
  return blockingFinding(
    "NoRollbackTarget",
    `${service.name} has had no other good revision than ${shortArn(current)} that ECS still remembers (it forgets deployments after 90 days).`,
    "Nothing was changed. Name the revision: `to: family:42`.",
  );
}

function findByTag(
  service: ObservedService,
  history: readonly PastDeployment[],
  tag: string,
): RollbackTarget | PlanFinding {
  const hasTag = ({ images }: PastDeployment) =>
    images.some((image) => parseImageReference(image).tag === tag);
  const found = history.filter(hasTag).toSorted((a, b) => successRank(b) - successRank(a))[0];
  if (found)
    return {
      taskDefinitionArn: found.taskDefinitionArn,
      why: `it ran the image tag "${tag}" (deployed ${formatUtc(found.createdAt)}, ${found.status === "SUCCESSFUL" ? "which succeeded" : `which ended as ${found.status}`})`,
    };
  const tags = history.flatMap(({ images }) =>
    images.map((image) => parseImageReference(image).tag ?? image),
  );
  const known = [...new Set(tags)].slice(0, 10).join(", ");
  return blockingFinding(
    "NoRollbackTarget",
    `No deployment of ${service.name} that ECS remembers ran the image tag "${tag}". It ran: ${known || "nothing"}.`,
    "Nothing was changed. Check `to`, or deploy that image anew with `image-tag` or `image`.",
  );
}

/** One that succeeded comes before one that did not. */
function successRank({ status }: PastDeployment): number {
  return status === "SUCCESSFUL" ? 1 : 0;
}

function shortArn(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}

function formatUtc(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
