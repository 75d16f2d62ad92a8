import { expect, test } from "vitest";
import { matchablePart, splitLines } from "../../../src/process/lines.ts";

function linesOf(chunks: readonly (string | Buffer)[]): readonly string[] {
  const told: string[] = [];
  const lines = splitLines((line) => told.push(line));
  for (const chunk of chunks) lines.push(Buffer.from(chunk));
  lines.flush();
  return told;
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

test("a line that does not end is told in pieces, and nothing of it is lost", () => {
  const chunks = Array.from({ length: 200 }, () => "x".repeat(65_536));
  const told = linesOf([...chunks, "\nlast"]);
  expect(told.length).toBeGreaterThan(10);
  expect(told.at(-1)).toBe("last");
  expect(told.join("").length).toBe(200 * 65_536 + 4);
  for (const line of told) expect(line.length).toBeLessThan(1_100_000);
});

test("patterns look at the beginning of a line", () => {
  expect(matchablePart("a".repeat(5_000))).toHaveLength(2_000);
});
