// The limits of a verification: the one table of them, which docs/verification.md shows.

/** Good answers in a row, of every URL, before the new version counts as verified. */
export const goodAnswersInARow = 3;
export const pauseMilliseconds = 2_000;

/** Of one answer, its redirects and its body included. */
export const answerMilliseconds = 10_000;

/** How long answers are asked for; never longer than wait-for-minutes leaves. */
export const budgetMilliseconds = 5 * 60_000;

/** With less time than this, nothing is asked: a version that is slow to answer is no bad one. */
export const minBudgetMilliseconds = 30_000;

/** The same wrong answer so many times in a row ends it: about a minute. */
export const sameWrongAnswers = 30;

/** They say that the load balancer has no target to ask, which passes: they never end it early. */
export const passingStatuses: readonly number[] = [502, 503, 504];

export const maxBodyBytes = 64 * 1024;
export const maxRedirects = 5;
export const quotedCharacters = 200;

/** A verification at a pause ends so long before the hook expires, to leave time for the answer. */
export const hookMarginMilliseconds = 60_000;
/** And so long before wait-for-minutes is over. */
export const waitMarginMilliseconds = 30_000;
