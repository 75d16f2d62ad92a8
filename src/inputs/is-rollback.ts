// Whether a run is a rollback, PURE. In its own file because the post step and permissions use it
// without a plan.

import type { Inputs } from "./schema.ts";

export function isRollback({ rollback, to }: Pick<Inputs, "rollback" | "to">): boolean {
  return rollback || to !== undefined;
}
