// To which revision a service is rolled back, and why, PURE.

import { shortRevision } from "../ecs/arn.ts";
import type { Lookup, ObservedService, PastDeployment } from "../ecs/observed.ts";
import type { DeploymentTarget } from "../inputs/run-inputs.ts";
import { formatUtc } from "../text/format.ts";
import { blockingFinding, type PlanFinding } from "./findings.ts";
import { parseImageReference } from "./image/image.ts";

interface RollbackTarget {
  readonly taskDefinitionArn: string;
  /**
   * `it was the last successful revision before clockko-backend:7 (deployed 2026-11-20 09:12 UTC)`
   */
  readonly why: string;
}

interface RollbackView {
  readonly service: ObservedService;
  /** Newest first. */
  readonly history: Lookup<readonly PastDeployment[]>;
  /** The requested revision, if it exists and is active. */
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
      `The last successful revision of ${service.name} could not be determined: ${history.error}`,
      "Nothing was changed. Allow it, or name the revision: `to: family:42`.",
    );
  if (to) return findByTag(service, history.value, to.tag);
  return findLastSuccessful(service, history.value);
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
      why:
        `it was the last successful revision before ${shortRevision(current)} (deployed ` +
        `${formatUtc(previous.createdAt)})`,
    };
  return blockingFinding(
    "NoRollbackTarget",
    `${service.name} has no successful deployment of another revision than ` +
      `${shortRevision(current)} in ECS's history (ECS keeps deployments for 90 days).`,
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
  if (found) {
    const end = found.status === "SUCCESSFUL" ? "succeeded" : `ended as ${found.status}`;
    return {
      taskDefinitionArn: found.taskDefinitionArn,
      why: `it ran the image tag "${tag}" (deployed ${formatUtc(found.createdAt)}, which ${end})`,
    };
  }
  const tags = history.flatMap(({ images }) =>
    images.map((image) => parseImageReference(image).tag ?? image),
  );
  const known = [...new Set(tags)].slice(0, 10).join(", ");
  return blockingFinding(
    "NoRollbackTarget",
    `No deployment in ECS's history of ${service.name} ran the image tag "${tag}". It ran: ` +
      `${known || "nothing"}.`,
    "Nothing was changed. Check `to`, or deploy that image again with `image-tag` or `image`.",
  );
}

/** Successful deployments come first. */
function successRank({ status }: PastDeployment): number {
  if (status === "SUCCESSFUL") return 1;
  return 0;
}
