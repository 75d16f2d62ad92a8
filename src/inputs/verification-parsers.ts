// The URLs of `verify-url`, PURE: `URL [STATUS] [TEXT]`, one per line.

import { InputProblem, lines, quoted, unexpectedValue } from "./parsers.ts";

/** One URL, and what a good answer of it is. */
export interface UrlCheck {
  /** Without a fragment. */
  readonly url: string;
  /** undefined: any status from 200 to 299. */
  readonly status: number | undefined;
  /** What the body must contain, as it is written. */
  readonly text: string | undefined;
}

const maxUrls = 20;

const form = "URL [STATUS] [TEXT]";
const example = "https://shop.example.com/health 200 ready";

/** @throws InputProblem that names the line */
export function urlChecks(given: string): readonly UrlCheck[] {
  const checks = lines(given).map(urlCheck);
  if (checks.length > maxUrls)
    throw new InputProblem(`expected at most ${maxUrls} URLs, got ${checks.length}`);
  return checks;
}

function urlCheck(line: string): UrlCheck {
  const [, address = "", rest = ""] = line.match(/^(\S+)\s*(.*)$/) ?? [];
  const url = parseUrl(address, line);
  const [, word = "", after = ""] = rest.match(/^(\S+)\s*(.*)$/) ?? [];
  if (word === "2xx") return { url, status: undefined, text: after || undefined };
  if (!/^\d+$/.test(word)) return { url, status: undefined, text: rest || undefined };
  const status = Number(word);
  if (word.length !== 3 || status < 200 || status > 599)
    throw unexpectedValue("a status from 200 to 599 after the URL, or a text", line);
  return { url, status, text: after || undefined };
}

function parseUrl(address: string, line: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "")
    throw unexpectedValue(`${form}, one per line, like ${example}`, line);
  if (url.username !== "" || url.password !== "")
    throw new InputProblem(
      `expected a URL without a user name and password, got one for ${quoted(url.host)}: log and ` +
        "summary show the URL",
    );
  url.hash = "";
  return url.href;
}
