// nextToken and maxResults, the same for every list.

import { invalidParameter } from "./errors.ts";

interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

export function page<T>(items: readonly T[], maxResults: number, nextToken?: string): Page<T> {
  const start =
    nextToken === undefined ? 0 : Number(Buffer.from(nextToken, "base64url").toString());
  if (!Number.isInteger(start) || start < 0) throw invalidParameter("Invalid token");
  const end = start + maxResults;
  const slice = items.slice(start, end);
  return end < items.length
    ? { items: slice, nextToken: Buffer.from(String(end)).toString("base64url") }
    : { items: slice };
}
