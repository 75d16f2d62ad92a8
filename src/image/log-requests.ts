// The debug line of a request to a registry: the URL without what may be secret, the status, the
// time.

import { failureLabel } from "../aws/aws-errors.ts";
import type { HttpGet } from "../aws/id-token.ts";
import type { Clock } from "../clock.ts";

/**
 * The same GET; one line when it is over: `GET https://ghcr.io/v2/clockko/api/manifests/1.2: HTTP
 * 200 in 41 ms`.
 */
export function logRequests(get: HttpGet, clock: Clock, debug: (line: string) => void): HttpGet {
  return async (url, headers, signal) => {
    const startedAt = clock.now();
    const report = (result: string) =>
      debug(`GET ${describeUrl(url)}: ${result} in ${clock.now() - startedAt} ms`);
    try {
      const response = await get(url, headers, signal);
      report(`HTTP ${response.status}`);
      return response;
    } catch (error) {
      let cause = error;
      if (signal.aborted) cause = signal.reason;
      report(`${failureLabel(cause)}, no HTTP status`);
      throw error;
    }
  };
}

/**
 * Only a registry's own paths, which name repository and manifest, are shown. The URL of a blob in
 * a store elsewhere is a permission to read it, in its query or in its path.
 */
function describeUrl(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const { protocol, host, pathname } = new URL(url);
  if (pathname.startsWith("/v2/")) return `${protocol}//${host}${pathname}`;
  return `${protocol}//${host}/…`;
}
