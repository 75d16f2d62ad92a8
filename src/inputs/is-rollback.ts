// Whether a run goes back to an earlier revision, PURE. In a file of its own, for it is asked where no plan is made.

import type { Inputs } from "./schema.ts";

export function isRollback({ rollback, to }: Pick<Inputs, "rollback" | "to">): boolean {
  return rollback || to !== undefined;
}
