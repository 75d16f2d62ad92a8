// Which answers are good, what is quoted of them, and how they are counted.

import { expect, test } from "vitest";
import {
  countAnswers,
  type Exchange,
  isSteadilyWrong,
  judgeAnswer,
} from "../../../src/verification/judge-answers.ts";

const check = { url: "https://shop.example/", status: undefined, text: undefined };

function answer(status: number, body = "", truncated = false): Exchange {
  return { answer: { status, location: undefined, body, truncated }, redirect: undefined };
}

test.each([
  [200, "good"],
  [299, "good"],
  [300, "wrong"],
  [404, "wrong"],
  [500, "wrong"],
  [502, "none"],
  [503, "none"],
  [504, "none"],
] as const)("%i is %s", (status, kind) => {
  expect(judgeAnswer(check, answer(status)).kind).toBe(kind);
});

test("an expected status is the only good one, also 503", () => {
  expect(judgeAnswer({ ...check, status: 503 }, answer(503)).kind).toBe("good");
  expect(judgeAnswer({ ...check, status: 503 }, answer(200)).kind).toBe("wrong");
});

test("the quote is one line of 200 characters, without what a terminal or the runner obeys", () => {
  const { quote } = judgeAnswer(check, answer(500, `::error::x\n\u001b[31m${"é".repeat(500)}`));
  expect(quote).toMatch(/^500 "\u200b?::error::x é+…"$/);
  expect(quote.length).toBeLessThan(215);
});

const wrong = judgeAnswer(check, answer(500));
const none = judgeAnswer(check, answer(503));
const good = judgeAnswer(check, answer(200));

test("30 times the same wrong answer is enough; 503s never are", () => {
  expect(isSteadilyWrong(Array.from({ length: 29 }, () => wrong))).toBe(false);
  expect(isSteadilyWrong(Array.from({ length: 30 }, () => wrong))).toBe(true);
  expect(isSteadilyWrong([...Array.from({ length: 30 }, () => wrong), none])).toBe(false);
  expect(isSteadilyWrong(Array.from({ length: 100 }, () => none))).toBe(false);
  expect(isSteadilyWrong([])).toBe(false);
});

test("counts, the most frequent first", () => {
  expect(countAnswers([none, good, none, none])).toBe("4 answers: 3 × 503, 1 × 200");
  expect(countAnswers([good])).toBe("1 answer: 1 × 200");
});
