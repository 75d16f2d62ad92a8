import { expect, test } from "vitest";
import { sanitizeLine } from "../../../src/text/sanitize.ts";

const esc = "\u001b";
const gap = "\u200b";

test.each([
  { name: "plain text", input: "GET / 200", expected: "GET / 200" },
  { name: "colours", input: `${esc}[31mred${esc}[0m`, expected: "red" },
  { name: "cursor movements", input: `${esc}[2K${esc}[1Gdone`, expected: "done" },
  { name: "control characters", input: "a\u0000b\u0008c\u007fd", expected: "abcd" },
  {
    name: "a line break in the middle",
    input: "one\n::set-env name=A::b",
    expected: "one::set-env name=A::b",
  },
  { name: "a carriage return", input: "10 %\r20 %", expected: "10 %20 %" },
  { name: "a tabulator stays", input: "a\tb", expected: "a\tb" },
  { name: "blanks at the end", input: "a  ", expected: "a" },
  { name: "a command", input: "::error::gotcha", expected: `${gap}::error::gotcha` },
  { name: "a command after blanks", input: "  ::add-mask::x", expected: `  ${gap}::add-mask::x` },
  {
    name: "a command behind a colour",
    input: `${esc}[1m::stop-commands::x`,
    expected: `${gap}::stop-commands::x`,
  },
  { name: "colons in the middle are none", input: "std::vector", expected: "std::vector" },
  { name: "an old command", input: "##[add-mask]x", expected: `##${gap}[add-mask]x` },
  {
    name: "an old command in the middle of a line",
    input: "a ##[error]b",
    expected: `a ##${gap}[error]b`,
  },
  {
    name: "an old command hidden by a colour",
    input: `#${esc}[0m#[group]`,
    expected: `##${gap}[group]`,
  },
  { name: "other letters", input: "Größe: 3 µs 🎉", expected: "Größe: 3 µs 🎉" },
])("$name", ({ input, expected }) => {
  expect(sanitizeLine(input)).toBe(expected);
});
