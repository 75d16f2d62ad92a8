// Finds the plan in the output of `terraform plan`, PURE.

/**
 * All of these parts contain values, also the changes made outside of Terraform and the outputs.
 */
const planStart =
  /^((Terraform|OpenTofu) (used the selected providers|will perform the following|planned the following)|Note: Objects have changed outside of|Changes to Outputs:|No changes\.)/m;

/**
 * The hints about the plan file, after a separator line. If something has changed outside, such a
 * line also precedes the plan.
 */
const planEnd = /^─{10,}\s+(?:Saved the plan to|Note: You didn't use)/m;

/**
 * Prints live what comes before the plan (waiting for a lock, refreshing). The plan itself is
 * printed after its secrets are redacted.
 */
export function printUntilPlan(print: (line: string) => void): (line: string) => void {
  let over = false;
  return (line) => {
    over ||= planStart.test(line);
    if (!over && line.trim() !== "") print(line);
  };
}

/** Whether the output contains a plan. */
export function containsPlan(text: string): boolean {
  return planStart.test(text);
}

/** Without the refreshing before it and the hints after it. */
export function extractPlanText(stdout: string): string {
  const begin = stdout.search(planStart);
  const [text = ""] = stdout.slice(Math.max(0, begin)).split(planEnd);
  return text.trim();
}
