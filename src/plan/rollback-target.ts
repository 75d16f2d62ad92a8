// To which revision a service goes back, and why to this one, PURE.

import type { Looked, ObservedService, PastDeployment } from "../ecs/observed.ts";
import type { DeploymentTarget } from "../inputs/task-definition-parsers.ts";
import { type Finding, refuse } from "./findings.ts";
import { parseImageReference } from "./image/image.ts";

export interface WayBack {
  readonly taskDefinitionArn: string;
  /** `it was the last good one before clockko-backend:7 (deployed 2026-11-20 09:12 UTC)` */
  readonly why: string;
}

export interface BackView {
  readonly service: ObservedService;
  /** Newest first. */
  readonly history: Looked<readonly PastDeployment[]>;
  /** The revision that was asked for, if ECS knows it and may still start it. */
  readonly named: string | undefined;
  readonly to: DeploymentTarget | undefined;
}

export function findWayBack(view: BackView): WayBack | Finding {
  const { service, to, named } = view;
  if (to && "revision" in to) {
    if (named !== undefined) return { taskDefinitionArn: named, why: "`to` names it" };
    return refuse(
      "NothingToGoBackTo",
      `There is no active task definition "${to.revision}" for ${service.name}.`,
      "Nothing was changed. Check `to`. A revision that was deregistered cannot be deployed again.",
    );
  }
  const { history } = view;
  if ("refused" in history)
    return refuse(
      "NothingToGoBackTo",
      `Which revision of ${service.name} was good before cannot be known: ${history.refused}`,
      "Nothing was changed. Allow it, or name the revision: `to: family:42`.",
    );
  return to ? findByTag(service, history.value, to.tag) : findPrevious(service, history.value);
}

function findPrevious(
  service: ObservedService,
  history: readonly PastDeployment[],
): WayBack | Finding {
  const current = service.taskDefinitionArn;
  const good = history.filter(({ status }) => status === "SUCCESSFUL");
  const previous = good.find(
    ({ taskDefinitionArn }) => taskDefinitionArn !== "" && taskDefinitionArn !== current,
  );
  if (previous)
    return {
      taskDefinitionArn: previous.taskDefinitionArn,
      why: `it was the last good one before ${short(current)} (deployed ${utc(previous.createdAt)})`,
    };
  return refuse(
    "NothingToGoBackTo",
    `${service.name} has had no other good revision than ${short(current)} that ECS still remembers (it forgets deployments after 90 days).`,
    "Nothing was changed. Name the revision: `to: family:42`.",
  );
}

function findByTag(
  service: ObservedService,
  history: readonly PastDeployment[],
  tag: string,
): WayBack | Finding {
  const hasTag = ({ images }: PastDeployment) =>
    images.some((image) => parseImageReference(image).tag === tag);
  const found = history.filter(hasTag).toSorted((one, other) => rank(other) - rank(one))[0];
  if (found)
    return {
      taskDefinitionArn: found.taskDefinitionArn,
      why: `it ran the image tag "${tag}" (deployed ${utc(found.createdAt)}, ${found.status === "SUCCESSFUL" ? "which succeeded" : `which ended as ${found.status}`})`,
    };
  const tags = history.flatMap(({ images }) =>
    images.map((image) => parseImageReference(image).tag ?? image),
  );
  const known = [...new Set(tags)].slice(0, 10).join(", ");
  return refuse(
    "NothingToGoBackTo",
    `No deployment of ${service.name} that ECS remembers ran the image tag "${tag}". It ran: ${known || "nothing"}.`,
    "Nothing was changed. Check `to`, or deploy that image anew with `image-tag` or `image`.",
  );
}

/** One that succeeded comes before one that did not. */
function rank({ status }: PastDeployment): number {
  return status === "SUCCESSFUL" ? 1 : 0;
}

function short(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}

function utc(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
