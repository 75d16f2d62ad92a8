// Why a push failed, from the builder's output. PURE. Sources of the registry's messages:
// docs/image-tags.md.

import { matchablePart } from "../process/lines.ts";

export type PushFailure =
  /** The tag is immutable and already has an image. */
  | "tag-taken"
  /** The password is valid for twelve hours. */
  | "password-expired"
  /** A retry may succeed. */
  | "transient"
  | "no-repository"
  /** A quota of the registry is used up. */
  | "quota"
  | "unauthorized"
  | "forbidden"
  | "disk-full"
  | "unknown";

const pushFailurePatterns: readonly (readonly [PushFailure, RegExp])[] = [
  ["tag-taken", /tag.*already exists.*immutable/i],
  ["password-expired", /authorization token has expired|token.*expired.*reauthenticate/i],
  ["no-repository", /name unknown|repository with name .* does not exist/i],
  ["disk-full", /no space left on device/i],
  ["transient", /toomanyrequests|too many requests|rate (?:limit )?exceeded|rate limit|\b429\b/i],
  // Before the permissions: ECR's message begins with "denied:" for both.
  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
  [
    "quota",
    /maximum (?:allowed )?(?:number|size|amount)|(?:limit|quota)\w* (?:has been |was |is )?(?:exceeded|reached)|(?:limit|quota)s?exceeded|exceed\w* (?:a |the |your )?(?:\w+ ){0,3}(?:limit|quota|maximum)|too many (?:images|tags|layers)|storage is full/i,
  ],
  [
    "forbidden",
    /not authorized to perform|denied:|403 forbidden|status(?: code)?:? 403|: denied|insufficient_scope|authorization failed/i,
  ],
  ["unauthorized", /unauthorized|\b401\b|no basic auth credentials|authentication required/i],
  [
    "transient",
    /\b5\d\d\b|internal server error|bad gateway|service unavailable|gateway time-?out|\bEOF\b|connection re(?:set|fused)|broken pipe|i\/o timeout|handshake timeout|closed network connection|client disconnected|timed? ?out|no such host|temporary failure/i,
  ],
];

export function classifyPushFailure(lines: readonly string[]): PushFailure {
  const output = lines.slice(-15).map(matchablePart).join("\n");
  return pushFailurePatterns.find(([, pattern]) => pattern.test(output))?.[0] ?? "unknown";
}

/**
 * The errors of buildx itself. The build's own output, which may contain anything, has a step
 * number and a time in front (`#9 0.12 …`, repeated as `0.12 …`); buildx's errors do not.
 */
export function buildxErrorLines(lines: readonly string[]): readonly string[] {
  return lines.slice(-15).filter((line) => /^(?:#\d+ )?error:/i.test(line));
}

/**
 * A builder that builds and pushes in one command can fail at either. The failed step was a push if
 * one of its own lines says so: the output of a `RUN` has a time in front (`#9 0.12 …`) and cannot
 * imitate that. Otherwise the error must name a push, and quote no instruction.
 */
export function failedDuringPush(lines: readonly string[]): boolean {
  const step = lines.flatMap((line) => /^#(\d+) ERROR:/.exec(line)?.[1] ?? []).at(-1);
  if (step !== undefined && lines.some((line) => line.startsWith(`#${step} pushing `))) return true;
  const output = buildxErrorLines(lines).map(matchablePart).join("\n");
  if (/did not complete successfully|executor failed running/i.test(output)) return false;
  return /failed to push|: pushing \S+ with docker/i.test(output);
}
