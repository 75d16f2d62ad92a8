// The headline of a dry run, PURE: what would happen, in one sentence.

import { noValue } from "../plan/task-definition/diff.ts";
import type { Outcome, ServiceOutcome } from "../run/outcome.ts";
import { pluralize } from "../text/format.ts";
import { mayShowChange } from "./changes.ts";

/** `planned`: one service, several, or undefined if Terraform plans them. */
export function dryRunSentence(
  planned: ServiceOutcome | readonly ServiceOutcome[] | undefined,
  { terraform, rollback, answerPause }: Pick<Outcome, "terraform" | "rollback" | "answerPause">,
): string {
  if (terraform?.changes.length === 0) return "Would change nothing: Terraform plans no change";
  if (terraform)
    return `Would apply ${pluralize(terraform.changes.length, "change")} with Terraform`;
  const services = planned === undefined ? [] : [planned].flat();
  const changing = services.filter(({ taskDefinitionArn }) => taskDefinitionArn === undefined);
  const [first, ...others] = changing;
  if (!first) return `Would change nothing: ${describeUpToDate(services)}`;
  const verb = dryRunVerb(rollback, answerPause);
  if (others.length === 0) {
    if (first.previousTaskDefinitionArn === "") return `Would create ${first.service}`;
    return `Would ${verb} ${first.service}: ${describeChanges(first)}`;
  }
  const sentence = `Would ${verb} ${pluralize(changing.length, "service")}`;
  const changes = new Set(changing.map(describeChanges));
  if (changes.size === 1) return `${sentence}: ${[...changes][0]}`;
  return sentence;
}

function describeUpToDate([first, ...others]: readonly ServiceOutcome[]): string {
  if (first && others.length === 0) return `${first.service} is up to date`;
  return "all services are up to date";
}

function dryRunVerb(rollback: Outcome["rollback"], answerPause: Outcome["answerPause"]): string {
  if (answerPause === "continue") return "continue the deployment of";
  if (answerPause === "rollback") return "roll back the deployment of";
  if (rollback) return "roll back";
  return "deploy";
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
