// The tables of docs/task-definition.md: what ECS is known to refuse, one row for each rule of src/plan/rules/.

import { compatibilityRules, updateRules } from "../../src/plan/service/update-rules.ts";
import type { Rule } from "../../src/plan/task-definition/rules/rule.ts";
import { taskDefinitionRules } from "../../src/plan/task-definition/rules/task-definition.ts";

export function ruleSections(): Readonly<Record<string, string>> {
  return {
    "rules-refused": table(taskDefinitionRules.filter(({ severity }) => severity !== "warn")),
    "rules-warned": table(taskDefinitionRules.filter(({ severity }) => severity === "warn")),
    "rules-update": table([...updateRules, ...compatibilityRules]),
  };
}

function table(rules: readonly Pick<Rule<never>, "id" | "remedy" | "source">[]): string {
  const rows = rules.map(
    ({ id, remedy: cure = "(the message says which values ECS takes)", source }) =>
      `| ${id.replaceAll("-", " ")} | ${cure.replaceAll("|", "\\|")} | [source](${source}) |`,
  );
  return `\n| Rule | What to do | |\n|---|---|---|\n${rows.join("\n")}\n`;
}
