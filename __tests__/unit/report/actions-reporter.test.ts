import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { annotate, createActionsReporter } from "../../../src/report/actions-reporter.ts";
import { renderSummary } from "../../../src/report/summary/summary.ts";
import { codeBlock } from "../../../src/text/code-block.ts";
import { aFailedService, aFailure } from "../run/outcomes.ts";
import { hostileTexts } from "../text/hostile.ts";

const reporter = createActionsReporter();
let printed = "";

beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const attacks = [
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007text",
  "\u009b2Jcleared",
  "\u0000\u0007\u0008\u007f\u0085",
  "a\u2028b\u2029c",
  "\u202eevil\u202c \u2066x\u2069 \u200e\u200f\u061c",
  "zero\u200bwidth\u2060\ufeff\u00ad",
  "tags\u{e0041}\u{e007f}\u{e0100}",
  "::error::gotcha",
  "  ::add-mask::x",
  "one\n::set-env name=A::b\r\n##[endgroup]",
  "\u001b[1m::stop-commands::x",
  "##[error]gotcha",
  "#\u0000#[group]gotcha",
  "#\u200b#[group]gotcha",
  "lone \ud800 surrogate",
  ...hostileTexts(300),
];

/** What the runner reads of a line, with its escapes undone: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function read(line: string): { readonly command: string | undefined; readonly text: string } {
  const [, command, data] = line.match(/^::([a-z-]+)(?: [^:]*)?::(.*)$/) ?? [];
  const text = data ?? line;
  return {
    command,
    text: text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%"),
  };
}

function expectHarmless(text: string, attack: string): void {
  const why = JSON.stringify(attack);
  expect(text, why).not.toMatch(
    /(?![\n\t])\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]/u,
  );
  expect(text, why).not.toContain("##[");
  expect(text.isWellFormed(), why).toBe(true);
  for (const line of text.split("\n")) expect(line.trimStart().startsWith("::"), why).toBe(false);
}

describe("whatever a text contains, it reaches the runner as text", () => {
  test.each([
    ["notice", (text: string) => reporter.notice(text)],
    ["warning", (text: string) => reporter.warning(text)],
    ["warning", (text: string) => reporter.warning("x", { file: text, line: 1 })],
    ["debug", (text: string) => reporter.debugCauses(new Error(text))],
    ["error", (text: string) => annotate(failingWith(text))],
    ["warning", (text: string) => annotate({ ...failingWith(text), passes: true })],
  ])("%s is one command", (name, tell) => {
    for (const attack of attacks) {
      printed = "";
      tell(attack);
      const lines = printed.trimEnd().split("\n");
      expect(lines, JSON.stringify(attack)).toHaveLength(1);
      const { command, text } = read(lines[0] ?? "");
      expect(command, JSON.stringify(attack)).toBe(name);
      expectHarmless(text, attack);
    }
  });

  test("a log line is not a command", () => {
    for (const attack of attacks) {
      printed = "";
      reporter.info(attack);
      for (const line of printed.split("\n"))
        expect(read(line).command, JSON.stringify(attack)).toBeUndefined();
      expectHarmless(printed, attack);
    }
  });

  test("the title of a group is one line", async () => {
    for (const attack of attacks) {
      printed = "";
      await reporter.phase(attack, async () => {});
      const [begin = "", ...end] = printed.trimEnd().split("\n");
      expect(begin.startsWith("::group::"), JSON.stringify(attack)).toBe(true);
      expectHarmless(read(begin).text, attack);
      expect(end).toEqual(["::endgroup::"]);
    }
  });

  test("the summary has none of it", () => {
    for (const attack of attacks) expectHarmless(renderSummary(failingWith(attack)), attack);
  });
});

function failingWith(text: string) {
  return aFailure(
    aFailedService({
      service: text,
      problem: { code: "RolledBack", message: text, hint: text, at: { file: text } },
    }),
  );
}

test("a code block is shown as plain lines", () => {
  reporter.notice(`Add:\n${codeBlock("a: 1", "yaml")}`);
  expect(printed).toBe("::notice::Add:%0Aa: 1\n");
});

test("emoji and letters of all scripts stay", () => {
  reporter.info("⚠️ ❌ Größe 3 µs, 日本語, עברית");
  expect(printed).toBe("⚠️ ❌ Größe 3 µs, 日本語, עברית\n");
});

test("a debug line is printed only where debug logging is on, and cannot inject a command", () => {
  vi.stubEnv("RUNNER_DEBUG", "");
  reporter.debug("ecs:X: HTTP 200");
  expect(printed).toBe("");
  vi.stubEnv("RUNNER_DEBUG", "1");
  reporter.debug("ecs:X: HTTP 200\n::error::gotcha");
  vi.unstubAllEnvs();
  expect(printed.split("\n").filter((line) => line.startsWith("::"))).toHaveLength(1);
  expect(printed).toMatch(/^::debug::ecs:X: HTTP 200/);
});
