// Why a push failed, read from what the builder printed. PURE. The registry's words: docs/image-tags.md has the sources.

export type PushFailure =
  /** The tag is frozen and has an image already. */
  | "tag-taken"
  /** The password's twelve hours are over. */
  | "password-expired"
  /** May be otherwise in a moment. */
  | "passing"
  | "no-repository"
  | "unauthorized"
  | "forbidden"
  | "disk-full"
  | "unknown";

const patterns: readonly (readonly [PushFailure, RegExp])[] = [
  ["tag-taken", /tag.*already exists.*immutable/i],
  ["password-expired", /authorization token has expired|token.*expired.*reauthenticate/i],
  ["no-repository", /name unknown|repository with name .* does not exist/i],
  ["disk-full", /no space left on device/i],
  ["forbidden", /not authorized to perform|denied:|403 forbidden|status(?: code)?:? 403|: denied/i],
  ["unauthorized", /unauthorized|\b401\b|no basic auth credentials|authentication required/i],
  [
    "passing",
    /toomanyrequests|too many requests|rate exceeded|\b(?:429|5\d\d)\b|internal server error|bad gateway|service unavailable|gateway time-?out|\bEOF\b|connection re(?:set|fused)|broken pipe|i\/o timeout|handshake timeout|closed network connection|client disconnected|timed? ?out|no such host|temporary failure/i,
  ],
];

export function judgePushFailure(lines: readonly string[]): PushFailure {
  const words = lines.slice(-15).join("\n");
  return patterns.find(([, pattern]) => pattern.test(words))?.[0] ?? "unknown";
}

/** A builder that builds and pushes in one go fails at either; only a push fails with the registry's own words. */
export function failedAtPush(lines: readonly string[]): boolean {
  const words = lines.slice(-15).join("\n");
  if (/failed to resolve source metadata|failed to load cache key|pull access denied/i.test(words)) return false;
  return /failed to push|pushing (?:layers|manifest|[\w.:/-]+ with docker)|(?:POST|PUT|PATCH|HEAD) request to \S+\/v2\//i.test(
    words,
  );
}
