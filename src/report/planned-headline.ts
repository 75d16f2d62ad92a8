// What a dry run says in one sentence, PURE: what would happen.

import { noValue } from "../plan/task-definition/diff.ts";
import type { Outcome, ServiceOutcome } from "../run/outcome.ts";
import { counted } from "../text/format.ts";
import { mayTellValues } from "./changes.ts";

/** Of one service, of several, or of a plan of Terraform (undefined). */
export function plannedSentence(
  planned: ServiceOutcome | readonly ServiceOutcome[] | undefined,
  { terraform, rollback }: Pick<Outcome, "terraform" | "rollback">,
): string {
  if (terraform)
    return terraform.changes.length === 0
      ? "Dry run: Terraform would change nothing"
      : `Dry run: Terraform would make ${counted(terraform.changes.length, "change")}`;
  const services = planned === undefined ? [] : [planned].flat();
  const moving = services.filter(({ taskDefinitionArn }) => taskDefinitionArn === undefined);
  const [first, ...others] = moving;
  if (!first)
    return `Dry run: would change nothing, ${services.length === 1 ? "the service is" : "all services are"} up to date`;
  const verb = rollback ? "roll back" : "deploy to";
  if (others.length > 0) return `Dry run: would ${verb} ${counted(moving.length, "service")}`;
  return `Dry run: would ${verb} ${first.service} (${describeChanges(first)})`;
}

/** `image v1 → 7c2d1f0, 2 more changes` */
function describeChanges({ changes }: ServiceOutcome): string {
  if (changes.length === 0) return "same revision, new deployment";
  const told = changes
    .filter((change) => mayTellValues(change) && /\.image$|^(cpu|memory)$/.test(change.path))
    .slice(0, 2);
  const more = changes.length - told.length;
  return [
    ...told.map(({ path, from, to }) => `${path.split(".").at(-1)} ${brief(from)} → ${brief(to)}`),
    ...(more > 0 ? [counted(more, told.length > 0 ? "more change" : "change")] : []),
  ].join(", ");
}

/** Of an image only the tag, or the beginning of its digest; of a commit's sha as much as git shows. */
function brief(value: string): string {
  if (value === noValue) return "none";
  const tag = value.match(/[:@]([^:/@]+)$/)?.[1] ?? value;
  return /^[0-9a-f]{40,64}$/.test(tag) ? tag.slice(0, 7) : tag;
}
