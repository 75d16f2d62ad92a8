// Asks all URLs together, again and again, until all of them have given good answers in a row, or
// the time is over.

import type { UrlCheck } from "../inputs/verification-parsers.ts";
import type { HeartbeatReporter } from "../reporter/heartbeat.ts";
import type { VerificationOutcome } from "../run/outcome.ts";
import { formatDuration, formatElapsed } from "../text/format.ts";
import { pollUntil } from "../timing/poll.ts";
import { type AskPorts, askUrl } from "./ask-url.ts";
import { type AnswerLog, countAnswers, isSteadilyWrong, judgeAnswer } from "./judge-answers.ts";
import { answerMilliseconds, goodAnswersInARow, pauseMilliseconds } from "./limits.ts";

interface VerifyUrlsPorts extends AskPorts {
  readonly reporter: HeartbeatReporter;
}

/** A URL, and what it has answered so far. */
interface AskedUrl {
  readonly check: UrlCheck;
  answers: AnswerLog;
}

/**
 * @param until milliseconds since the Unix epoch
 * @returns one result per URL
 * @throws the reason of the signal, once that aborts; nothing else
 */
export async function verifyUrls(
  checks: readonly UrlCheck[],
  until: number,
  ports: VerifyUrlsPorts,
): Promise<readonly VerificationOutcome[]> {
  const { clock, signal } = ports;
  const startedAt = clock.now();
  const asked: readonly AskedUrl[] = checks.map((check) => ({ check, answers: [] }));
  let rounds = 0;
  const askOnce = async () => {
    await Promise.all(asked.map((url) => askAndReport(url, startedAt, ports)));
    const isGood = asked.every(({ answers }) => answers.at(-1)?.kind === "good");
    rounds = isGood ? rounds + 1 : 0;
    if (rounds >= goodAnswersInARow) return "good";
    // No answer is cut short: the next one must fit into the time, however long it takes.
    const hasTime = until - clock.now() >= pauseMilliseconds + answerMilliseconds;
    if (!hasTime || asked.some(({ answers }) => isSteadilyWrong(answers))) return "bad";
    ports.reporter.polled(() => `${prefix(startedAt, ports)}${describeOpenUrl(asked)}`);
    return undefined;
  };
  const end = await pollUntil(askOnce, pauseMilliseconds, { clock, signal });
  const duration = formatDuration(clock.now() - startedAt);
  return asked.map((url) => resultOf(url, end, duration));
}

async function askAndReport(
  asked: AskedUrl,
  startedAt: number,
  ports: VerifyUrlsPorts,
): Promise<void> {
  const before = asked.answers.at(-1);
  const answer = judgeAnswer(asked.check, await askUrl(asked.check, answerMilliseconds, ports));
  asked.answers = [...asked.answers, answer];
  if (answer.label !== before?.label)
    ports.reporter.info(`${prefix(startedAt, ports)}${asked.check.url}: ${answer.quote}`);
}

function prefix(startedAt: number, { clock }: VerifyUrlsPorts): string {
  return `${formatElapsed(clock.now() - startedAt).padStart(5)}  `;
}

function describeOpenUrl(asked: readonly AskedUrl[]): string {
  const open = asked.find(({ answers }) => answers.at(-1)?.kind !== "good") ?? asked[0];
  if (!open) return "still verifying";
  return `still verifying ${open.check.url}: ${countAnswers(open.answers)}`;
}

function resultOf(
  { check: { url }, answers }: AskedUrl,
  end: "good" | "bad",
  duration: string,
): VerificationOutcome {
  const counts = countAnswers(answers);
  const last = answers.at(-1);
  if (end === "good")
    return {
      passed: true,
      text: `${url}: ${goodAnswersInARow} good answers in a row after ${duration} (${counts}).`,
    };
  const lastOnes = answers.slice(-goodAnswersInARow);
  if (lastOnes.length === goodAnswersInARow && lastOnes.every(({ kind }) => kind === "good"))
    return { passed: true, text: `${url}: ${last?.label} (${counts}).` };
  return {
    passed: false,
    text:
      `${url} did not give ${goodAnswersInARow} good answers in a row within ${duration}.\n` +
      `Its last answer: ${last?.quote ?? "none"}\n${counts}.`,
  };
}
