import { expect, test } from "vitest";
import { matchablePart, splitLines } from "../../../src/process/lines.ts";

function linesOf(chunks: readonly (string | Buffer)[]): readonly string[] {
  const reported: string[] = [];
  const lines = splitLines((line) => reported.push(line));
  for (const chunk of chunks) lines.push(Buffer.from(chunk));
  lines.flush();
  return reported;
}

test("lines are whole, however they come, and the last one needs no end", () => {
  const umlaut = Buffer.from("ä\n");
  expect(linesOf(["a", "b\r\nc\n\nd", umlaut.subarray(0, 1), umlaut.subarray(1), "e"])).toEqual([
    "ab",
    "c",
    "",
    "dä",
    "e",
  ]);
});

test("a line without an end is reported in pieces, and nothing of it is lost", () => {
  const chunks = Array.from({ length: 200 }, () => "x".repeat(65_536));
  const reported = linesOf([...chunks, "\nlast"]);
  expect(reported.length).toBeGreaterThan(10);
  expect(reported.at(-1)).toBe("last");
  expect(reported.join("").length).toBe(200 * 65_536 + 4);
  for (const line of reported) expect(line.length).toBeLessThan(1_100_000);
});

test("patterns are tried on the beginning of a line", () => {
  expect(matchablePart("a".repeat(5_000))).toHaveLength(2_000);
});
