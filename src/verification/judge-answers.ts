// Whether an answer is a good one, and how the answers of a URL are counted, PURE.

import type { UrlCheck } from "../inputs/verification-parsers.ts";
import type { ProbeAnswer } from "../runtime/runtime.ts";
import { pluralize } from "../text/format.ts";
import { sanitizeLine } from "../text/sanitize.ts";
import { maxBodyBytes, passingStatuses, quotedCharacters, sameWrongAnswers } from "./limits.ts";

/** What came of asking one URL once. */
export type Exchange =
  /** `redirect`: where it leads, if that is not followed, and why it is not. */
  | { readonly answer: ProbeAnswer; readonly redirect: string | undefined }
  /** There was no HTTP answer: why, in a few words. */
  | { readonly missing: string };

interface JudgedAnswer {
  /** Equal answers have the same label: `503`, `200 without "ready"`, `connection refused`. */
  readonly label: string;
  /** `wrong`: the service itself answers, but not as expected. `none`: no server answers yet. */
  readonly kind: "good" | "wrong" | "none";
  /** The label, and the beginning of the body. */
  readonly quote: string;
}

export function judgeAnswer(
  { status: expected, text }: UrlCheck,
  exchange: Exchange,
): JudgedAnswer {
  if ("missing" in exchange)
    return { label: exchange.missing, kind: "none", quote: exchange.missing };
  const { answer, redirect } = exchange;
  const wrong = (label: string) => ({ label, kind: wrongKind(answer.status), quote: label });
  if (redirect !== undefined) return wrong(`${answer.status} ${redirect}`);
  const isExpected =
    expected === undefined
      ? answer.status >= 200 && answer.status <= 299
      : answer.status === expected;
  const label = String(answer.status);
  if (!isExpected) return { ...wrong(label), quote: quoteOf(label, answer.body) };
  if (text === undefined || answer.body.includes(text))
    return { label, kind: "good", quote: quoteOf(label, answer.body) };
  const withoutText = wrong(`${label} without ${JSON.stringify(text)}${searchedPart(answer)}`);
  return { ...withoutText, quote: quoteOf(withoutText.label, answer.body) };
}

function wrongKind(status: number): "wrong" | "none" {
  if (passingStatuses.includes(status)) return "none";
  return "wrong";
}

function searchedPart({ truncated }: ProbeAnswer): string {
  if (!truncated) return "";
  return ` in the first ${maxBodyBytes / 1024} KiB`;
}

/** `500 "Internal Server Error: no such table"` */
function quoteOf(label: string, body: string): string {
  const line = sanitizeLine(body.slice(0, 4 * quotedCharacters).replace(/\s+/g, " ")).trim();
  if (line === "") return `${label}, with an empty body`;
  if (line.length <= quotedCharacters) return `${label} "${line}"`;
  return `${label} "${line.slice(0, quotedCharacters).toWellFormed()}…"`;
}

/** All answers of one URL, oldest first. */
export type AnswerLog = readonly JudgedAnswer[];

/** The same wrong answer again and again: more of it would say nothing new. */
export function isSteadilyWrong(answers: AnswerLog): boolean {
  const last = answers.at(-1);
  if (last?.kind !== "wrong" || answers.length < sameWrongAnswers) return false;
  return answers.slice(-sameWrongAnswers).every(({ label }) => label === last.label);
}

/** `12 answers: 9 × 503, 3 × 200` */
export function countAnswers(answers: AnswerLog): string {
  const counts = new Map<string, number>();
  for (const { label } of answers) counts.set(label, (counts.get(label) ?? 0) + 1);
  const listed = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([label, count]) => `${count} × ${label}`);
  return `${pluralize(answers.length, "answer")}: ${listed.join(", ")}`;
}
