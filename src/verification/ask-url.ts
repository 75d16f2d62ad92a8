// Asks a URL once: follows its redirects within the host, and gives up when the time is over.

import type { Clock } from "../clock.ts";
import type { UrlCheck } from "../inputs/verification-parsers.ts";
import type { Probe } from "../runtime/runtime.ts";
import { sanitizeLine } from "../text/sanitize.ts";
import { withDeadline } from "../timing/deadline.ts";
import type { Exchange } from "./judge-answers.ts";
import { maxBodyBytes, maxRedirects } from "./limits.ts";
import { describeMissingAnswer } from "./missing-answer.ts";

export interface AskPorts {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** @throws the reason of the signal, once that aborts; nothing else */
export async function askUrl(
  check: UrlCheck,
  milliseconds: number,
  { probe, clock, signal }: AskPorts,
): Promise<Exchange> {
  signal.throwIfAborted();
  try {
    return await withDeadline(milliseconds, clock, (deadline) =>
      followRedirects(check, probe, AbortSignal.any([deadline, signal])),
    );
  } catch (error) {
    signal.throwIfAborted();
    return { missing: describeMissingAnswer(error) };
  }
}

/** A redirect that is the expected answer is not followed. */
async function followRedirects(
  { url, status }: UrlCheck,
  probe: Probe,
  signal: AbortSignal,
): Promise<Exchange> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const answer = await probe(at, maxBodyBytes, signal);
    const target = targetOf(answer, at);
    if (target === undefined || answer.status === status) return { answer, redirect: undefined };
    if (redirects === maxRedirects)
      return { answer, redirect: `after ${maxRedirects} redirects, more are not followed` };
    if (!isWithinHost(at, target)) {
      const shown = sanitizeLine(`${target.protocol}//${target.host}`);
      return { answer, redirect: `to ${shown}, which is not followed` };
    }
    at = target.href;
  }
}

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/** undefined: the answer is no redirect, or leads nowhere. */
function targetOf(
  { status, location }: { readonly status: number; readonly location: string | undefined },
  from: string,
): URL | undefined {
  if (!redirectStatuses.includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from)) return undefined;
  return new URL(location, from);
}

/** The same origin; or the same host by TLS where it was without. */
function isWithinHost(from: string, to: URL): boolean {
  const { origin, protocol, hostname } = new URL(from);
  if (to.origin === origin) return true;
  return to.hostname === hostname && protocol === "http:" && to.protocol === "https:";
}
