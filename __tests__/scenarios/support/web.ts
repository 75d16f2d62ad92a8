// A scripted web server on the virtual clock: what verify-url asks.

import type { ProbeAnswer } from "../../../src/runtime/runtime.ts";
import type { Stage } from "./stage.ts";

/** A status, a whole answer, an error of Node's with this code, or no answer at all. */
type Scripted =
  | number
  | Partial<ProbeAnswer>
  | { readonly error: string; readonly message?: string }
  | "hangs";

interface Asked {
  readonly url: string;
  /** Milliseconds since the first request. */
  readonly elapsed: number;
  /** The number of the request, from 1. */
  readonly count: number;
}

/** Every answer takes 50 ms. Returns the URLs that were asked, in order. */
export function serveWeb(stage: Stage, answer: (asked: Asked) => Scripted): readonly string[] {
  const { clock } = stage;
  const urls: string[] = [];
  let firstAt: number | undefined;
  stage.probe = async (url, _, signal) => {
    firstAt ??= clock.now();
    urls.push(url);
    const scripted = answer({ url, elapsed: clock.now() - firstAt, count: urls.length });
    if (scripted === "hangs") {
      await clock.sleep(24 * 3_600_000, signal);
      throw new Error("no answer");
    }
    await clock.sleep(50, signal);
    if (typeof scripted === "number") return { ...emptyAnswer, status: scripted };
    if ("error" in scripted)
      throw Object.assign(new Error(scripted.message ?? scripted.error), { code: scripted.error });
    return { ...emptyAnswer, ...scripted };
  };
  return urls;
}

const emptyAnswer: ProbeAnswer = { status: 200, location: undefined, body: "", truncated: false };
