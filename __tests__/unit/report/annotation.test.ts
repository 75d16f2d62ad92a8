import { expect, test } from "vitest";
import { annotationText } from "../../../src/report/annotation.ts";
import type { Outcome } from "../../../src/run/outcome.ts";
import { aDiagnosis, anOutcome, aService } from "../run/outcomes.ts";

const problem = { code: "RolledBack", message: "It did not hold.", hint: "Correct it." } as const;
function outcome(members: Partial<Outcome> = {}): Outcome {
  return anOutcome({ services: [], errorsPage: "https://help.example", ...members });
}

function failedWith(...lines: readonly string[]): Outcome["services"] {
  const logTail = {
    container: "app",
    taskId: "t1",
    logGroup: "/ecs/api",
    logStream: "app/app/t1",
    lines,
  };
  return [aService({ diagnosis: aDiagnosis({ logTail }) })];
}

const help = "https://help.example#rolledback";

test("cause, hint, link", () => {
  expect(annotationText(outcome({ problem }))).toBe(
    "It did not hold.\nCorrect it.\nMore: https://help.example#rolledback",
  );
});

test("no annotation on success", () => {
  expect(annotationText(outcome())).toBe("");
});

test("without a hint there is no empty line", () => {
  expect(annotationText(outcome({ problem: { code: "Bug", message: "Oh." } }))).toBe(
    "Oh.\nMore: https://help.example#bug",
  );
});

test("the last ten log lines of a container precede the hint", () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
  const services = failedWith(...lines);
  const text = annotationText(outcome({ problem, services })).split("\n");
  expect(text[1]).toBe('Last log lines of container "app":');
  expect(text.slice(2, 12)).toEqual(lines.slice(-10).map((line) => `  ${line}`));
  expect(text[12]).toBe("Correct it.");
});

test("GitHub's 4096 characters: the log tail is dropped first; the summary has it as well", () => {
  const services = failedWith("x".repeat(5_000));
  expect(annotationText(outcome({ problem, services }))).toBe(
    `It did not hold.\nCorrect it.\nMore: ${help}`,
  );
});

test("GitHub's 4096 characters: the link to the help is kept", () => {
  const text = annotationText(outcome({ problem: { ...problem, message: "x".repeat(5_000) } }));
  expect(text).toHaveLength(4_096);
  expect(text.endsWith(`…\nMore: ${help}`)).toBe(true);
});
