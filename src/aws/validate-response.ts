// An answer counts only if it answers what was asked. A middlebox, an emulator or a mistake of AWS may answer 200 with nothing in it, or with
// something else; read as it is, that would be "there is no such service", or worse a deployment of nothing that succeeds. Such an answer is
// no answer: it is thrown as garbled where it arrives, and asked for again like one that broke off.

import { GarbledAnswer } from "./aws-errors.ts";

/** The list that every answer to this call has, also an empty one. @throws GarbledAnswer */
export function listIn<Item>(list: readonly Item[] | undefined, member: string): readonly Item[] {
  if (!Array.isArray(list)) throw new GarbledAnswer(`the answer has no ${member}`);
  return list;
}

/** What every answer to this call has, if it is no list. @throws GarbledAnswer */
export function requireMember(value: unknown, member: string): void {
  if (value === undefined || value === "") throw new GarbledAnswer(`the answer has no ${member}`);
}

/**
 * Everything that was asked for was found, or is among the answer's failures.
 * @param asked names or ARNs
 * @param answered names and ARNs of what was found and of what was not
 * @throws GarbledAnswer
 */
export function requireAnswered(
  asked: readonly string[],
  answered: readonly (string | undefined)[],
): void {
  const lost = asked.filter((one) => !answered.some((other) => isSame(one, other)));
  if (lost.length > 0) throw new GarbledAnswer(`the answer says nothing of ${lost.join(", ")}`);
}

/** @throws GarbledAnswer */
export function requireSame(asked: string, answered: string | undefined): void {
  if (!isSame(asked, answered))
    throw new GarbledAnswer(`the answer is about ${answered || "nothing"}, and not about ${asked}`);
}

/** A name is the end of its ARN; of two ARNs all must be the same. */
function isSame(asked: string, answered: string | undefined): boolean {
  if (answered === undefined || answered === "") return false;
  return (
    asked === answered ||
    lastOf(asked) === answered ||
    (!asked.includes("/") && lastOf(answered) === asked)
  );
}

/** `family`, `family:revision` or a task definition's ARN: the revision that was asked for. @throws GarbledAnswer */
export function requireRevision(asked: string, arn: string): void {
  const revision = lastOf(arn);
  if (arn === "" || ![arn, revision, revision.replace(/:\d+$/, "")].includes(asked))
    requireSame(asked, arn);
}

function lastOf(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}
