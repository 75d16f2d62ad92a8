// An answer counts only if it answers what was asked. A middlebox, an emulator or a mistake of AWS
// may answer 200 with nothing in it, or with something else; read as it is, that would be "there is
// no such service", or worse a deployment of nothing that succeeds. Such an answer is no answer: it
// is thrown as garbled where it arrives, and asked for again like one that broke off.

import { MalformedResponse } from "./aws-errors.ts";

/** The list that every answer to this call has, also an empty one. @throws MalformedResponse */
export function requireList<Item>(
  list: readonly Item[] | undefined,
  member: string,
): readonly Item[] {
  if (!Array.isArray(list)) throw new MalformedResponse(`the answer has no ${member}`);
  return list;
}

/** What every answer to this call has, if it is no list. @throws MalformedResponse */
export function requireMember(value: unknown, member: string): void {
  if (value === undefined || value === "")
    throw new MalformedResponse(`the answer has no ${member}`);
}

/**
 * Everything that was asked for was found, or is among the answer's failures.
 * @param requested names or ARNs
 * @param returned names and ARNs of what was found and of what was not
 * @throws MalformedResponse
 */
export function requireAllReturned(
  requested: readonly string[],
  returned: readonly (string | undefined)[],
): void {
  const missing = requested.filter(
    (name) => !returned.some((candidate) => isSameResource(name, candidate)),
  );
  if (missing.length > 0)
    throw new MalformedResponse(`the answer says nothing of ${missing.join(", ")}`);
}

/** @throws MalformedResponse */
export function requireSameResource(requested: string, returned: string | undefined): void {
  if (!isSameResource(requested, returned))
    throw new MalformedResponse(
      `the answer is about ${returned || "nothing"}, and not about ${requested}`,
    );
}

/** A name is the end of its ARN; of two ARNs all must be the same. */
function isSameResource(requested: string, returned: string | undefined): boolean {
  if (returned === undefined || returned === "") return false;
  return (
    requested === returned ||
    lastSegment(requested) === returned ||
    (!requested.includes("/") && lastSegment(returned) === requested)
  );
}

/**
 * `family`, `family:revision` or a task definition's ARN: the revision that was asked for. @throws
 * MalformedResponse
 */
export function requireSameRevision(requested: string, arn: string): void {
  const revision = lastSegment(arn);
  if (arn === "" || ![arn, revision, revision.replace(/:\d+$/, "")].includes(requested))
    requireSameResource(requested, arn);
}

function lastSegment(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}
