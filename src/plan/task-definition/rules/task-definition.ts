// Everything that ECS is known to refuse in a task definition, PURE: one table, used by the
// preflight; tested row by row in __tests__/unit/plan/task-definition/rules.test.ts, where the
// simulator's own table has to agree; listed in docs/task-definition.md.

import { connectionRules } from "./connection-rules.ts";
import { containerRules } from "./container-rules.ts";
import { fargateRules, logAndRoleRules } from "./fargate-rules.ts";
import { networkRules } from "./network-rules.ts";
import type { Rule, TaskView } from "./rule.ts";
import { valueRules } from "./value-rules.ts";
import { variableRules } from "./variable-rules.ts";

export const taskDefinitionRules: readonly Rule<TaskView>[] = [
  ...containerRules,
  ...valueRules,
  ...variableRules,
  ...connectionRules,
  ...networkRules,
  ...logAndRoleRules,
  ...fargateRules,
];
