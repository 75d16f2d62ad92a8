// The output `message`, PURE: the end of a run in one line of plain text for a chat, whose format
// is unknown: Slack, Teams, Discord, a comment on GitHub. No character of it is markup in any of
// them, and no @ notifies a person.

import { isPass, type Outcome, type ServiceOutcome } from "../run/outcome.ts";
import { splitCodeBlocks } from "../text/code-block.ts";
import { formatDuration } from "../text/format.ts";
import { sanitizeLine } from "../text/sanitize.ts";
import { outcomeSentence, runningSentence, withoutIcon } from "./headline.ts";
import { dryRunNote } from "./summary/plan-section.ts";

/** In UTF-16 code units. */
const maxMessageLength = 300;

/** Set when the step begins: a killed step has no other end. */
export function killedMessage(verb: Outcome["verb"]): string {
  if (verb === "rehearse")
    return "❌ Rehearsal: the step was killed before it could report its result.";
  return (
    "❌ The step was killed before it could report its result; its post step and the " +
    "AWS console show what is in progress."
  );
}

/** @param secrets what is masked in the log: it is hidden here, too */
export function chatMessage(outcome: Outcome, secrets: Iterable<string>): string {
  const hidden = secretTexts(secrets);
  const show = (text: string) => withoutMarkup(hideSecrets(text, hidden));
  const sentence = show(outcomeSentence(outcome));
  const why = show(reasonOf(outcome));
  const rest = [show(runningOf(outcome, sentence)), durationSentence(outcome, sentence)]
    .filter(Boolean)
    .join(" ");
  // Some reasons begin with the whole sentence.
  if (why.startsWith(withoutIcon(sentence)))
    return joinParts(`${sentence.slice(0, sentence.indexOf(" "))} `, why, rest);
  return joinParts(`${endSentence(sentence)} `, why, rest);
}

/** The reason is cut first, then the end of the message. */
function joinParts(head: string, why: string, rest: string): string {
  const whole = `${head}${why === "" ? "" : `${endSentence(why)} `}${rest}`.trim();
  if (whole.length <= maxMessageLength) return whole;
  const room = maxMessageLength - head.length - rest.length - 2;
  if (why !== "" && room >= 20) return `${head}${cutAtBlank(why, room)}… ${rest}`;
  const text = `${head}${rest}`.trim();
  if (text.length <= maxMessageLength) return text;
  return `${text.slice(0, maxMessageLength - 1).toWellFormed()}…`;
}

/** At a blank, unless that would leave out a long word. */
function cutAtBlank(text: string, length: number): string {
  const cut = text.slice(0, length).trimEnd().toWellFormed();
  const blank = cut.lastIndexOf(" ");
  if (blank < length - 20) return cut;
  return cut.slice(0, blank);
}

function endSentence(text: string): string {
  if (text === "" || /[.!?…]$/.test(text)) return text;
  return `${text.replace(/[:;,]$/, "")}.`;
}

/** The cause; else what was reported, without its code; for a success its notice. */
function reasonOf({ problem, services }: Outcome): string {
  if (!problem) return services.map(noticeOf).find((notice) => notice !== "") ?? "";
  const failed = services.filter((service) => service.problem);
  const cause = failed.find(({ reasonCode }) => reasonCode === problem.code);
  if (cause?.diagnosis && failed.length > 1) return `${cause.service}: ${cause.diagnosis.cause}`;
  if (cause?.diagnosis) return cause.diagnosis.cause;
  return splitCodeBlocks(problem.message)
    .filter(({ language }) => language === undefined)
    .flatMap(({ lines }) => lines)
    .filter((line) => !/^(Running now:|\s*$)/.test(line))
    .map(asSentence)
    .join(" ");
}

/** The first sentence on a reached stage is the headline, too. */
function noticeOf({ notice = "", reasonCode }: ServiceOutcome): string {
  if (reasonCode === "ReachedStage") return notice.slice(notice.indexOf(". ") + 1);
  return notice;
}

/** A line of a list, or a paragraph without the sentence that introduces a block of code. */
function asSentence(line: string): string {
  const text = line.replace(/^- /, "").replace(/(?<=[.!?] )[^.]*:$/, "");
  if (/[.!?:;,]\s*$/.test(text)) return text;
  if (line.startsWith("- ")) return `${text};`;
  return `${text}.`;
}

/** "" if the sentence says it already, or the service is gone. */
function runningOf({ services }: Outcome, sentence: string): string {
  const [first] = services;
  const isSaid = /\bruns?\b/.test(sentence) || (services.length === 1 && first && isSettled(first));
  if (isSaid) return "";
  const shown = services
    .filter(({ runningNow, end }) => runningNow !== undefined && end?.verdict.kind !== "gone")
    .toSorted((a, b) => Number(isPass(a.outcome)) - Number(isPass(b.outcome)))
    .slice(0, 3)
    .map((service) => runningSentence(service));
  return endSentence(shown.join(", "));
}

/** The revision of the sentence is what runs. */
function isSettled({ reasonCode }: ServiceOutcome): boolean {
  return reasonCode === "Succeeded" || reasonCode === "Unchanged";
}

/** The sentence may have the time of the rollout; that of the step only where it differs. */
function durationSentence({ outcome, startedAt, endedAt }: Outcome, sentence: string): string {
  const duration = formatDuration(endedAt - startedAt);
  if (outcome === "planned") return `${dryRunNote} Took ${duration}.`;
  if (sentence.endsWith(` in ${duration}`)) return "";
  return `Took ${duration}.`;
}

/** A secret of several lines is hidden line by line, too; the longest text first. */
function secretTexts(secrets: Iterable<string>): readonly string[] {
  return [...secrets]
    .flatMap((secret) => [secret, ...secret.split(/\r?\n/).filter((line) => line.length >= 4)])
    .filter((text) => text !== "")
    .toSorted((a, b) => b.length - a.length);
}

function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, "(hidden)"), text);
}

/** Characters that are markup in a chat, as others that look alike. */
const lookalikes: Readonly<Record<string, string>> = {
  "`": "'",
  "*": "∗",
  "~": "∼",
  "|": "/",
  "\\": "/",
  "<": "‹",
  ">": "›",
  "[": "(",
  "]": ")",
  "@": "＠",
  $: "＄",
};

/**
 * ARNs and image references have no account and region: they are long, and the runner drops a job
 * output that holds a masked account id. Commits and digests are short, as git and Docker show them.
 */
function withoutMarkup(text: string): string {
  return sanitizeLine(text.replace(/\s+/g, " "))
    .replace(/\barn:[\w-]*:[\w-]*:[\w-]*:\d*:/g, "")
    .replace(/\b\d{12}\.dkr[.-]ecr[\w.-]*\//g, "")
    .replace(/\b\d{12}\b/g, "(hidden)")
    .replace(/\b([0-9a-f]{7})[0-9a-f]{33}\b/g, "$1")
    .replace(/\bsha256:([0-9a-f]{12})[0-9a-f]{52}\b/g, "sha256:$1")
    .replace(/[`*~|\\<>[\]@$]/g, (character) => lookalikes[character] ?? "")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "＿")
    .replace(/#(?=\w)/g, "No. ")
    .replace(/:(?=(?:100|[+-]1|[a-z0-9_+-]*[a-z][a-z0-9_+-]*):)/g, "∶")
    .replace(/ {2,}/g, " ")
    .trim();
}
