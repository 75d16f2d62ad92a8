import { expect, test } from "vitest";
import { InputProblem } from "../../../src/inputs/parsers.ts";
import { command } from "../../../src/inputs/task-parsers.ts";

test.each([
  ["alembic upgrade head", ["alembic", "upgrade", "head"]],
  ["  rails   db:migrate  ".trim(), ["rails", "db:migrate"]],
  ["./migrate", ["./migrate"]],
  [`sh -c 'first && second > "$OUT"'`, ["sh", "-c", 'first && second > "$OUT"']],
  [`echo "a  b" c\\ d e''f`, ["echo", "a  b", "c d", "ef"]],
  [`say "with \\"quotes\\" and \\$5"`, ["say", 'with "quotes" and $5']],
  [`x --name='it'"'"'s'`, ["x", "--name=it's"]],
  [`x ''`, ["x", ""]],
  ["rake db:seed[users]", ["rake", "db:seed[users]"]],
  ['["alembic", "upgrade", "head"]', ["alembic", "upgrade", "head"]],
  ["[alembic, upgrade, head]", ["alembic", "upgrade", "head"]],
  ["- sh\n- -c\n- first && second", ["sh", "-c", "first && second"]],
  ['["sh", "-c", "echo $HOME"]', ["sh", "-c", "echo $HOME"]],
])("%s", (given, words) => {
  expect(command(given)).toEqual(words);
});

test.each([
  ["migrate && seed", /no shell runs this, so & would not/],
  ["migrate; seed", /so ; would not/],
  ["migrate | tee log", /so \| would not/],
  ["migrate > log", /so > would not/],
  ["migrate $DATABASE_URL", /so \$ would not/],
  [`migrate "$DATABASE_URL"`, /so \$ would not/],
  ["migrate `date`", /so ` would not/],
  ["migrate\nseed", /expected one line, or a list.*first && second/],
  ["echo 'open", /a quote is opened and not closed/],
  ["echo \\", /a backslash stands at the end/],
  ["[]", /expected a command/],
  ['[""]', /expected a command/],
  ['["sleep", 5]', /number 2 of the list is none: put it in quotes/],
  ['["sleep"', /line 1/],
  [`x ${"y".repeat(9_000)}`, /longer than the 8000 characters/],
])("%s is refused", (given, says) => {
  expect(() => command(given)).toThrow(InputProblem);
  expect(() => command(given)).toThrow(says);
});
