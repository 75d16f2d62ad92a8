// A response counts only if it has what was requested. A middlebox, an emulator or a mistake of AWS
// may answer 200 with nothing or something else in it; taken as it is, that would mean "there is no
// such service", or worse a deployment of nothing that succeeds. Such a response is thrown as
// MalformedResponse where it arrives, and retried like one that was cut off.

import { resourceId } from "../ecs/arn.ts";
import { MalformedResponse } from "./aws-errors.ts";

/**
 * The list that every response to this call has, even if it is empty.
 * @throws MalformedResponse
 */
export function requireList<Item>(
  list: readonly Item[] | undefined,
  member: string,
): readonly Item[] {
  if (!Array.isArray(list)) throw new MalformedResponse(`the answer has no ${member}`);
  return list;
}

/**
 * A member that every response to this call has, if it is no list.
 * @throws MalformedResponse
 */
export function requireMember(value: unknown, member: string): void {
  if (value === undefined || value === "")
    throw new MalformedResponse(`the answer has no ${member}`);
}

/**
 * Everything requested was found, or is among the response's failures.
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

/** A name is the end of its ARN; two ARNs must be equal. */
function isSameResource(requested: string, returned: string | undefined): boolean {
  if (returned === undefined || returned === "") return false;
  return (
    requested === returned ||
    resourceId(requested) === returned ||
    (!requested.includes("/") && resourceId(returned) === requested)
  );
}

/**
 * `family`, `family:revision` or a task definition's ARN: the requested revision.
 * @throws MalformedResponse
 */
export function requireSameRevision(requested: string, arn: string): void {
  const revision = resourceId(arn);
  if (arn === "" || ![arn, revision, revision.replace(/:\d+$/, "")].includes(requested))
    requireSameResource(requested, arn);
}
