// The headline of a dry run, PURE: what would happen, in one sentence.

import { noValue } from "../plan/task-definition/diff.ts";
import type { Outcome, ServiceOutcome } from "../run/outcome.ts";
import { pluralize } from "../text/format.ts";
import { mayShowChange } from "./changes.ts";

/** `planned`: one service, several, or undefined if Terraform plans them. */
export function dryRunSentence(
  planned: ServiceOutcome | readonly ServiceOutcome[] | undefined,
  { terraform, rollback }: Pick<Outcome, "terraform" | "rollback">,
): string {
  if (terraform?.changes.length === 0) return "Dry run: Terraform would change nothing";
  if (terraform)
    return `Dry run: Terraform would make ${pluralize(terraform.changes.length, "change")}`;
  const services = planned === undefined ? [] : [planned].flat();
  const changing = services.filter(({ taskDefinitionArn }) => taskDefinitionArn === undefined);
  const [first, ...others] = changing;
  if (!first && services.length === 1)
    return "Dry run: would change nothing, the service is up to date";
  if (!first) return "Dry run: would change nothing, all services are up to date";
  const verb = rollback ? "roll back" : "deploy to";
  if (others.length > 0) return `Dry run: would ${verb} ${pluralize(changing.length, "service")}`;
  return `Dry run: would ${verb} ${first.service} (${describeChanges(first)})`;
}

/** `image v1 → 7c2d1f0, 2 more changes` */
function describeChanges({ changes }: ServiceOutcome): string {
  if (changes.length === 0) return "same revision, new deployment";
  const shownChanges = changes
    .filter((change) => mayShowChange(change) && /\.image$|^(cpu|memory)$/.test(change.path))
    .slice(0, 2);
  const moreCount = changes.length - shownChanges.length;
  const texts = shownChanges.map(
    ({ path, from, to }) => `${path.split(".").at(-1)} ${shortValue(from)} → ${shortValue(to)}`,
  );
  if (moreCount > 0) texts.push(pluralize(moreCount, texts.length > 0 ? "more change" : "change"));
  return texts.join(", ");
}

/** For an image only its tag or digest; for a commit's sha the seven digits that git shows. */
function shortValue(value: string): string {
  if (value === noValue) return "none";
  const tag = value.match(/[:@]([^:/@]+)$/)?.[1] ?? value;
  if (/^[0-9a-f]{40,64}$/.test(tag)) return tag.slice(0, 7);
  return tag;
}
